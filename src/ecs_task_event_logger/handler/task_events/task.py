"""Describe an event about a task, which nearly all events are about."""

from .errors import add_parts
from .fields import copy_fields, masked, text
from .message import add_message
from .modules import load

TYPE_CHECKING = False  # like typing.TYPE_CHECKING, without its import cost
if TYPE_CHECKING:
    from .aliases import Json, Part, Record

# The desired status that each status implies. Only a different one is logged.
_DESIRED = {
    **dict.fromkeys(("PROVISIONING", "PENDING", "ACTIVATING", "RUNNING"), "RUNNING"),
    **dict.fromkeys(("DEACTIVATING", "STOPPING", "DEPROVISIONING", "STOPPED"), "STOPPED"),
}
# Fields that never change are logged at RUNNING and STOPPED, where tasks are counted, and at
# PENDING, where a task may be stuck. Other statuses leave them out.
_COUNTED = ("RUNNING", "STOPPED")
_NAME = (str, type(None))
_STATUS_KEYS = ("lastStatus", "desiredStatus", "version")
_KEYS = (
    *_STATUS_KEYS,
    *("launchType", "capacityProviderName", "availabilityZone", "startedBy"),
    "containerInstanceArn",
)
_PASSING = ("PROVISIONING", "ACTIVATING", "DEACTIVATING", "STOPPING", "DEPROVISIONING")
_CONTAINER_KEYS = {
    "RUNNING": ("name", "lastStatus", "exitCode", "reason", "healthStatus", "image"),
    "STOPPED": ("name", "lastStatus", "exitCode", "reason", "healthStatus", "image", "imageDigest"),
}
_FEW_CONTAINER_KEYS = ("name", "lastStatus", "exitCode", "reason", "healthStatus")
# The status of containers that each status of a task implies, if it is another one.
_CONTAINER_STATUS = {
    "PROVISIONING": "PENDING",
    **dict.fromkeys(("ACTIVATING", "DEACTIVATING", "STOPPING"), "RUNNING"),
    "DEPROVISIONING": "STOPPED",
}


def describe(detail: "Record", record: "Record") -> bool:
    """Fill in the record of a task; return whether the fields read have the documented types."""
    parts: dict[str, Part] = {"names": _add_names, "fields": _add_fields}
    status = detail.get("lastStatus")
    if status == "STOPPED" or detail.get("desiredStatus") == "STOPPED":
        parts["cause"] = _add_diagnosis
    if status in _COUNTED:
        parts["durations"] = _add_durations
    parts["containers"] = _add_containers
    parts["message"] = add_message
    return add_parts(parts, detail, record)


def _add_names(detail: "Record", record: "Record") -> bool:
    group, definition, arn = map(detail.get, ("group", "taskDefinitionArn", "taskArn"))
    if type(group) is str and group:
        if group.startswith("service:") and group != "service:":
            record["service"] = masked(group[8:])
        else:
            record["group"] = masked(group)
    if type(definition) is str and definition:
        record["taskDefinition"] = masked(definition.rpartition("/")[2])
    if type(arn) is str and arn:
        record["taskId"] = arn.rpartition("/")[2]
    return type(group) in _NAME and type(definition) in _NAME and type(arn) in _NAME


def _add_fields(detail: "Record", record: "Record") -> bool:
    is_passing = detail.get("lastStatus") in _PASSING
    understood = copy_fields(detail, _STATUS_KEYS if is_passing else _KEYS, record)
    status = record.get("lastStatus", "")
    if status == "RUNNING":
        address = load("attachments").private_address(detail)
        if address:
            record["privateIp"] = address
    if detail.get("connectivity") == "DISCONNECTED":
        record["connectivity"] = "DISCONNECTED"
    attachments = detail.get("attachments")
    if type(attachments) is list:
        for each in attachments:
            if type(each) is dict and each.get("status") == "FAILED":
                record["attachments"] = load("attachments").failed_attachments(detail)
    if "stopCode" in detail or "stoppedReason" in detail:
        understood &= copy_fields(detail, ("stopCode", "stoppedReason"), record)
    if record.get("desiredStatus") == _DESIRED.get(status, ""):
        del record["desiredStatus"]
    return understood and "lastStatus" in record


def _add_diagnosis(detail: "Record", record: "Record") -> "Json":
    return load("diagnosis").add_diagnosis(detail, record)


def _add_durations(detail: "Record", record: "Record") -> "Json":
    return load("durations").add_durations(detail, record)


def _add_containers(detail: "Record", record: "Record") -> bool:
    containers = detail.get("containers")
    if type(containers) is not list:
        return containers is None
    status = record.get("lastStatus") or text(detail, "lastStatus")
    keys = _CONTAINER_KEYS.get(status, _FEW_CONTAINER_KEYS)
    implied = _CONTAINER_STATUS.get(status, status)
    understood = True
    copies = []
    # Names alone are logged only where tasks are counted.
    says_more = status in _COUNTED
    for container in containers:
        if type(container) is not dict:
            understood = False
            continue
        kept: Record = {}
        understood &= copy_fields(container, keys, kept)
        # The task's own status, or an image that is named by its digest, says the same.
        if "lastStatus" in kept and kept["lastStatus"] == implied:
            del kept["lastStatus"]
        if "imageDigest" in kept and kept["imageDigest"] in kept.get("image", ""):
            del kept["imageDigest"]
        if kept:
            copies.append(kept)
            says_more = says_more or len(kept) > 1
    if copies and says_more:
        record["containers"] = copies
    return understood
