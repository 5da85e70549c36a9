"""Validation of props at synthesis: errors say what was given, and what to write instead.

``prop`` is the prop's name, ``value`` or ``values`` what the caller wrote. ``accepted`` and
``instead`` become part of the error. A value of the wrong type raises a ``TypeError``, a value that
is not accepted a ``ValueError``.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from enum import Enum, StrEnum
from keyword import iskeyword
from typing import Any

from aws_cdk import Duration, RemovalPolicy, Token
from constructs import Node


def shown(value: Any) -> str:
    """Return a value as errors show it: a construct by its path, and no token or address."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(shown, value))}]"
    node = getattr(value, "node", None)
    if isinstance(node, Node):
        return f"the construct {node.path or 'App'}"
    text = repr(value)
    if isinstance(value, str | int | float):
        return "a token" if _is_token(value) else text
    is_cdk_object = type(value).__module__.startswith("aws_cdk") and not isinstance(value, Enum)
    is_unreadable = is_cdk_object or " at 0x" in text or "{Token[" in text
    name = type(value).__name__
    return f"{'an' if name[0] in 'AEIOU' else 'a'} {name}" if is_unreadable else text


def _is_token(value: str | int | float) -> bool:
    # CDK itself does not recognize an item of a list that is one token.
    return "{Token[" in str(value) or Token.is_unresolved(value)


def is_known(text: str) -> bool:
    """Return whether a text is known: no token, and not CDK's placeholder before a look-up."""
    return not (Token.is_unresolved(text) or text.startswith("dummy-value-for-"))


def validate_list(prop: str, values: Any, accepted: str) -> list[Any]:
    """Return the values of a prop as a list."""
    if isinstance(values, str) or not isinstance(values, Sequence):
        raise TypeError(
            f"{prop} must be a list, got {shown(values)}. Write {prop}=[…] with {accepted}."
        )
    if not values:
        raise ValueError(f"{prop} is an empty list. Leave out {prop}, or list {accepted}.")
    return list(values)


def validate_items(prop: str, values: Any, accepted: str) -> list[Any]:
    """Return the values of a prop as a list whose items are known."""
    items = validate_list(prop, values, accepted)
    # CDK can only tell this of a list of strings.
    if all(isinstance(item, str) for item in items) and Token.is_unresolved(items):
        raise ValueError(
            f"{prop} is one token for a whole list, so its items are unknown at synthesis. "
            f"Write {prop}=[…] with the items; each item may be a token."
        )
    return items


def validate_members(prop: str, values: Any, enum: type[StrEnum]) -> list[str]:
    """Return the values of a prop as strings. Each is a member of the enum or a token.

    Members of CDK's own enums with the same values are accepted too.
    """
    values = validate_list(prop, values, f"any of: {', '.join(enum)}")
    members: list[str] = [each.value if isinstance(each, Enum) else each for each in values]
    unknown = [each for each in members if each not in list(enum)]
    are_texts = all(isinstance(each, str) for each in unknown)
    if unknown and are_texts and Token.is_unresolved(members):
        return members
    for each in unknown:
        if not (isinstance(each, str) and Token.is_unresolved(each)):
            raise ValueError(f"{prop} holds {shown(each)}, which is {_none_of(enum, each)}")
    return list(dict.fromkeys(map(str, members)))


def refuse_tokens(prop: str, members: Sequence[str], enum: type[StrEnum]) -> None:
    """Refuse tokens where the members decide what is created."""
    if not set(enum).issuperset(members):
        raise ValueError(
            f"{prop} holds a token, but the rules are created at synthesis. Use any of: "
            f"{', '.join(enum)}."
        )


def validate_member(prop: str, value: Any, enum: type[StrEnum]) -> str:
    """Return the value of a prop as a string: a member of the enum, or a token."""
    if not isinstance(value, str) or not (value in list(enum) or Token.is_unresolved(value)):
        raise ValueError(f"{prop} is {shown(value)}, which is {_none_of(enum, value)}")
    return str(value)


def _none_of(enum: type[StrEnum], value: Any) -> str:
    """Return the members of an enum, and those that were probably meant."""
    return f"none of: {', '.join(enum)}.{suggestion(enum, value)}"


def suggestion(accepted: Iterable[str], value: Any) -> str:
    """Return the question whether some of the accepted values were meant, or an empty text."""
    names = {each.lower(): each for each in accepted}
    written = re.sub(r"[\s-]+", "_", str(value)).lower()
    longer = [name for name in names if written and name.startswith(written)]
    meant = (
        longer
        or get_close_matches(written, names, n=1, cutoff=0.8)
        or _of_the_same_kind(names, written)
        or get_close_matches(written, names, n=1)
    )
    return f" Did you mean {' or '.join(names[each] for each in meant)}?" if meant else ""


