"""Describe events about container instances: their state and their health.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_container_instance_events.html
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_container_instance_health_events.html
"""

from .errors import add_error
from .event_parts import add_fields, add_message, with_reason
from .fields import copy_fields, resource_name

TYPE_CHECKING = False  # like typing.TYPE_CHECKING, without its import cost
if TYPE_CHECKING:
    from .aliases import Meanings, Record

_KEYS = (
    *("statusReason", "agentConnected", "agentUpdateStatus", "containerInstanceArn"),
    *("ec2InstanceId", "capacityProviderName", "runningTasksCount", "pendingTasksCount"),
    *("version", "updatedAt"),
)
_HEALTH_KEYS = ("containerInstanceArn", "ec2InstanceId", "capacityProviderName")
_CHECK_KEYS = ("type", "status", "statusReason", "lastStatusChange")

# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerInstance.html
_STATUSES = {
    "REGISTERING": ("", ": it joins the cluster"),
    "REGISTRATION_FAILED": ("ERROR", ": it could not join the cluster"),
    "DRAINING": ("", ": it takes no new tasks"),
    # The agent of an instance that leaves the cluster is expected to disconnect.
    "DEREGISTERING": ("INFO", ": it leaves the cluster"),
    "INACTIVE": ("INFO", ": it has left the cluster"),
}

# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/container-instance-health.html
_HEALTH = {
    "OK": ("INFO", "is healthy"),
    "IMPAIRED": ("ERROR", "is impaired"),
    "INSUFFICIENT_DATA": ("WARN", "reports too little health data"),
    "INITIALIZING": ("INFO", "has not been checked yet"),
}


def describe(event: "Record", detail: "Record", record: "Record") -> bool:
    """Fill in the record and return whether the fields read have the types that ECS documents."""
    if event["detail-type"] == "ECS Container Instance Health Change":
        return _describe_health(detail, record)
    # Log backends take a severity from "status".
    status_key = {"instanceStatus": detail.get("status")}
    understood = add_fields(status_key, ("instanceStatus",), record)
    understood &= add_fields(detail, _KEYS, record)
    status = record.get("instanceStatus", "")
    level, _ = _STATUSES.get(status, ("", ""))
    # A disconnected agent proves no fault: AWS says that agents reconnect several times an hour.
    record["level"] = level or ("WARN" if record.get("agentConnected") is False else "INFO")
    return add_message(_message, _STATUSES, record) and understood and bool(status)


def _describe_health(detail: "Record", record: "Record") -> bool:
    understood = add_fields(detail, ("overallStatus",), record)
    try:
        understood &= _add_checks(detail, record)
    except Exception as error:
        understood = add_error("healthChecks", error, record)
    understood &= add_fields(detail, _HEALTH_KEYS, record)
    status = record.get("overallStatus", "")
    record["level"], _ = _HEALTH.get(status, ("INFO", ""))
    return add_message(_health_message, _HEALTH, record) and understood and status in _HEALTH


def _message(statuses: "Meanings", record: "Record") -> str:
    status = record.get("instanceStatus", "")
    _, words = statuses.get(status, ("", ""))
    message = f"{_instance(record)} {status or 'in an unknown status'}{words}"
    if "statusReason" in record:
        message += f" ({record['statusReason']})"
    connected = record.get("agentConnected")
    if connected is not None:
        message += f", agent {'' if connected else 'dis'}connected"
    return message


def _add_checks(detail: "Record", record: "Record") -> bool:
    checks = detail.get("healthChecks")
    if type(checks) is not list:
        return checks is None
    understood = True
    copies = []
    for check in checks:
        kept: Record = {}
        if type(check) is not dict or not copy_fields(check, _CHECK_KEYS, kept):
            understood = False
        if kept:
            copies.append(kept)
    if copies:
        record["healthChecks"] = copies
    return understood


def _health_message(meanings: "Meanings", record: "Record") -> str:
    status = record.get("overallStatus", "")
    _, words = meanings.get(status, ("", f"reports health status {status or 'unknown'}"))
    faults = ", ".join(
        _fault(check)
        for check in record.get("healthChecks", ())
        if check.get("status") not in ("OK", "INITIALIZING")
    )
    return with_reason(f"{_instance(record)} {words}", faults)


def _fault(check: "Record") -> str:
    """Return a failed check in words: ``agent connectivity (disconnected since …)``."""
    check_type = check.get("type", "").replace("_", " ").lower() or "another check"
    reason = check.get("statusReason", "")
    return f"{check_type} ({reason})" if reason else check_type


def _instance(record: "Record") -> str:
    arn = record.get("containerInstanceArn")
    instance = record.get("ec2InstanceId", "") or resource_name(arn) or "without an ID"
    return f"container instance {instance}"
