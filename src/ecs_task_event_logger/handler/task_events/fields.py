"""Read fields of an event: copy those of a documented type, and mask credentials."""

from functools import lru_cache

TYPE_CHECKING = False  # like typing.TYPE_CHECKING, without its import cost
if TYPE_CHECKING:
    from collections.abc import Iterable

    from .aliases import Json, Record

# The type of a text that may hold a credential.
_FREE_TEXT = object()
# The types that ECS documents. Fields that are not listed are texts.
_TYPES: dict[str, object] = {
    **dict.fromkeys(("stoppedReason", "reason", "statusReason", "startedBy", "image"), _FREE_TEXT),
    **dict.fromkeys(("version", "exitCode", "desiredCount", "containerPort"), int),
    **dict.fromkeys(("runningTasksCount", "pendingTasksCount"), int),
    **dict.fromkeys(("capacityProviderArns", "containerInstanceArns", "ec2InstanceIds"), list),
    **dict.fromkeys(("taskArns", "taskSetArns", "targetGroupArns", "serviceRegistryArns"), list),
    "agentConnected": bool,
}
# The most characters of a text that is kept in memory.
_SHORT = 200
# The most characters of a text that are searched. Errors start with what went wrong, and no text
# may take long to search.
_LONG_ENOUGH = 4000
# Every text with a credential holds one of these. They are cheap to find; patterns are not.
_HINTS = (
    *("akia", "asia", "://", "auth", "bearer", "credential", "eyj", "gh", "github_pat", "glpat"),
    *("key", "pass", "pwd", "secret", "sig", "sk_", "token", "xox"),
)


def copy_fields(source: "Record", keys: "Iterable[str]", record: "Record") -> bool:
    """Copy fields to the record and return whether each has the type that ECS documents."""
    understood = True
    for key in keys:
        value: Json = source.get(key)
        if value is None:
            continue
        kind, expected = type(value), _TYPES.get(key, str)
        if kind is str and (expected is str or expected is _FREE_TEXT):
            if value:
                record[key] = value if expected is str else masked(value)
        elif kind is not expected:
            understood = understood and not value
        elif kind is not list and value.bit_length() < 64:
            record[key] = value
        elif kind is list and all(type(item) is str for item in value):
            if value:
                record[key] = [masked(item) for item in value]
        else:
            understood = False
    return understood


def masked(text: str) -> str:
    """Return a text with everything that looks like a credential masked."""
    return _mask_short(text) if len(text) <= _SHORT else _mask(text)


def _mask(text: str) -> str:
    if not any(map(text.lower().__contains__, _HINTS)):
        return text
    from .credentials import mask_credentials

    return mask_credentials(text)


@lru_cache(maxsize=256)
def _mask_short(text: str) -> str:
    # Images, reasons and names come again and again. Long texts do not, and take memory.
    return _mask(text)


def text(source: "Record", key: str) -> str:
    """Return a field that is a text, or an empty text."""
    value = source.get(key)
    return value if type(value) is str else ""


def lowered(source: "Record", key: str) -> str:
    """Return a text of a task or container in lower case, up to the length that is searched."""
    return text(source, key)[:_LONG_ENOUGH].lower()


def objects(items: "Json") -> "list[Record]":
    """Return the JSON objects in a list, or none if it is no list."""
    return [each for each in items if type(each) is dict] if type(items) is list else []


def resource_arn(event: "Record") -> str:
    """Return the ARN of the first resource in an event, or an empty text."""
    resources = event.get("resources")
    first = resources[0] if type(resources) is list and resources else None
    return first if type(first) is str else ""


def resource_name(arn: object) -> str:
    """Return the last part of an ARN: a cluster's name, a task's ID, ``family:revision``."""
    return arn.rpartition("/")[2] if type(arn) is str else ""
