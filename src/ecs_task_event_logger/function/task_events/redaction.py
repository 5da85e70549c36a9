"""What must never be logged: values of environments and commands, and credentials in texts.

Few lines need it, so this is imported when it is needed.
"""

import re

from .reading import masked

TYPE_CHECKING = False  # as in typing, which is not imported for its cost
if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any

MASK = "***"
TOO_DEEP = "*** nested too deep to be logged ***"
_MAX_DEPTH = 60

# Overrides carry whatever the caller of RunTask put there. What is known to be harmless passes.
_HARMLESS_IN_OVERRIDES = frozenset(
    (
        "name",
        "type",
        "cpu",
        "memory",
        "memoryReservation",
        "sizeInGiB",
        "executionRoleArn",
        "taskRoleArn",
        "deviceName",
        "deviceType",
    )
)

# Lists of names and values that ECS makes itself, of network interfaces and container instances.
_HARMLESS_PAIRS = frozenset(("attributes", "details"))

_NAME = (
    r"(?:pass(?:word|wd|phrase)?|pwd|token|api[_-]?key|(?:secret[_-]?)?access[_-]?key(?:[_-]?id)?"
    r"|authorization|credentials?)"
)
_VALUE = r"""(?:\\?"[^"]*"|\\?'[^']*'|[^\s,;&"']+)"""
_CREDENTIALS = [
    (re.compile(pattern, re.IGNORECASE), mask)
    for pattern, mask in (
        # AWS access key IDs
        (r"\b(?:AKIA|ASIA)(?=[A-Z0-9]*\d)[A-Z0-9]{12,}\b", MASK),
        # scheme://user:password@host
        (r"(?<=://)[^\s/@'\"]+@", MASK + "@"),
        # Authorization: Bearer …, and what follows an authorization without saying its scheme
        (r"\b(bearer|(?<=[:=] )basic|(?<=[:=])basic)\s+[\w.~+/=-]{8,}", r"\1 " + MASK),
        # password=…, "token": "…"
        (
            rf"({_NAME}(?:\\?[\"'])?\s*[=:]\s*)(?!\*\*\*|bearer\b|basic\b|arn:){_VALUE}",
            r"\1" + MASK,
        ),
        # secret=…, "secret": "…"; but not in an ARN, nor where a text goes on to say what is wrong
        (rf"(secret(?:\s*=\s*|\\?[\"']\s*[=:]\s*))(?!arn:){_VALUE}", r"\1" + MASK),
        # --token …
        (rf"(--(?:[\w-]*-)?(?:{_NAME}|secret)\s+){_VALUE}", r"\1" + MASK),
    )
]


def mask_credentials(text: str) -> str:
    """Return the text with everything that looks like a credential masked."""
    for pattern, mask in _CREDENTIALS:
        text = pattern.sub(mask, text)
    return text


def redact(
    value: "Any", unredacted: "Collection[str]" = (), depth: int = 0, in_overrides: bool = False
) -> "Any":
    """Return a copy of any JSON value in which secrets are masked, wherever they stand.

    Args:
        value: The value: a whole event, a detail, or a part of it.
        unredacted: Names of environment variables whose values may pass.
        depth: How deep the value is nested.
        in_overrides: Whether the value is a part of ``overrides``, where only what is known to be
            harmless passes.
    """
    if depth > _MAX_DEPTH:
        return TOO_DEEP
    if type(value) is dict:
        return {
            key: _redact_member(key, item, unredacted, depth + 1, in_overrides)
            for key, item in value.items()
        }
    if type(value) is list:
        return [redact(item, unredacted, depth + 1, in_overrides) for item in value]
    if in_overrides and value is not None:
        return MASK
    return masked(value) if type(value) is str else value


def _redact_member(
    key: str, value: "Any", unredacted: "Collection[str]", depth: int, in_overrides: bool
) -> "Any":
    lowered = key.lower()
    if lowered == "environment":
        return _redact_environment(value, unredacted)
    if lowered == "command":
        return [MASK] * len(value) if type(value) is list else MASK
    if type(value) is list and key not in _HARMLESS_PAIRS and any(map(_is_pair, value)):
        # It is called otherwise, but it is built like an environment.
        return _redact_environment(value, unredacted)
    if in_overrides and key in _HARMLESS_IN_OVERRIDES and type(value) in (str, int):
        return masked(value) if type(value) is str else value
    return redact(value, unredacted, depth, in_overrides or lowered == "overrides")


def _redact_environment(value: "Any", unredacted: "Collection[str]") -> "Any":
    """Return an environment with its names, and with the values of those that may pass."""
    if type(value) is list:
        return [_redact_variable(item, unredacted) for item in value]
    if type(value) is dict:
        return {
            name: item if _may_pass(name, item, unredacted) else MASK
            for name, item in value.items()
        }
    return MASK


def _redact_variable(variable: "Any", unredacted: "Collection[str]") -> "Any":
    if type(variable) is not dict:
        return MASK
    name = variable.get("name")
    if type(name) is not str:
        return dict.fromkeys(variable, MASK)
    return {
        key: item
        if key == "name" or (key == "value" and _may_pass(name, item, unredacted))
        else MASK
        for key, item in variable.items()
    }


def _is_pair(value: "Any") -> bool:
    return type(value) is dict and "name" in value and "value" in value


def _may_pass(name: str, value: "Any", unredacted: "Collection[str]") -> bool:
    return name in unredacted and type(value) is str
