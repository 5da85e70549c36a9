"""Matches records with the patterns of metric filters.

It knows the part of the syntax that this library uses: conditions on strings, on Booleans and on
the existence of a value, combined with "and" or "or" in parentheses. Example:
``{ ($.level = "ERROR") && (($.cause = "*") || ($.x IS TRUE)) }``. Any other pattern is an error.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
"""

import re
from typing import Any

_CONDITION = re.compile(
    r"(?P<selector>\$(?:\.[\w-]+)+) "
    r'(?:(?P<operator>!?=) "(?P<text>[^"\\]*)"|(?P<word>NOT EXISTS|IS TRUE|IS FALSE))',
    re.ASCII,
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
    if not (pattern.startswith("{ ") and pattern.endswith(" }")):
        raise PatternError(f"{pattern} is not a supported pattern")
    return _matches(pattern[2:-2], record)


def _matches(expression: str, record: dict[str, Any]) -> bool:
    condition = _CONDITION.fullmatch(expression)
    if condition:
        return _holds(condition, record)
    parts, operators = _split(expression)
    results = [_matches(part, record) for part in parts]
    return any(results) if operators == {"||"} else all(results)


def _split(expression: str) -> tuple[list[str], set[str]]:
    """Return what stands in the outermost parentheses, and the operators between them."""
    depth, parts, between = 0, [""], [""]
    for character in expression:
        depth -= character == ")"
        if depth:
            parts[-1] += character
        elif character == ")":
            parts.append("")
            between.append("")
        elif character != "(":
            between[-1] += character
        depth += character == "("
    operators = {each.strip() for each in between[1:-1]}
    is_known = len(operators) <= 1 and operators <= {"&&", "||"}
    if depth or between[0] or between[-1] or not is_known or len(parts) < 2:
        raise PatternError(f"{expression} is not a supported expression")
    return parts[:-1], operators


def value_of(selector: str, record: dict[str, Any]) -> Any:
    """Return the value at a selector such as ``$.durations.start``, or None if there is none."""
    value: Any = record
    for key in selector.removeprefix("$.").split("."):
        value = value.get(key) if isinstance(value, dict) else None
    # "If a property selector points to an array or object, the metric filter won't match the log
    # format."
    return None if isinstance(value, dict | list) else value


def _holds(condition: re.Match[str], record: dict[str, Any]) -> bool:
    selector, wanted, word = condition.group("selector", "text", "word")
    value = value_of(selector, record)
    if word == "NOT EXISTS":
        return value is None
    if word:
        return value is (word == "IS TRUE")
    if wanted == "*":
        return value is not None
    if "*" in wanted:
        raise PatternError(f"{wanted} has a wildcard next to text, which is not supported")
    if not isinstance(value, str | None):
        raise PatternError(f"{selector} is {value!r}, but the pattern compares it with a string")
    # It is not documented whether a missing value differs from a text, so that is never asked.
    is_equal = value == wanted
    return is_equal if condition["operator"] == "=" else value is not None and not is_equal
