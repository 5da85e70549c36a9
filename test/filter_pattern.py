"""Matches records with the patterns of metric filters.

It knows the part of the syntax that this library uses: conditions on strings and on the existence
of a value, combined with "and". Example:
``{ ($.level = "ERROR") && ($.cause = "*") && ($.x NOT EXISTS) }``. Any other pattern is an error.
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
    """The pattern is invalid, or uses syntax that this module does not support."""


def matches(pattern: str, record: dict[str, Any]) -> bool:
    """Return whether a record matches a pattern.

    Args:
        pattern: The pattern of a metric filter.
        record: The parsed line.

    Raises:
        PatternError: If the pattern is not supported.
    """
    if not _PATTERN.fullmatch(pattern):
        raise PatternError(f"{pattern} is not a supported pattern")
    conditions = re.findall(rf'({_SELECTOR}) = "([^"]*)"', pattern, re.ASCII)
    absent = re.findall(rf"({_SELECTOR}) NOT EXISTS", pattern, re.ASCII)
    return all(_holds(selector, wanted, record) for selector, wanted in conditions) and not any(
        value_of(selector, record) is not None for selector in absent
    )


def value_of(selector: str, record: dict[str, Any]) -> Any:
    """Return the value at a selector such as ``$.durations.start``, or None if there is none."""
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
        raise PatternError(f"{wanted} has a wildcard next to text, which is not supported")
    if not isinstance(value, str | None):
        raise PatternError(f"{selector} is {value!r}, but the pattern compares it with a string")
    return value == wanted
