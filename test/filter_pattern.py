"""Matches records with the patterns of metric filters: as much of the language as ours speak.

That is conditions on strings, and on whether there is a value at all, all of which must hold:
``{ ($.level = "ERROR") && ($.cause = "*") && ($.x NOT EXISTS) }``. Whatever else there is is
refused.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
"""

import re
from typing import Any

_SELECTOR = r"\$(?:\.[\w-]+)+"
_CONDITION = rf'{_SELECTOR} (?:= "[^"\\]*"|NOT EXISTS)'
_PATTERN = re.compile(
    rf"\{{ (?:{_CONDITION}|\({_CONDITION}\)(?: && \({_CONDITION}\))*) \}}", re.ASCII
)


class PatternError(ValueError):
    """The pattern is wrong, or says what is not known here."""


def matches(pattern: str, record: dict[str, Any]) -> bool:
    """Return whether a line matches a pattern.

    Args:
        pattern: The pattern of a metric filter.
        record: The line, parsed.

    Raises:
        PatternError: If something in the pattern is not known here.
    """
    if not _PATTERN.fullmatch(pattern):
        raise PatternError(f"not known: {pattern}")
    conditions = re.findall(rf'({_SELECTOR}) = "([^"]*)"', pattern, re.ASCII)
    absent = re.findall(rf"({_SELECTOR}) NOT EXISTS", pattern, re.ASCII)
    return all(_holds(selector, wanted, record) for selector, wanted in conditions) and not any(
        value_of(selector, record) is not None for selector in absent
    )


def value_of(selector: str, record: dict[str, Any]) -> Any:
    """Return what a selector such as ``$.durations.start`` selects; None if there is nothing."""
    value: Any = record
    for key in selector.removeprefix("$.").split("."):
        value = value.get(key) if isinstance(value, dict) else None
    # "If a property selector points to an array or object, the metric filter won't match the log
    # format."
    return None if isinstance(value, dict | list) else value


def _holds(selector: str, wanted: str, record: dict[str, Any]) -> bool:
    value = value_of(selector, record)
    if wanted == "*":
        return value is not None
    if "*" in wanted:
        raise PatternError(f"{wanted} has a wildcard for a part of a value")
    if not isinstance(value, str | None):
        raise PatternError(f"{selector} is {value!r}, which is compared with a string")
    return value == wanted
