"""What must never be logged: values of environments and commands, and credentials in texts.

Few lines need it, so this is imported when it is needed.
"""

import re
from json import dumps, loads

from .fields import masked

TYPE_CHECKING = False  # as in typing, which is not imported for its cost
if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any

MASK = "***"
TOO_DEEP = "*** nested too deep to be logged ***"
TOO_LONG = "*** too long a number to be logged ***"
_MAX_DEPTH = 60
# Python refuses to write longer integers.
_MAX_BITS = 10_000

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

_ENVIRONMENTS = ("environment", "environmentvariables", "env", "envs")
_COMMANDS = ("command", "cmd", "entrypoint", "args")

# What is in front of a credential. Everything is bounded: no text may take long to search.
_NAME = (
    r"(?:pass(?:word|wd|phrase|code)?|pwd|token|api[_-]?key|access[_-]?key(?:[_-]?id)?"
    r"|(?:secret|private|encryption|account|signing)[_-]?(?:access[_-]?)?key"
    r"|[\w-]{1,40}[_-]secret|secret[_-]?string|credentials?|(?<![a-z])sig(?:nature)?)"
)
# In quotes, which are escaped where the whole text is quoted: up to the same quote, or to the end
# of a text that is cut off before it. Backslashes of the value itself come in pairs, each escaped.
_END = r"(?:(?:(?P=escape)\\){2})*+(?P=escape)(?P=quote)"
_VALUE = (
    r"""(?:(?P<escape>\\*)(?P<quote>["'])"""
    rf"""(?:(?!(?P=quote))[^\\]|(?!{_END})\\+(?P=quote)?)*+(?:{_END}|(?=(?P=quote))|\Z)"""
    r"""|[^\s,;&"']+)"""
)
# What goes on to say what is wrong: "token: unexpected status" holds none.
_PROSE = (
    r"(?<=\s)(?:[\"']?https?:|(?:not|no|failed|unexpected|invalid|expired|unauthorized|missing|must"
    r"|exit|check|post|get|head|dial)\b)"
)
_CREDENTIALS = [
    (re.compile(pattern), mask)
    for pattern, mask in (
        # AWS access key IDs
        (r"(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])", MASK),
        # tokens of GitHub, GitLab, Slack and Stripe; JSON web tokens
        (
            r"\b(?:gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abprs]-[\w-]{10,}"
            r"|sk_(?:live|test)_\w{10,})",
            MASK,
        ),
        (r"(?:(?<![\w-])eyJ[\w-]{5,}+|(?<=-)eyJ[\w-]{5,200}+)\.[\w-]++\.[\w-]*", MASK),
        (r"-----BEGIN[^-]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END|$)", MASK),
        # scheme://user:password@host, scheme://token@host
        (r"(?<=://)[^\s:/@'\"]{0,200}:[^\s'\"]{1,200}@(?=[\w.\[-])", MASK + "@"),
        (r"(?<=://)[^\s/@'\"]{1,200}@", MASK + "@"),
        # Authorization: …
        (r"(?i)(authorization\\*[\"']?\s*[=:]\s*\\*[\"']?)[^\r\n\"']+", r"\1" + MASK),
        (r"(?i)\b(bearer\s+)(?!auth|token)[\w.~+/=-]{6,}", r"\1" + MASK),
        # password=…, "token": "…"
        (
            rf"(?i)({_NAME}(?:\\*[\"'])?\s*[=:]\s*\[?)(?!\*\*\*(?:\W|$)|arn:aws|{_PROSE}){_VALUE}",
            r"\1" + MASK,
        ),
        # secret=…, "secret": "…"; but not in an ARN
        (rf"(?i)(secret(?:\s*=\s*|\\*[\"']\s*[=:]\s*))(?!arn:aws){_VALUE}", r"\1" + MASK),
        # --token …, "--token", "…"
        (
            rf"(?i)(?<![\w-])(--?[\w-]{{0,60}}?(?:{_NAME}|secret)(?![\w-])"
            rf"(?:\\*[\"']\s*,\s*|\s+)){_VALUE}",
            r"\1" + MASK,
        ),
    )
]
_SECRET_KEY = re.compile(rf"(?:{_NAME}|secret|authorization)", re.IGNORECASE)
# How JSON begins that may hold a secret.
_JSON = ("{", "[", '"')
# What a text must not hold that may be JSON, but cannot be read: keys of what is masked.
_UNSAFE_KEY = re.compile(
    rf"""["'](?:{"|".join(_ENVIRONMENTS)}|(?:{"|".join(_COMMANDS)})\w*|\w*overrides?|value)"""
    r"""\\*["']\s*:\s*(?:\\*["']|[\[{])""",
    re.IGNORECASE,
)