def _of_the_same_kind(names: Iterable[str], written: str) -> list[str]:
    """Return the only name with the same last word: ``destination_bus`` for ``event_bus``."""
    _, _, word = written.rpartition("_")
    alike = [name for name in names if name.endswith(f"_{word}")]
    return alike if len(alike) == 1 else []


def validate_cdk_enum(prop: str, value: Any, example: Enum) -> None:
    """Check that the value of a prop is None or a member of one of CDK's enums."""
    enum = type(example)
    if value is not None and not isinstance(value, enum):
        module = enum.__module__.rpartition("aws_")[2]
        if iskeyword(module):  # lambda
            module += "_"
        member = name_meant([each.name for each in enum], value) or example.name
        raise TypeError(
            f"{prop} must be a {module}.{enum.__name__}, got {shown(value)}. "
            f"Write {module}.{enum.__name__}.{member}, for example."
        )


def name_meant(names: Iterable[str], value: Any) -> str | None:
    """Return the name that a text means: ``PYTHON_3_14`` for ``python3.14``."""
    known = {_letters_and_digits(each): each for each in names}
    return known.get(_letters_and_digits(str(value)))


def _letters_and_digits(text: str) -> str:
    return "".join(filter(str.isalnum, text)).lower()


def validate_bool(prop: str, value: Any) -> None:
    """Check that the value of a prop is True or False."""
    if not isinstance(value, bool):
        raise TypeError(f"{prop} must be True or False, got {shown(value)}.")


def validate_removal_policy(removal_policy: Any) -> None:
    """Check the removal policy of log groups and queues."""
    validate_cdk_enum("removal_policy", removal_policy, RemovalPolicy.DESTROY)
    if removal_policy is RemovalPolicy.SNAPSHOT:
        raise ValueError(
            "removal_policy is SNAPSHOT, which log groups and queues do not support. Use DESTROY "
            "or RETAIN."
        )


def validate_integer(
    prop: str, value: Any, minimum: int, maximum: int | None, accepted: str
) -> int | None:
    """Return the value of a prop that is a whole number, or None."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{prop} must be a whole number, got {shown(value)}. {accepted}")
    if value < minimum or (maximum is not None and value > maximum):
        raise ValueError(f"{prop} is {value}. {accepted}")
    return value


def validate_seconds(
    prop: str, value: Any, minimum: int, maximum: int, accepted: str
) -> int | None:
    """Return the whole seconds of a prop that is a duration, or None."""
    if value is None:
        return None
    if not isinstance(value, Duration):
        given = re.fullmatch(r"(\d+)(?: ?s(?:ec(?:onds?)?)?)?", str(value))
        raise TypeError(
            f"{prop} must be a Duration, got {shown(value)}. Write "
            f"Duration.seconds({given[1] if given else maximum}), for example."
        )
    seconds = None if value.is_unresolved() else value.to_seconds(integral=False)
    if seconds is None or not minimum <= seconds <= maximum:
        shown_seconds = "a token" if seconds is None else f"{seconds:g} seconds"
        raise ValueError(f"{prop} is {shown_seconds}. {accepted}")
    if seconds % 1:
        raise ValueError(f"{prop} is {seconds:g} seconds. Write whole seconds.")
    return int(seconds)


def validate_resource(prop: str, value: Any, attribute: str, accepted: str, instead: str) -> Any:
    """Return the attribute that only the accepted kind of resource has.

    Imported resources are instances of no class, so an attribute has to tell their kind.
    """
    found = None if isinstance(value, type) else getattr(value, attribute, None)
    if found is None:
        raise TypeError(f"{prop} must be {accepted}, got {shown(value)}. {instead}")
    return found


def import_line(method: str, value: Any, before_name: str = "") -> str:
    """Return the line to write for an existing resource whose name, ID or ARN was given.

    Args:
        method: CDK's method, such as ``sqs.Queue.from_queue_arn``.
        value: What was given instead of the resource.
        before_name: The part of an ARN before the name, if the method takes an ARN. By default it
            takes what was given.
    """
    if not isinstance(value, str) or _is_token(value):
        argument = "…"
    elif before_name and not value.startswith("arn:"):
        argument = f"f'arn:{{self.partition}}:{before_name}{value}'"
    else:
        argument = repr(value)
    kind = method.split(".")[1]
    return f"For an existing {kind} write {method}(self, '{kind}', {argument})."


def given_names(props: Mapping[str, Any]) -> str:
    """Return the names of the props that have a value, such as ``causes and stop_codes``."""
    return " and ".join(name for name, value in props.items() if value is not None)


def refuse_unused(creator: str, own: str, props: Mapping[str, Any]) -> None:
    """Refuse props that configure resources which the caller brings along."""
    if names := given_names(props):
        raise ValueError(
            f"{names} cannot be used with {own}: these settings are for resources that the "
            f"{creator} creates. Leave out {names}, and configure your own resources instead."
        )
