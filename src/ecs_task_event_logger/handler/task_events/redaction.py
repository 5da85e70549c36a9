"""Redact environment values, commands and credentials in any JSON value, by its structure.

Few lines need redaction, so `record` imports this module on demand.
"""

import re
from json import dumps, loads

from .fields import has_hint, masked
from .masking import MASK
from .secret_names import is_secret_name

TYPE_CHECKING = False  # like typing.TYPE_CHECKING, without its import cost
if TYPE_CHECKING:
    from collections.abc import Collection

    from .aliases import Json, Record

TOO_DEEP = "*** nested too deep to be logged ***"
TOO_LONG = "*** too long a number to be logged ***"
MAX_DEPTH = 60
# The most characters that are searched in one event: further texts are masked as a whole.
_MOST_SEARCHED = 65_536
# Python refuses to convert longer integers to text.
_MAX_BITS = 10_000

# The caller of RunTask may put anything into overrides. Only these keys are known to be harmless.
_HARMLESS_IN_OVERRIDES = (
    *("name", "type", "cpu", "memory", "memoryReservation", "sizeInGiB"),
    *("executionRoleArn", "taskRoleArn", "deviceName", "deviceType"),
)
# Files of variables, places of secrets, and how many GPUs a container gets.
_HARMLESS_VALUE = re.compile(r"arn:aws[\w-]*:[\w./:@+*-]+|\d{1,3}")

# Name-value pairs that ECS itself writes about network interfaces and container instances.
_HARMLESS_PAIRS = ("attributes", "details")

_ENVIRONMENTS = ("environment", "environmentvariables", "env", "envs", "envvars")
_COMMANDS = ("command", "cmd", "entrypoint", "args")
# The first characters of JSON that may hold a secret.
_JSON_STARTS = ("{", "[", '"')
_RANDOM = re.compile(r"(?=.*\d)(?=.*[A-Za-z])(?!\d{4}-\d\d)[\w+/=.-]{16,}")
# Keys of AWS that hold no secrets, but where they are.
_LOCATIONS = ("secrets", "secretOptions", "sessionId")
_ARN = re.compile(r"arn:aws[\w-]*:[\w./:@+*-]+")


def redact(value: "Json", unredacted: "Collection[str]" = ()) -> "Json":
    """Return a copy of any JSON value with the secrets masked at any depth.

    Args:
        value: A whole event, its detail, or a part of it.
        unredacted: Names of environment variables whose values stay readable.
    """
    return Redactor(unredacted).redact(value)


