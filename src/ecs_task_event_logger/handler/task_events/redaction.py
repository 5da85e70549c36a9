"""Redact environment values, commands and credentials in any JSON value.

Few lines need redaction, so `record` imports this module on demand.
"""

import re
from json import dumps, loads

from .credentials import MASK, NAME
from .fields import masked

TYPE_CHECKING = False  # like typing.TYPE_CHECKING, without its import cost
if TYPE_CHECKING:
    from collections.abc import Collection

    from .aliases import Json, Record

TOO_DEEP = "*** nested too deep to be logged ***"
TOO_LONG = "*** too long a number to be logged ***"
_MAX_DEPTH = 60
# Python refuses to convert longer integers to text.
_MAX_BITS = 10_000

# The caller of RunTask may put anything into overrides. Only these keys are known to be harmless.
_HARMLESS_IN_OVERRIDES = (
    *("name", "type", "cpu", "memory", "memoryReservation", "sizeInGiB"),
    *("executionRoleArn", "taskRoleArn", "deviceName", "deviceType"),
)

# Name-value pairs that ECS itself writes about network interfaces and container instances.
_HARMLESS_PAIRS = ("attributes", "details")

_ENVIRONMENTS = ("environment", "environmentvariables", "env", "envs")
_COMMANDS = ("command", "cmd", "entrypoint", "args")

_SECRET_KEY = re.compile(rf"(?:{NAME}|secret|authorization)", re.IGNORECASE)
# The first characters of JSON that may hold a secret.
_JSON_STARTS = ("{", "[", '"')
# Keys of masked values. Text that looks like JSON but cannot be parsed must not hold any of them.
_UNSAFE_KEY = re.compile(
    rf"""["'](?:{"|".join(_ENVIRONMENTS)}|(?:{"|".join(_COMMANDS)})\w*|\w*overrides?|value)"""
    r"""\\*["']\s*:\s*(?:\\*["']|[\[{])""",
    re.IGNORECASE,
)


def redact(value: "Json", unredacted: "Collection[str]" = ()) -> "Json":
    """Return a copy of any JSON value with the secrets masked at any depth.

    Args:
        value: A whole event, its detail, or a part of it.
        unredacted: Names of environment variables whose values stay readable.
    """
    return _Redactor(unredacted).redact(value)


class _Redactor:
    """A walk through a JSON value that masks secrets."""

    def __init__(self, unredacted: "Collection[str]") -> None:
        """Keep the names of environment variables whose values stay readable."""
        self._unredacted = unredacted

    def redact(self, value: "Json", depth: int = 0, in_overrides: bool = False) -> "Json":
        if depth > _MAX_DEPTH:
            return TOO_DEEP
        if type(value) is dict:
            if _is_pair(value) and not in_overrides:
                return self._redact_variable(value)
            return {
                key: self._redact_member(key, item, depth + 1, in_overrides)
                for key, item in value.items()
            }
        if type(value) is list:
            return [self.redact(item, depth + 1, in_overrides) for item in value]
        if in_overrides and value is not None:
            return MASK
        return self._redact_text(value, depth) if type(value) is str else _scalar(value)

    def _redact_text(self, text: str, depth: int) -> str:
        """Redact a text. It may be JSON: some events carry another event as a string."""
        if text.lstrip("\ufeff \t\r\n")[:1] in _JSON_STARTS:
            try:
                value = loads(text.lstrip("\ufeff"), object_pairs_hook=_without_duplicates)
                redacted = self.redact(value, depth + 1)
            except (ValueError, RecursionError):
                pass
            else:
                return masked(text if redacted == value else dumps(redacted, ensure_ascii=False))
        return MASK if _UNSAFE_KEY.search(text) else masked(text)

    def _redact_member(self, key: str, value: "Json", depth: int, in_overrides: bool) -> "Json":
        lowered = key.lower()
        if lowered in _ENVIRONMENTS:
            return self._redact_environment(value)
        if lowered.startswith(_COMMANDS):
            return [MASK] * len(value) if type(value) is list else MASK
        if in_overrides and key in _HARMLESS_IN_OVERRIDES and type(value) in (str, int):
            return self.redact(value, depth)
        if key in _HARMLESS_PAIRS and type(value) is list and not in_overrides:
            return [_harmless_pair(item) or self.redact(item, depth + 1) for item in value]
        if type(value) is list and any(map(_is_pair, value)):
            # The key is unknown, but the value has the shape of an environment.
            return self._redact_environment(value)
        if _SECRET_KEY.fullmatch(key) and value is not None:
            return MASK
        return self.redact(value, depth, in_overrides or "override" in lowered)

    def _redact_environment(self, value: "Json") -> "Json":
        """Mask the values of an environment, except for the variables that stay readable."""
        if type(value) is list:
            return [self._redact_variable(item) for item in value]
        if type(value) is dict:
            return {
                name: item if self._stays_readable(name, item) else MASK
                for name, item in value.items()
            }
        return MASK

    def _redact_variable(self, variable: "Json") -> "Json":
        if type(variable) is not dict:
            return MASK
        names = [item for key, item in variable.items() if key.lower() == "name"]
        if len(names) != 1 or type(names[0]) is not str:
            return dict.fromkeys(variable, MASK)
        return {
            key: item
            if key.lower() == "name" or (key == "value" and self._stays_readable(names[0], item))
            else MASK
            for key, item in variable.items()
        }

    def _stays_readable(self, name: str, value: "Json") -> bool:
        return name in self._unredacted and type(value) is str


def _without_duplicates(pairs: "list[tuple[str, Json]]") -> "Record":
    """Return a JSON object as a dict, or raise ValueError if two members have the same key."""
    value = dict(pairs)
    if len(value) < len(pairs):
        raise ValueError("duplicate keys")
    return value


def _scalar(value: "Json") -> "Json":
    if type(value) is float and value - value != 0:
        return str(value)  # JSON has neither NaN nor infinity.
    if type(value) is int and value.bit_length() > _MAX_BITS:
        return TOO_LONG
    return value


def _is_pair(value: "Json") -> bool:
    return type(value) is dict and {"name", "value"} <= {key.lower() for key in value}


def _harmless_pair(value: "Json") -> "Json":
    """Return a name-value pair that holds only text, with credentials masked, else None."""
    if _is_pair(value) and all(type(item) is str for item in value.values()):
        return {key: masked(item) for key, item in value.items()}
    return None
