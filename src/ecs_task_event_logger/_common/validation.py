"""Checks of what a caller passes: in the caller's words, and before anything is deployed."""

from collections.abc import Mapping, Sequence
from enum import Enum, StrEnum
from keyword import iskeyword
from typing import Any

from aws_cdk import RemovalPolicy, Token


def checked_list(prop: str, values: Any, accepted: str) -> list[Any]:
    """Return the values of a prop as a list that is not empty.

    Args:
        prop: What the caller calls the values.
        values: What the caller gave.
        accepted: What the list may hold, in words, for the error's sake.

    Raises:
        TypeError: If it is no list: a single string, say.
        ValueError: If it is an empty one.
    """
    if isinstance(values, str) or not isinstance(values, Sequence):
        raise TypeError(
            f"{prop} must be a list, got {values!r}. Write {prop}=[…] with any of: {accepted}."
        )
    if not values:
        raise ValueError(f"{prop} is an empty list. List any of: {accepted}; or leave out {prop}.")
    return list(values)


def checked_names(prop: str, values: Any, accepted: str) -> list[Any]:
    """Return the names in a prop as a list: one by one, since each of them is to be read.

    Raises:
        TypeError: As ``checked_list`` does.
        ValueError: As ``checked_list`` does, or if it is a token for a whole list.
    """
    names = checked_list(prop, values, accepted)
    # CDK can be asked of nothing else.
    if all(isinstance(name, str) for name in names) and Token.is_unresolved(names):
        raise ValueError(
            f"{prop} is a token for a whole list, whose names are known at deployment only. "
            f"Write {prop}=[…] with names, each of which may be a token."
        )
    return names


def checked_members(prop: str, values: Any, enum: type[StrEnum]) -> list[str]:
    """Return the values of a prop as strings, each of them a member of the enum or a token."""
    values = checked_list(prop, values, ", ".join(enum))
    # CDK has some of these as enums of its own.
    members: list[str] = [each.value if isinstance(each, Enum) else each for each in values]
    unknown = [each for each in members if each not in list(enum)]
    are_texts = all(isinstance(each, str) for each in unknown)
    # What a token, or a list that is one, will be is known at deployment only.
    if unknown and are_texts and Token.is_unresolved(members):
        return members
    for each in unknown:
        if not (isinstance(each, str) and Token.is_unresolved(each)):
            raise ValueError(f"{prop} holds {each!r}, which is none of: {', '.join(enum)}.")
    return list(dict.fromkeys(map(str, members)))


def checked_member(prop: str, value: Any, enum: type[StrEnum]) -> str:
    """Return the value of a prop as a string: a member of the enum, or a token."""
    if not isinstance(value, str) or not (value in list(enum) or Token.is_unresolved(value)):
        raise ValueError(f"{prop} is {value!r}, which is none of: {', '.join(enum)}.")
    return str(value)


def check_enum(prop: str, value: Any, example: Enum) -> None:
    """Check that the value of a prop is None or a member of an enum of CDK's.

    Args:
        prop: What the caller calls the value.
        value: What the caller gave.
        example: A member of the enum, for the error's sake.

    Raises:
        TypeError: If it is something else: a string, say.
    """
    enum = type(example)
    if value is not None and not isinstance(value, enum):
        module = enum.__module__.rpartition("aws_")[2]
        if iskeyword(module):  # lambda
            module += "_"
        raise TypeError(
            f"{prop} must be a {module}.{enum.__name__}, got {value!r}. "
            f"Write {module}.{enum.__name__}.{example.name}, for example."
        )


def check_removal_policy(removal_policy: Any) -> None:
    """Check what is to become of log groups and queues.

    Raises:
        TypeError: If it is not what its type says.
        ValueError: If neither of them knows it.
    """
    check_enum("removal_policy", removal_policy, RemovalPolicy.DESTROY)
    if removal_policy is RemovalPolicy.SNAPSHOT:
        raise ValueError(
            "removal_policy is SNAPSHOT, which neither log groups nor queues know. Use DESTROY or "
            "RETAIN."
        )


def checked_number(
    prop: str, value: Any, least: int, most: int | None, accepted: str
) -> int | None:
    """Return the value of a prop that must be a whole number, or None as it is.

    Args:
        prop: What the caller calls the number.
        value: What the caller gave.
        least: The least that is accepted.
        most: The most that is accepted, or None for no limit.
        accepted: What is accepted, in words, for the error's sake.

    Raises:
        TypeError: If it is no whole number; a token for one, too.
        ValueError: If it is too small or too great.
    """
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        given = "a token" if Token.is_unresolved(value) else repr(value)
        raise TypeError(f"{prop} must be a whole number, got {given}. {accepted}")
    if value < least or (most is not None and value > most):
        raise ValueError(f"{prop} is {value}. {accepted}")
    return value


def checked_resource(prop: str, value: Any, attribute: str, accepted: str, instead: str) -> Any:
    """Return the attribute that a resource is known by, which its kind alone has.

    Resources that are imported are no instances of any class, so that is all there is to tell.

    Args:
        prop: What the caller calls the resource.
        value: What the caller gave.
        attribute: The name of the attribute.
        accepted: The type that is accepted, for the error's sake.
        instead: What to write instead, for the error's sake.

    Raises:
        TypeError: If it has no such attribute, or is a class.
    """
    known_by = None if isinstance(value, type) else getattr(value, attribute, None)
    if known_by is None:
        raise TypeError(f"{prop} must be {accepted}, got {value!r}. {instead}")
    return known_by


def given(props: Mapping[str, Any]) -> str:
    """Return the names of the props that are given, as a sentence has them."""
    return " and ".join(name for name, value in props.items() if value is not None)


def refuse_without_use(own: str, props: Mapping[str, Any]) -> None:
    """Refuse props for what is made here where all of that is the caller's own.

    Raises:
        ValueError: If one of the props is given.
    """
    if names := given(props):
        raise ValueError(
            f"{names} given together with {own}, and nothing else is made here that it would be "
            f"for. Leave out {names}, and set it where these are made."
        )