def mask_credentials(text: str) -> str:
    """Return the text with everything that looks like a credential masked."""
    for pattern, mask in _CREDENTIALS:
        text = pattern.sub(mask, text)
    return text


def redact(value: "Any", unredacted: "Collection[str]" = ()) -> "Any":
    """Return a copy of any JSON value in which secrets are masked, wherever they stand.

    Args:
        value: The value: a whole event, a detail, or a part of it.
        unredacted: Names of environment variables whose values may pass.
    """
    return _Redaction(unredacted).of(value)


class _Redaction:
    """One run through a value."""

    def __init__(self, unredacted: "Collection[str]") -> None:
        """Hold the names of environment variables whose values may pass."""
        self._unredacted = unredacted

    def of(self, value: "Any", depth: int = 0, in_overrides: bool = False) -> "Any":
        if depth > _MAX_DEPTH:
            return TOO_DEEP
        if type(value) is dict:
            if _is_pair(value) and not in_overrides:
                return self._of_variable(value)
            return {
                key: self._of_member(key, item, depth + 1, in_overrides)
                for key, item in value.items()
            }
        if type(value) is list:
            return [self.of(item, depth + 1, in_overrides) for item in value]
        if in_overrides and value is not None:
            return MASK
        return self._of_text(value, depth) if type(value) is str else _scalar(value)

    def _of_text(self, text: str, depth: int) -> str:
        """Return a text, which may be JSON: events are sent in others as strings."""
        if text.lstrip("\ufeff \t\r\n")[:1] in _JSON:
            try:
                value = loads(text.lstrip("\ufeff"), object_pairs_hook=_without_duplicates)
                redacted = self.of(value, depth + 1)
            except (ValueError, RecursionError):
                pass
            else:
                return masked(text if redacted == value else dumps(redacted, ensure_ascii=False))
        return MASK if _UNSAFE_KEY.search(text) else masked(text)

    def _of_member(self, key: str, value: "Any", depth: int, in_overrides: bool) -> "Any":
        lowered = key.lower()
        if lowered in _ENVIRONMENTS:
            return self._of_environment(value)
        if lowered.startswith(_COMMANDS):
            return [MASK] * len(value) if type(value) is list else MASK
        if in_overrides and key in _HARMLESS_IN_OVERRIDES and type(value) in (str, int):
            return self.of(value, depth)
        if key in _HARMLESS_PAIRS and type(value) is list and not in_overrides:
            return [_harmless_pair(item) or self.of(item, depth + 1) for item in value]
        if type(value) is list and any(map(_is_pair, value)):
            # It is called otherwise, but it is built like an environment.
            return self._of_environment(value)
        if _SECRET_KEY.fullmatch(key) and value is not None:
            return MASK
        return self.of(value, depth, in_overrides or "override" in lowered)

    def _of_environment(self, value: "Any") -> "Any":
        """Return an environment with its names, and with the values of those that may pass."""
        if type(value) is list:
            return [self._of_variable(item) for item in value]
        if type(value) is dict:
            return {
                name: item if self._may_pass(name, item) else MASK for name, item in value.items()
            }
        return MASK

    def _of_variable(self, variable: "Any") -> "Any":
        if type(variable) is not dict:
            return MASK
        names = [item for key, item in variable.items() if key.lower() == "name"]
        if len(names) != 1 or type(names[0]) is not str:
            return dict.fromkeys(variable, MASK)
        return {
            key: item
            if key.lower() == "name" or (key == "value" and self._may_pass(names[0], item))
            else MASK
            for key, item in variable.items()
        }

    def _may_pass(self, name: str, value: "Any") -> bool:
        return name in self._unredacted and type(value) is str


def _without_duplicates(pairs: "list[tuple[str, Any]]") -> "dict[str, Any]":
    """Return a mapping of JSON, unless it would hide one value behind another of the same key."""
    value = dict(pairs)
    if len(value) < len(pairs):
        raise ValueError("duplicate keys")
    return value


def _scalar(value: "Any") -> "Any":
    if type(value) is float and value - value != 0:
        return str(value)  # No JSON has a number that is none.
    if type(value) is int and value.bit_length() > _MAX_BITS:
        return TOO_LONG
    return value


def _is_pair(value: "Any") -> bool:
    return type(value) is dict and {"name", "value"} <= {key.lower() for key in value}


def _harmless_pair(value: "Any") -> "Any":
    """Return a pair that ECS makes itself, if it is one."""
    if _is_pair(value) and all(type(item) is str for item in value.values()):
        return {key: masked(item) for key, item in value.items()}
    return None
