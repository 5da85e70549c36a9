"""What ECS tells of tasks: every line but a few is of one."""

from .fields import copy, masked, name, resource
from .message import task_message

TYPE_CHECKING = False  # as in typing, which is not imported for its cost
if TYPE_CHECKING:
    from collections.abc import Callable
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
durations: "Callable[[dict[str, Any]], dict[str, float]]" = _later("durations", "durations")


def describe(event: "dict[str, Any]", detail: "dict[str, Any]", record: "Record") -> bool:
    """Fill in the record, and return whether all of the event was as ECS documents it."""
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
        value = detail.get(key)
        if value is not None and type(value) is not str:
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
