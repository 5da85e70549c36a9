"""How events are read: what is of a type that may be logged, and what is not."""

TYPE_CHECKING = False  # as in typing, which is not imported for its cost
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

# A text that somebody may have put a credential into.
_FREE_TEXT = "free text"
# The type of what is copied, where it is no plain text.
_TYPES: "dict[str, object]" = {
    **dict.fromkeys(("stoppedReason", "reason", "statusReason", "startedBy", "image"), _FREE_TEXT),
    "version": int,
    "exitCode": int,
    "desiredCount": int,
    "containerPort": int,
    "runningTasksCount": int,
    "pendingTasksCount": int,
    "agentConnected": bool,
    "capacityProviderArns": list,
    "containerInstanceArns": list,
    "ec2InstanceIds": list,
    "taskArns": list,
    "taskSetArns": list,
    "targetGroupArns": list,
    "serviceRegistryArns": list,
}
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
    """Copy what is there, and return whether all of it is of the type that ECS documents."""
    understood = True
    for key in keys:
        value: Any = source.get(key)
        if value is None:
            continue
        kind = type(value)
        expected = _TYPES.get(key, str)
        if kind is str and (expected is str or expected is _FREE_TEXT):
            if value:
                record[key] = value if expected is str else masked(value)
        elif kind is list and expected is list and _are_texts(value):
            record[key] = [masked(item) for item in value]
        elif kind is expected and kind is not list and value.bit_length() < 64:
            record[key] = value
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
