"""From an ECS event to the record that is logged: the contract with whoever reads the log.

Values copied from the event keep ECS's own names and spelling; keys with nothing to say are left
out. What is not as ECS documents it is never dropped: the whole event is then added under
``unparsed``.
"""

from .message import plain, task_message
from .reading import copy, masked, name, resource

TYPE_CHECKING = False  # as in typing, which is not imported for its cost
if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from typing import Any

    from .cause import Cause
    from .diagnosis import Diagnosis

    Record = dict[str, Any]

# What each status implies as the desired one: only another than that is logged.
_DESIRED = {
    "PROVISIONING": "RUNNING",
    "PENDING": "RUNNING",
    "ACTIVATING": "RUNNING",
    "RUNNING": "RUNNING",
    "DEACTIVATING": "STOPPED",
    "STOPPING": "STOPPED",
    "DEPROVISIONING": "STOPPED",
    "STOPPED": "STOPPED",
}
# What a task keeps for life is said where tasks are counted, at RUNNING and STOPPED, and not
# again at every status that they pass through.
_COUNTED = ("RUNNING", "STOPPED")
_PASSING_KEYS = ("lastStatus", "desiredStatus", "version", "stopCode", "stoppedReason")
_KEYS = (
    "lastStatus",
    "desiredStatus",
    "version",
    "launchType",
    "capacityProviderName",
    "availabilityZone",
    "startedBy",
    "containerInstanceArn",
    "stopCode",
    "stoppedReason",
)
# What is read, but not copied as it is.
_TEXT_KEYS = ("group", "taskDefinitionArn", "taskArn", "clusterArn")
# Longer than all that ECS writes here: an event that is broken is not to fill a line.
_LONGEST = 1000
_CONTAINER_KEYS = ("name", "lastStatus", "exitCode", "reason", "healthStatus")
_STOPPED_CONTAINER_KEYS = (*_CONTAINER_KEYS, "image", "imageDigest")


def _later(module: str, name: str) -> "Callable[..., Any]":
    """Return a function that imports one of another module once it is called, to take its place.

    An import statement takes its time even where there is nothing left to import.
    """

    def call(*arguments: "Any") -> "Any":
        function = getattr(__import__(f"{__package__}.{module}", fromlist=[name]), name)
        globals()[name] = function
        return function(*arguments)

    return call


# What only some events need. The diagnosis is half of what there is to import.
diagnose: "Callable[[dict[str, Any]], Diagnosis | None]" = _later("diagnosis", "diagnose")
durations: "Callable[[dict[str, Any]], dict[str, float]]" = _later("times", "durations")


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
        return _describe_task(event, detail, record) and understood
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


def _describe_task(event: "dict[str, Any]", detail: "dict[str, Any]", record: "Record") -> bool:
    group = detail.get("group")
    if type(group) is str and group:
        service = group[8:] if group.startswith("service:") else ""
        if service:
            record["service"] = service
        else:
            record["group"] = masked(group)
    definition = name(detail.get("taskDefinitionArn"))
    if definition:
        record["taskDefinition"] = definition
    task_id = name(detail.get("taskArn")) or name(resource(event))
    if task_id:
        record["taskId"] = task_id
    status = detail.get("lastStatus")
    desired = _DESIRED.get(status) if type(status) is str else None
    passing = desired is not None and status not in _COUNTED
    understood = copy(detail, _PASSING_KEYS if passing else _KEYS, record)
    if desired is not None and record.get("desiredStatus") == desired:
        del record["desiredStatus"]
    cause = None
    if status == "STOPPED" or detail.get("desiredStatus") == "STOPPED":
        try:
            cause = _add_diagnosis(detail, record)
        except Exception:
            understood = False
    if not passing:
        spans = durations(detail)
        if spans:
            record["durations"] = spans
    understood &= _add_containers(detail, record)
    record["message"] = task_message(record, cause)
    for key in _TEXT_KEYS:
        if type(detail.get(key, "")) not in (str, type(None)):
            return False
    return understood and "lastStatus" in record


def _add_diagnosis(detail: "dict[str, Any]", record: "Record") -> "Cause | None":
    diagnosis = diagnose(detail)
    if diagnosis is None:
        return None
    record["level"] = diagnosis.level
    record["cause"] = diagnosis.cause.value
    record["failed"] = diagnosis.failed
    if diagnosis.culprit:
        culprit: Record = {}
        copy(diagnosis.culprit, ("name", "exitCode"), culprit)
        if "name" in culprit:
            record["culprit"] = culprit["name"]
        if "exitCode" in culprit:
            record["exitCode"] = culprit["exitCode"]
    if diagnosis.remedy:
        record["remedy"] = diagnosis.remedy
    return diagnosis.cause


def _add_containers(detail: "dict[str, Any]", record: "Record") -> bool:
    containers = detail.get("containers")
    if type(containers) is not list:
        return containers is None
    status = detail.get("lastStatus")
    keys = _STOPPED_CONTAINER_KEYS if status == "STOPPED" else _CONTAINER_KEYS
    understood = True
    copies = []
    for container in containers:
        if type(container) is not dict:
            understood = False
            continue
        kept: Record = {}
        understood &= copy(container, keys, kept)
        # Said already: by the task, or by an image that is named by its digest.
        if "lastStatus" in kept and kept["lastStatus"] == status:
            del kept["lastStatus"]
        if "imageDigest" in kept and kept["imageDigest"] in kept.get("image", ""):
            del kept["imageDigest"]
        if kept:
            copies.append(kept)
    if copies:
        record["containers"] = copies
    return understood
