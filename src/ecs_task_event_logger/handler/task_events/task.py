"""Describe an event about a task, which nearly all events are about."""

from functools import cache

from .errors import add_error
from .fields import copy_fields, masked, resource_arn, resource_name
from .message import task_message

TYPE_CHECKING = False  # like typing.TYPE_CHECKING, without its import cost
if TYPE_CHECKING:
    from types import ModuleType

    from .aliases import Record

# The desired status that each status implies. Only a different one is logged.
_DESIRED = {
    **dict.fromkeys(("PROVISIONING", "PENDING", "ACTIVATING", "RUNNING"), "RUNNING"),
    **dict.fromkeys(("DEACTIVATING", "STOPPING", "DEPROVISIONING", "STOPPED"), "STOPPED"),
}
# Fields that never change are logged at RUNNING and STOPPED, where tasks are counted. Statuses
# that a task only passes through leave them out.
_COUNTED = ("RUNNING", "STOPPED")
_PASSING_KEYS = ("lastStatus", "desiredStatus", "version", "stopCode", "stoppedReason")
_KEYS = (
    *("lastStatus", "desiredStatus", "version", "launchType", "capacityProviderName"),
    *("availabilityZone", "startedBy", "containerInstanceArn", "stopCode", "stoppedReason"),
)
_CONTAINER_KEYS = ("name", "lastStatus", "exitCode", "reason", "healthStatus")
_STOPPED_CONTAINER_KEYS = (*_CONTAINER_KEYS, "image", "imageDigest")


# An import statement takes 6 % of an event's time even if the module is loaded, hence the caches.
@cache
def _diagnosis() -> "ModuleType":
    """Import the diagnosis at the first stop: it is half of all the code."""
    from . import diagnosis

    return diagnosis


@cache
def _durations() -> "ModuleType":
    """Import the durations, and with them `datetime`, at the first event that has any."""
    from . import durations

    return durations


def describe(event: "Record", detail: "Record", record: "Record") -> bool:
    """Fill in the record of a task; return whether the fields read have the documented types."""
    status = detail.get("lastStatus")
    passing = type(status) is str and status in _DESIRED and status not in _COUNTED
    try:
        understood = _add_names(event, detail, record)
    except Exception as error:
        understood = add_error("names", error, record)
    try:
        understood &= _add_fields(detail, _PASSING_KEYS if passing else _KEYS, record)
    except Exception as error:
        understood = add_error("fields", error, record)
    if status == "STOPPED" or detail.get("desiredStatus") == "STOPPED":
        try:
            understood &= _diagnosis().add_diagnosis(detail, record)
        except Exception as error:
            understood = add_error("cause", error, record)
    if not passing:
        try:
            _durations().add_durations(detail, record)
        except Exception as error:
            understood = add_error("durations", error, record)
    try:
        understood &= _add_containers(detail, record)
    except Exception as error:
        understood = add_error("containers", error, record)
    try:
        record["message"] = task_message(record)
    except Exception as error:
        understood = add_error("message", error, record)
    return understood


def _add_names(event: "Record", detail: "Record", record: "Record") -> bool:
    group = detail.get("group")
    if type(group) is str and group:
        service = group[8:] if group.startswith("service:") else ""
        if service:
            record["service"] = service
        else:
            record["group"] = masked(group)
    definition = resource_name(detail.get("taskDefinitionArn"))
    if definition:
        record["taskDefinition"] = definition
    task_id = resource_name(detail.get("taskArn")) or resource_name(resource_arn(event))
    if task_id:
        record["taskId"] = task_id
    for key in ("group", "taskDefinitionArn", "taskArn"):
        value = detail.get(key)
        if value is not None and type(value) is not str:
            return False
    return True


def _add_fields(detail: "Record", keys: tuple[str, ...], record: "Record") -> bool:
    understood = copy_fields(detail, keys, record)
    if record.get("desiredStatus") == _DESIRED.get(record.get("lastStatus", ""), ""):
        del record["desiredStatus"]
    return understood and "lastStatus" in record


def _add_containers(detail: "Record", record: "Record") -> bool:
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
        understood &= copy_fields(container, keys, kept)
        # The task's own status, or an image that is named by its digest, says the same.
        if "lastStatus" in kept and kept["lastStatus"] == status:
            del kept["lastStatus"]
        if "imageDigest" in kept and kept["imageDigest"] in kept.get("image", ""):
            del kept["imageDigest"]
        if kept:
            copies.append(kept)
    if copies:
        record["containers"] = copies
    return understood