class Redactor:
    """A walk through a JSON value that masks secrets, and remembers the texts that it masked."""

    def __init__(self, unredacted: "Collection[str]") -> None:
        """Keep the names of environment variables whose values stay readable."""
        self._unredacted = unredacted
        self._searched = 0
        self.masked: list[tuple[str | None, str]] = []
        """The texts that were masked, each with the name of its variable, if it has one."""

    def redact(self, value: "Json", depth: int = 0, in_overrides: bool = False) -> "Json":
        """Return a copy of a value with the secrets in it masked."""
        if depth > MAX_DEPTH:
            return TOO_DEEP
        if type(value) is dict:
            if _is_pair(value) and not in_overrides:
                return self._redact_variable(value)
            if _is_secret_pair(value):
                return {
                    key: self._mask(None, item) if key.lower() == "value" else masked(str(item))
                    for key, item in value.items()
                }
            return {
                masked(key): self._redact_member(key, item, depth + 1, in_overrides)
                for key, item in value.items()
            }
        if type(value) is list:
            names = [None, *value]  # A secret may follow its option: ["--password", "…"].
            return [
                self._mask(None, item)
                if type(item) is str and _is_secret_option(before)
                else self.redact(item, depth + 1, in_overrides)
                for before, item in zip(names, value, strict=False)
            ]
        if type(value) is str:
            if in_overrides and not _HARMLESS_VALUE.fullmatch(value):
                return self._mask(None, value)
            return self._redact_text(value, depth)
        return MASK if in_overrides and value is not None else _scalar(value)

    def _redact_text(self, text: str, depth: int) -> str:
        """Redact a text, which may be JSON: some events carry another event as a string."""
        if text.lstrip("\ufeff \t\r\n")[:1] in _JSON_STARTS:
            try:
                value = loads(text.lstrip("\ufeff"), object_pairs_hook=_without_duplicates)
            except (ValueError, RecursionError):
                pass
            else:
                redacted = self.redact(value, depth + 1)
                return text if redacted == value else dumps(redacted, ensure_ascii=False)
        self._searched += len(text) if has_hint(text) else 0
        return masked(text) if self._searched <= _MOST_SEARCHED else MASK

    def _redact_member(self, key: str, value: "Json", depth: int, in_overrides: bool) -> "Json":
        lowered = key.lower()
        if lowered.endswith(_ENVIRONMENTS):
            return self._redact_environment(value)
        is_command = lowered.startswith(_COMMANDS) or lowered.endswith("command")
        if is_command and type(value) is not bool:
            return self._redact_command(value)
        if in_overrides and key in _HARMLESS_IN_OVERRIDES and type(value) in (str, int):
            return self.redact(value, depth)
        if key in _HARMLESS_PAIRS and type(value) is list and not in_overrides:
            return [_harmless_pair(item) or self.redact(item, depth + 1) for item in value]
        if type(value) is list and any(map(_is_pair, value)):
            # The key is unknown, but the value has the shape of an environment.
            return [
                item if _is_small_number(item) else self._redact_variable(item) for item in value
            ]
        if lowered.endswith("credentials") and type(value) is dict:
            return {name: self._redact_credential(name, item) for name, item in value.items()}
        is_secret = value is not None and key not in _LOCATIONS and is_secret_name(key)
        if is_secret and not _is_arn(value):
            return self._mask(key, value)
        return self.redact(value, depth, in_overrides or "override" in lowered)

    def _redact_credential(self, name: str, value: "Json") -> "Json":
        """Mask what looks random: the names of credentials do not always say that they are."""
        if type(value) is str and _RANDOM.fullmatch(value):
            return self._mask(name, value)
        return self._redact_member(name, value, 1, False)

    def _redact_command(self, value: "Json") -> "Json":
        if type(value) is list:
            return [self._mask(None, each) for each in value]
        return self._mask(None, value)

    def _redact_environment(self, value: "Json") -> "Json":
        """Mask the values of an environment, except for the variables that stay readable."""
        if type(value) is list:
            return [self._redact_variable(item) for item in value]
        if type(value) is dict:
            return {
                masked(name): item if self._stays_readable(name, item) else self._mask(name, item)
                for name, item in value.items()
            }
        return self._mask(None, value)

    def _redact_variable(self, variable: "Json") -> "Json":
        if type(variable) is not dict:
            return self._mask(None, variable)
        names = [item for key, item in variable.items() if key.lower() == "name"]
        name = names[0] if len(names) == 1 and type(names[0]) is str else None
        redacted = {}
        for key, item in variable.items():
            is_readable = key == "value" and name and self._stays_readable(name, item)
            is_name = name is not None and key.lower() == "name"
            redacted[key] = (
                item if is_readable else masked(item) if is_name else self._mask(name, item)
            )
        return redacted

    def _mask(self, name: str | None, value: "Json") -> str:
        """Return the mask of a value, and remember all texts in the value."""
        values = [value]
        while values:
            each = values.pop()
            if type(each) is str:
                self.masked.append((name, each))
            elif type(each) is dict:
                values += each.values()
            elif type(each) is list:
                values += each
        return MASK

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


def _is_small_number(pair: "Json") -> bool:
    """Return whether a pair that may be no variable holds a number, such as a port."""
    value = pair.get("value") if type(pair) is dict and len(pair) == 2 else None
    return type(value) is str and value.isdigit() and len(value) <= 5


def _is_arn(value: "Json") -> bool:
    return type(value) is str and bool(_ARN.fullmatch(value))


def _is_pair(value: "Json") -> bool:
    return type(value) is dict and {"name", "value"} <= {key.lower() for key in value}


def _is_secret_option(value: "Json") -> bool:
    return type(value) is str and value[:1] == "-" and is_secret_name(value.lstrip("-"))


def _is_secret_pair(value: "Record") -> bool:
    keys = {key.lower(): item for key, item in value.items()}
    return {"key", "value"} <= keys.keys() and is_secret_name(str(keys["key"]))


def _harmless_pair(value: "Json") -> "Json":
    """Return a name-value pair that holds only text, with credentials masked, else None."""
    is_text = _is_pair(value) and all(type(item) is str for item in value.values())
    if is_text and not is_secret_name(str(value.get("name"))):
        return {key: masked(item) for key, item in value.items()}
    return None
