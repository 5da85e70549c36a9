"""Event patterns: conditions on names with wildcards, alternatives and exclusions."""

import re
from collections.abc import Callable, Sequence
from typing import Any

import jsii
from aws_cdk import IAnyProducer, IResolveContext, Lazy, Token
from constructs import Construct

from .._common.references import holds_token
from .._common.resource_names import name_of, name_pattern_of
from .._common.validation import is_known, shown, validate_items

# Keys of an event's detail with the values that EventBridge may find there. All keys must match.
Condition = dict[str, list[Any]]

_NAME = re.compile(r"[\w*-]+", re.ASCII)
# A name in an ARN or a task's group, or with a revision.
_NAME_INSIDE = re.compile(r"(?:arn:.*/|service:|family:)?([\w-]+)(?::\d+)?", re.ASCII)

# Several * in one name make a pattern complex fast.
_MAX_WILDCARDS_IN_A_NAME = 2


def validate_name_patterns(scope: Construct, prop: str, values: Any, kind: str) -> list[str] | None:
    """Return the names in a prop, where ``*`` matches any text, or None.

    Args:
        scope: The construct with the prop. A warning on it names tokens of unknown value.
        prop: The prop's name.
        values: The caller's value: a list of names, or of constructs that have one.
        kind: The kind of construct: ``service``, ``cluster``, ``task definition`` or
            ``capacity provider``.
    """
    if values is None:
        return None
    items = validate_items(prop, values, "names, such as 'shop-*'")
    names = [
        _validate_name_pattern(prop, name_pattern_of(scope, prop, kind, item), kind)
        for item in items
    ]
    return list(dict.fromkeys(names))


def _validate_name_pattern(prop: str, name: Any, kind: str) -> str:
    if not isinstance(name, str):
        raise ValueError(
            f"{prop} holds {shown(name)}, which is not a {kind}. Write its name or the {kind} "
            "itself."
        )
    if not is_known(name):
        return name
    if not _NAME.fullmatch(name):
        instead = "Write letters, digits, hyphens and underscores, and * for any text."
        raise ValueError(
            f"{prop} holds {name!r}, which is not the name of a {kind}. "
            f"{_write_name_in(name) or instead}"
        )
    pattern = re.sub(r"\*+", "*", name)  # EventBridge refuses two wildcards in a row.
    if pattern.count("*") > _MAX_WILDCARDS_IN_A_NAME:
        raise ValueError(
            f"{prop} holds {name!r}, with more than {_MAX_WILDCARDS_IN_A_NAME} *. EventBridge may "
            "reject that as too complex. Use * at most twice in a name."
        )
    return pattern


def validate_name(scope: Construct, kind: str, value: Any) -> str:
    """Return the name of one service or cluster: the construct's, or the one that was given."""
    name = name_of(scope, kind, value)
    if not isinstance(name, str):
        raise TypeError(f"{kind} must be the {kind} or its name, got {shown(name)}.")
    if is_known(name) and (not _NAME.fullmatch(name) or "*" in name):
        instead = "Write letters, digits, hyphens and underscores, without *."
        raise ValueError(
            f"{kind} is {name!r}, which is not the name of one {kind}. "
            f"{_write_name_in(name) or instead}"
        )
    return name


def _write_name_in(text: str) -> str | None:
    """Return what to write instead of a text around a name, or None if it has none."""
    found = _NAME_INSIDE.fullmatch(text)
    return f"Write {found[1]!r}." if found and found[1] != text else None


def combine(*conditions: list[Condition]) -> dict[str, Any]:
    """Return a pattern that needs one alternative of each condition."""
    pattern: dict[str, Any] = {}
    for alternatives in conditions:
        if len(alternatives) == 1:
            pattern |= alternatives[0]
    choices = [alternatives for alternatives in conditions if len(alternatives) > 1]
    if len(choices) == 1:
        pattern["$or"] = choices[0]
    elif choices:
        first, *others = choices
        pattern["$or"] = [{**alternative, **combine(*others)} for alternative in first]
    return pattern


def any_of(before: str, names: Sequence[str], after: str = "") -> list[Any]:
    """Match ``before + name + after`` for any of the names; anything may follow ``after``."""
    return [
        _at_synthesis([name], lambda names: _matcher(before, names[0], after)) for name in names
    ]


def none_of(
    before: str, names: list[str] | None, included: list[str] | None, after: str = ""
) -> list[Any] | None:
    """Return the pattern's condition for excluded names, or None if there is none.

    EventBridge takes either included or excluded values for one key. If names are ``included``, the
    function applies the exclusion.
    """
    if not names or included:
        return None
    excluded = _at_synthesis(names, lambda names: _anything_but(before, names, after))
    return [excluded, {"exists": False}]


def _anything_but(before: str, names: list[str], after: str) -> dict[str, Any]:
    matchers = [_matcher(before, name, after) for name in names]
    excluded: Any
    if all(isinstance(matcher, str) for matcher in matchers):
        excluded = matchers
    elif all(isinstance(matcher, dict) and "prefix" in matcher for matcher in matchers):
        excluded = {"prefix": [matcher["prefix"] for matcher in matchers]}
    else:
        excluded = {"wildcard": [_as_wildcard(matcher) for matcher in matchers]}
    return {"anything-but": excluded}


def _matcher(before: str, name: str, after: str) -> Any:
    if "*" in before or "*" in name[:-1]:
        return {"wildcard": f"{before}{name}{after}*" if after else f"{before}{name}"}
    # A prefix is less complex to EventBridge than a wildcard.
    if name.endswith("*"):
        return {"prefix": f"{before}{name[:-1]}"}
    return {"prefix": f"{before}{name}{after}"} if after else f"{before}{name}"


def _as_wildcard(matcher: Any) -> Any:
    if isinstance(matcher, str):
        return matcher
    return matcher["wildcard"] if "wildcard" in matcher else f"{matcher['prefix']}*"


def _at_synthesis(names: Sequence[str], make: Callable[[list[str]], Any]) -> Any:
    """Return what ``make`` returns for the names; at synthesis if there are tokens among them."""
    if any(map(holds_token, names)):
        return Lazy.uncached_any(_WithNames(names, make))
    return make([*names])


@jsii.implements(IAnyProducer)
class _WithNames:
    """A part of a pattern whose form depends on names that are known at synthesis."""

    def __init__(self, names: Sequence[str], make: Callable[[list[str]], Any]) -> None:
        """Keep the names for synthesis."""
        self._names = names
        self._make = make

    def produce(self, context: IResolveContext) -> Any:
        """Return the part."""
        return self._make([_as_text(context.resolve(name)) for name in self._names])


def _as_text(value: Any) -> str:
    """Return a resolved name as a string, with tokens for what only CloudFormation knows."""
    if isinstance(value, str):
        return value
    separator, parts = value.get("Fn::Join", ("", [])) if isinstance(value, dict) else ("", [])
    if separator == "" and parts and isinstance(parts, list):
        return "".join(map(_as_text, parts))
    return Token.as_string(value)
