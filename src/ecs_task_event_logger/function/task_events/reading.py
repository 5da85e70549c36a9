"""How events are read: what is of a type that may be logged, and what is not."""

TYPE_CHECKING = False  # as in typing, which is not imported for its cost
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

# Texts that somebody may have put a credential into.
_FREE_TEXTS = frozenset(("stoppedReason", "reason", "statusReason", "startedBy", "image"))
# What a text has that holds a credential. It is cheap to look for; redaction is not.
_HINTS = (
    "akia",
    "asia",
    "://",
    "auth",
    "bearer",
    "credential",
    "eyj",
    "gh",
    "github_pat",
    "glpat",
    "key",
    "pass",
    "pwd",
    "secret",
    "sig",
    "sk_",
    "token",
    "xox",
)


def copy(source: "dict[str, Any]", keys: "Iterable[str]", record: "dict[str, Any]") -> bool:
    """Copy what is there, and return whether all of it is of a type that may be logged."""
    understood = True
    for key in keys:
        value: Any = source.get(key)
        if value is None:
            continue
        kind = type(value)
        if kind is str:
            if value:
                record[key] = masked(value) if key in _FREE_TEXTS else value
        elif kind is bool or (kind is int and value.bit_length() < 64):
            record[key] = value
        elif kind is list and _are_texts(value):
            record[key] = [masked(item) for item in value]
        elif value:
            understood = False
    return understood


def masked(text: str) -> str:
    """Return a free text with everything that looks like a credential masked."""
    if not any(map(text.lower().__contains__, _HINTS)):
        return text
    from .redaction import mask_credentials

    return mask_credentials(text)


def resource(event: "dict[str, Any]") -> str:
    """Return the ARN of what the event is about."""
    resources = event.get("resources")
    first = resources[0] if type(resources) is list and resources else None
    return first if type(first) is str else ""


def name(arn: object) -> str:
    """Return the last part of an ARN: a cluster's name, a task's ID, ``family:revision``."""
    return arn.rpartition("/")[2] if type(arn) is str else ""


def _are_texts(values: "list[Any]") -> bool:
    return bool(values) and all(type(value) is str for value in values)
