"""EventBridge's words: how a pattern says names with wildcards, alternatives and exceptions."""

import re
from typing import Any

from aws_cdk import Token

from .._common.validation import checked_names

# Keys of an event's detail, and what EventBridge is to find there: all of it must hold.
Condition = dict[str, list[Any]]

_NAME = re.compile(r"[\w*-]+", re.ASCII)

# EventBridge refuses rules that it finds too complex, and publishes no number; what is known to
# have been refused had more wildcards than this.
_MAX_WILDCARDS = 8


def checked_patterns(prop: str, values: Any) -> list[str] | None:
    """Return names of services or task families, in which ``*`` stands for anything."""
    if values is None:
        return None
    names = checked_names(prop, values, "names, such as service.service_name or 'shop-*'")
    for name in names:
        if not isinstance(name, str) or not (Token.is_unresolved(name) or _NAME.fullmatch(name)):
            raise ValueError(
                f"{prop} holds {name!r}, which is no name: letters, digits, hyphens, underscores, "
                "and * for anything. Not an ARN, no revision, and of a construct its service_name, "
                "family or cluster_name."
            )
    # EventBridge refuses one wildcard after another.
    names = list(dict.fromkeys(re.sub(r"\*+", "*", name) for name in names))
    if sum("*" in name[:-1] for name in names) > _MAX_WILDCARDS:
        raise ValueError(
            f"{prop} holds more than {_MAX_WILDCARDS} names with * elsewhere than at their end, "
            "which EventBridge finds too complex. Use * at the end, or make two loggers."
        )
    return names


def check_few(prop: str, names: list[str] | None) -> None:
    """Check that names are not too many, each of which takes a wildcard.

    Raises:
        ValueError: If they are.
    """
    if len(names or ()) > _MAX_WILDCARDS:
        raise ValueError(
            f"{prop} holds more than {_MAX_WILDCARDS} names. On a central bus each of them takes a "
            "wildcard, and EventBridge finds more too complex. Use * in names, make two loggers, "
            "or filter where the events are forwarded."
        )


def check_name(what: str, name: Any) -> None:
    """Check the name of one service or cluster.

    Args:
        what: Which of them it is.
        name: The name.

    Raises:
        TypeError: If it is no string.
        ValueError: If it is no name, or holds ``*``.
    """
    if not isinstance(name, str):
        raise TypeError(f"{what} must be a name, as a string, got {name!r}.")
    if not Token.is_unresolved(name) and (not _NAME.fullmatch(name) or "*" in name):
        raise ValueError(
            f"{what} is {name!r}, which is no name of one {what}: letters, digits, hyphens and "
            "underscores. Not an ARN, and no * for anything."
        )


def combined(*conditions: list[Condition]) -> dict[str, Any]:
    """Return the pattern that one alternative of each condition must hold."""
    pattern: dict[str, Any] = {}
    for alternatives in conditions:
        if len(alternatives) == 1:
            pattern |= alternatives[0]
    open_ones = [alternatives for alternatives in conditions if len(alternatives) > 1]
    if len(open_ones) == 1:
        pattern["$or"] = open_ones[0]
    elif open_ones:
        first, *others = open_ones
        pattern["$or"] = [{**alternative, **combined(*others)} for alternative in first]
    return pattern


def any_of(before: str, names: list[str], after: str = "") -> list[Any]:
    """Return what a field may be: a name between two texts, of which the second may go on."""
    return [_matcher(before, name, after) for name in names]


def _matcher(before: str, name: str, after: str) -> Any:
    if "*" in before or "*" in name[:-1]:
        return {"wildcard": f"{before}{name}{after}*" if after else f"{before}{name}"}
    # A prefix costs EventBridge less than a wildcard.
    if name.endswith("*"):
        return {"prefix": f"{before}{name[:-1]}"}
    return {"prefix": f"{before}{name}{after}"} if after else f"{before}{name}"


def none_of(
    before: str, names: list[str] | None, included: list[str] | None, after: str = ""
) -> list[Any] | None:
    """Return what a field must not be, unless it is already asked for what it must be."""
    if not names or included:
        return None
    matchers = any_of(before, names, after)
    unwanted: Any
    if all(isinstance(matcher, str) for matcher in matchers):
        unwanted = matchers
    elif all(isinstance(matcher, dict) and "prefix" in matcher for matcher in matchers):
        unwanted = {"prefix": [matcher["prefix"] for matcher in matchers]}
    else:
        unwanted = {"wildcard": [_as_wildcard(matcher) for matcher in matchers]}
    return [{"anything-but": unwanted}, {"exists": False}]


def _as_wildcard(matcher: Any) -> Any:
    if isinstance(matcher, str):
        return matcher
    return matcher["wildcard"] if "wildcard" in matcher else f"{matcher['prefix']}*"
