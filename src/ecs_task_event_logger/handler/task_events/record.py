"""From an ECS event to the record that is logged: the contract with whoever reads the log.

Values copied from the event keep ECS's own names and spelling; keys with nothing to say are left
out. What is not as ECS documents it is never dropped: the whole event is then added under
``unparsed``.
"""

from .fields import name, resource
from .message import plain
from .task import describe as describe_task

TYPE_CHECKING = False  # as in typing, which is not imported for its cost
if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any

    Record = dict[str, Any]

# Longer than all that ECS writes here: an event that is broken is not to fill a line.
_LONGEST = 1000


def make_record(event: "Any", full: bool = False, unredacted: "Collection[str]" = ()) -> "Record":
    """Return the record of an event: keys in the contract's order, none of them empty.

    Args:
        event: The event, as EventBridge delivers it to the function.
        full: Whether to add the whole detail, redacted.
        unredacted: Names of environment variables whose values may be logged.
    """
    record: Record = {"timestamp": "", "level": "INFO", "message": ""}
    try:
        understood = _describe(event, record)
    except Exception:
        # No fault in an event, nor any in this code, may cost the line.
        understood = False
    record["message"] = plain(record["message"][:_LONGEST])
    if not record["timestamp"]:
        del record["timestamp"]
    if not understood:
        _add_unparsed(event, unredacted, record)
    elif full:
        from .redaction import redact

        record["detail"] = redact(event["detail"], unredacted)
    return record


def _add_unparsed(event: "Any", unredacted: "Collection[str]", record: "Record") -> None:
    from .redaction import redact

    if record["level"] == "INFO":
        record["level"] = "WARN"
    record["message"] = record["message"] or "An event that is not understood: see unparsed"
    record["unparsed"] = redact(event, unredacted)


def _describe(event: "Any", record: "Record") -> bool:
    """Fill in the record, and return whether all of the event was as ECS documents it."""
    if type(event) is not dict:
        return False
    detail = event.get("detail")
    if type(detail) is not dict:
        _describe_head(event, {}, record)
        return False
    understood = _describe_head(event, detail, record)
    if record.get("eventType") == "TASK_STATE_CHANGE":
        return describe_task(event, detail, record) and understood
    from .other_events import describe

    return describe(event, detail, record) and understood


def _describe_head(event: "dict[str, Any]", detail: "dict[str, Any]", record: "Record") -> bool:
    kind: Any = event.get("detail-type")
    understood = type(kind) is str and kind.startswith("ECS ")
    for key, value in (
        ("timestamp", event.get("time")),
        ("eventType", kind[4:].replace(" ", "_").upper() if understood else ""),
        ("eventId", event.get("id")),
        ("account", event.get("account")),
        ("region", event.get("region")),
        ("cluster", name(detail.get("clusterArn")) or _cluster_of(resource(event))),
    ):
        if type(value) is not str or len(value) > _LONGEST:
            understood = False
        elif value:
            record[key] = value
    return understood


def _cluster_of(arn: str) -> str:
    """Return the cluster's name from an ARN that ends in ``…/CLUSTER/NAME``, as new ones do."""
    parts = arn.split("/")
    return parts[1] if len(parts) == 3 else ""
