"""What ECS tells of services, deployments, container instances and daemons.

These are all the types that AWS documents beside tasks:
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_cwe_events.html

A logger listens to tasks only unless it is told otherwise, so this is imported when it is needed.
"""

from .fields import copy, name, resource

TYPE_CHECKING = False  # as in typing, which is not imported for its cost
if TYPE_CHECKING:
    from typing import Any

    Record = dict[str, Any]

_SERVICE_KEYS = (
    "eventName",
    "reason",
    "deploymentId",
    "capacityProviderArns",
    "containerInstanceArns",
    "ec2InstanceIds",
    "taskArns",
    "taskSetArns",
    "targetGroupArns",
    "serviceRegistryArns",
    "desiredCount",
    "containerPort",
    "createdAt",
    "updatedAt",
)
_HOOK_KEYS = (
    "eventName",
    "reason",
    "hookType",
    "lifecycleStage",
    "hookId",
    "expiresAt",
    "serviceDeploymentArn",
    "updatedAt",
)
_INSTANCE_KEYS = (
    "status",
    "statusReason",
    "agentConnected",
    "agentUpdateStatus",
    "containerInstanceArn",
    "ec2InstanceId",
    "capacityProviderName",
    "runningTasksCount",
    "pendingTasksCount",
    "version",
    "updatedAt",
)
_CHECK_KEYS = ("type", "status", "statusReason", "lastStatusChange")
_DAEMON_KEYS = (
    "eventName",
    "failureType",
    "reason",
    "capacityProviderName",
    "containerInstanceArn",
    "daemonDeploymentArn",
    "daemonRevisionArn",
    "targetDaemonRevisionArn",
    "createdAt",
    "updatedAt",
)

# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_events.html
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html
_SERVICE_EVENTS = {
    "SERVICE_STEADY_STATE": "has reached a steady state",
    "TASKSET_STEADY_STATE": "has a task set that reached a steady state",
    "CAPACITY_PROVIDER_STEADY_STATE": "has capacity providers that reached a steady state",
    "SERVICE_DESIRED_COUNT_UPDATED": "has a new desired count of tasks",
    "TASKS_STOPPED": "has stopped tasks",
    "SERVICE_TASK_START_IMPAIRED": "cannot start its tasks, time and again",
    "SERVICE_DISCOVERY_INSTANCE_UNHEALTHY": "has an unhealthy task in service discovery",
    "VPC_LATTICE_TARGET_UNHEALTHY": "has an unhealthy target in VPC Lattice",
    "SERVICE_TASK_PLACEMENT_FAILURE": "could not place a task",
    "SERVICE_TASK_CONFIGURATION_FAILURE": "could not configure a task",
    "SERVICE_DAEMON_PLACEMENT_CONSTRAINT_VIOLATED": (
        "has a daemon task that no longer meets the placement constraints"
    ),
    "SERVICE_HEALTH_UNKNOWN": "has tasks whose health is unknown",
    "ECS_OPERATION_THROTTLED": "is throttled by the ECS API",
    "SERVICE_DISCOVERY_OPERATION_THROTTLED": "is throttled by the Cloud Map API",
    "SERVICE_DEPLOYMENT_IN_PROGRESS": "is being deployed",
    "SERVICE_DEPLOYMENT_COMPLETED": "has been deployed",
    "SERVICE_DEPLOYMENT_FAILED": "could not be deployed",
}
# Only the reason tells them from other deployments.
_ROLLBACKS = {
    "SERVICE_DEPLOYMENT_IN_PROGRESS": "is being rolled back to an earlier deployment",
    "SERVICE_DEPLOYMENT_COMPLETED": "has been rolled back to an earlier deployment",
}
_WORDS_OF_ROLLBACKS = ("rolling back", "rollback", "rolled back")

# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_hook_state_change_events.html
_HOOK_EVENTS = {
    "HOOK_IN_PROGRESS": "has a deployment hook in progress",
    "HOOK_AWAITING_ACTION": (
        "has a deployment that waits for somebody to continue it or to roll it back"
    ),
    "HOOK_SUCCEEDED": "has a deployment hook that succeeded",
    "HOOK_FAILED": "has a deployment hook that failed",
    "HOOK_TIMED_OUT": "has a deployment hook that timed out",
}

# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-daemons-events.html
_DAEMON_EVENTS = {
    "DAEMON_TASK_START_IMPAIRED": "could not start a task",
    "DAEMON_DEPLOYMENT_PENDING": "is about to be deployed",
    "DAEMON_DEPLOYMENT_IN_PROGRESS": "is being deployed",
    "DAEMON_DEPLOYMENT_SUCCESSFUL": "has been deployed",
    "DAEMON_DEPLOYMENT_STOPPED": (
        "has a deployment that was stopped: it failed, or another took its place"
    ),
    "DAEMON_DEPLOYMENT_STOP_REQUESTED": "has a deployment that goes no further: it is rolled back",
    "DAEMON_DEPLOYMENT_ROLLBACK_IN_PROGRESS": "is being rolled back to an earlier deployment",
    "DAEMON_DEPLOYMENT_ROLLBACK_SUCCESSFUL": "has been rolled back to an earlier deployment",
    "DAEMON_DEPLOYMENT_ROLLBACK_FAILED": "could not be rolled back",
}
_DAEMON_FAILURES = {
    "TASK_FAILED_TO_RUN": "has a task that failed to run",
    "TASK_CREATION_FAILED": "could not create a task",
}

# What ECS calls an event's severity; the last one with daemons only.
_SEVERITIES = {"INFO": "INFO", "WARN": "WARN", "ERROR": "ERROR", "WARNING": "WARN"}
# What it means, where ECS may say otherwise.
_LEVELS = {
    # To ECS these are but warnings; to whom they befall it is that nothing runs.
    "SERVICE_TASK_START_IMPAIRED": "ERROR",
    "DAEMON_TASK_START_IMPAIRED": "ERROR",
    "SERVICE_TASK_PLACEMENT_FAILURE": "ERROR",
    "SERVICE_TASK_CONFIGURATION_FAILURE": "ERROR",
    "SERVICE_DAEMON_PLACEMENT_CONSTRAINT_VIOLATED": "ERROR",
    "SERVICE_DEPLOYMENT_FAILED": "ERROR",
    "DAEMON_DEPLOYMENT_ROLLBACK_FAILED": "ERROR",
    "HOOK_FAILED": "ERROR",
    "HOOK_TIMED_OUT": "ERROR",
    # To ECS these are errors, but what runs goes on, and ECS tries again.
    "ECS_OPERATION_THROTTLED": "WARN",
    "SERVICE_DISCOVERY_OPERATION_THROTTLED": "WARN",
    "SERVICE_HEALTH_UNKNOWN": "WARN",
    "SERVICE_DISCOVERY_INSTANCE_UNHEALTHY": "WARN",
    "VPC_LATTICE_TARGET_UNHEALTHY": "WARN",
    # To ECS these are for information, but something went another way than planned, or waits.
    "HOOK_AWAITING_ACTION": "WARN",
    "DAEMON_DEPLOYMENT_STOPPED": "WARN",
    "DAEMON_DEPLOYMENT_STOP_REQUESTED": "WARN",
    "DAEMON_DEPLOYMENT_ROLLBACK_IN_PROGRESS": "WARN",
}

# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerInstance.html
_STATUSES = {
    "REGISTERING": ": it joins the cluster",
    "REGISTRATION_FAILED": ": it could not join the cluster",
    "DRAINING": ": it takes no new tasks",
    "DEREGISTERING": ": it leaves the cluster",
    "INACTIVE": ": it has left the cluster",
}
# Whoever leaves takes leave of its agent.
_LEAVING = ("DEREGISTERING", "INACTIVE")

# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/container-instance-health.html
_HEALTH = {
    "OK": ("INFO", "is healthy"),
    "IMPAIRED": ("ERROR", "is impaired"),
    "INSUFFICIENT_DATA": ("WARN", "does not tell enough of its health"),
    "INITIALIZING": ("INFO", "is yet to be checked"),
}


def describe(event: "dict[str, Any]", detail: "dict[str, Any]", record: "Record") -> bool:
    """Fill in the record, and return whether all of the event was as ECS documents it."""
    kind = record.get("eventType")
    if kind in ("SERVICE_ACTION", "DEPLOYMENT_STATE_CHANGE"):
        understood = _describe_service(event, detail, record)
    elif kind == "HOOK_STATE_CHANGE":
        understood = _describe_hook(event, detail, record)
    elif kind == "CONTAINER_INSTANCE_STATE_CHANGE":
        understood = _describe_instance(detail, record)
    elif kind == "CONTAINER_INSTANCE_HEALTH_CHANGE":
        understood = _describe_health(detail, record)
    elif kind in ("DAEMON_SERVICE_ACTION", "DAEMON_DEPLOYMENT_STATE_CHANGE"):
        understood = _describe_daemon(event, detail, record)
    else:
        return False
    return understood and type(detail.get("clusterArn", "")) in (str, type(None))


def _describe_service(event: "dict[str, Any]", detail: "dict[str, Any]", record: "Record") -> bool:
    who = _add_service(event, detail, record)
    understood = copy(detail, _SERVICE_KEYS, record)
    event_name = _text(record, "eventName")
    if not event_name:
        return False
    understood &= _add_level(event_name, detail, record)
    what = _SERVICE_EVENTS.get(event_name, f"reports {event_name}")
    reason = _text(record, "reason")
    lowered = reason.lower()
    deployment = _text(record, "deploymentId")
    if event_name in _ROLLBACKS and any(words in lowered for words in _WORDS_OF_ROLLBACKS):
        what = _ROLLBACKS[event_name]
        if event_name == "SERVICE_DEPLOYMENT_IN_PROGRESS" and record["level"] == "INFO":
            record["level"] = "WARN"
    elif (
        deployment
        and lowered.startswith("ecs deployment ")
        and lowered.endswith((" in progress.", " completed."))
    ):
        # That is what the event's own name says.
        what += f" ({deployment})"
        reason = ""
    record["message"] = who + what + _because(reason)
    return understood


def _describe_hook(event: "dict[str, Any]", detail: "dict[str, Any]", record: "Record") -> bool:
    who = _add_service(event, detail, record)
    understood = copy(detail, _HOOK_KEYS, record)
    event_name = _text(record, "eventName")
    if not event_name:
        return False
    understood &= _add_level(event_name, detail, record)
    what = _HOOK_EVENTS.get(event_name, f"reports {event_name}")
    kind = _text(record, "hookType")
    if event_name == "HOOK_FAILED" and kind == "PAUSE":
        # It was asked for, with ContinueServiceDeployment.
        what = "has a deployment that somebody asked to roll back"
        record["level"] = "WARN"
    stage = _text(record, "lifecycleStage")
    where = " at ".join(filter(None, (kind and f"{kind} hook", stage)))
    if event_name == "HOOK_AWAITING_ACTION" and "expiresAt" in record:
        where = ", ".join(filter(None, (where, f"expires {record['expiresAt']}")))
    if where:
        what += f" ({where})"
    record["message"] = who + what + _because(_text(record, "reason"))
    return understood


def _describe_instance(detail: "dict[str, Any]", record: "Record") -> bool:
    understood = copy(detail, _INSTANCE_KEYS, record)
    status = _text(record, "status")
    connected = record.get("agentConnected")
    if status == "REGISTRATION_FAILED":
        record["level"] = "ERROR"
    elif connected is False and status not in _LEAVING:
        # AWS: agents reconnect several times an hour, so one such event alone proves no fault.
        record["level"] = "WARN"
    message = _instance(record) + (status or "in an unknown status") + _STATUSES.get(status, "")
    reason = _text(record, "statusReason")
    if reason:
        message += f" ({reason})"
    if type(connected) is bool:
        message += f", agent {'' if connected else 'dis'}connected"
    record["message"] = message
    return understood and bool(status) and type(connected) in (bool, type(None))


def _describe_health(detail: "dict[str, Any]", record: "Record") -> bool:
    understood = copy(detail, ("overallStatus",), record)
    understood &= _add_checks(detail, record)
    understood &= copy(
        detail, ("containerInstanceArn", "ec2InstanceId", "capacityProviderName"), record
    )
    status = _text(record, "overallStatus")
    if status in _HEALTH:
        record["level"], what = _HEALTH[status]
    else:
        understood = False
        what = f"reports {status or 'nothing'} of its health"
    faults = ", ".join(
        _fault(check)
        for check in record.get("healthChecks", ())
        if check.get("status") not in ("OK", "INITIALIZING")
    )
    record["message"] = _instance(record) + what + _because(faults)
    return understood


def _add_checks(detail: "dict[str, Any]", record: "Record") -> bool:
    checks = detail.get("healthChecks")
    if type(checks) is not list:
        return checks is None
    understood = True
    copies = []
    for check in checks:
        kept: Record = {}
        if type(check) is not dict or not copy(check, _CHECK_KEYS, kept):
            understood = False
        if kept:
            copies.append(kept)
    if copies:
        record["healthChecks"] = copies
    return understood


def _fault(check: "dict[str, Any]") -> str:
    """Return a health check in words: ``agent connectivity (disconnected since …)``."""
    kind = _text(check, "type").replace("_", " ").lower() or "another check"
    reason = _text(check, "statusReason")
    return f"{kind} ({reason})" if reason else kind


def _describe_daemon(event: "dict[str, Any]", detail: "dict[str, Any]", record: "Record") -> bool:
    arns = (
        detail.get("daemonArn"),
        resource(event),
        detail.get("daemonDeploymentArn"),
        detail.get("daemonRevisionArn"),
    )
    who = _add_owner("daemon", arns, record)
    for key, arn in (("daemonTaskDefinition", "daemonTaskDefinitionArn"), ("taskId", "taskArn")):
        value = name(detail.get(arn))
        if value:
            record[key] = value
    understood = copy(detail, _DAEMON_KEYS, record)
    for key in ("daemonArn", "daemonTaskDefinitionArn", "taskArn"):
        understood &= type(detail.get(key, "")) in (str, type(None))
    event_name = _text(record, "eventName")
    if not event_name:
        return False
    understood &= _add_level(event_name, detail, record)
    what = _DAEMON_EVENTS.get(event_name, f"reports {event_name}")
    if event_name == "DAEMON_TASK_START_IMPAIRED":
        what = _DAEMON_FAILURES.get(_text(record, "failureType"), what)
        where = name(record.get("containerInstanceArn"))
        if where:
            what += f" on container instance {where}"
    record["message"] = who + what + _because(_text(record, "reason"))
    return understood


def _add_level(event_name: str, detail: "dict[str, Any]", record: "Record") -> bool:
    """Add what an event means to whom it befalls, or else what ECS makes of it."""
    severity = detail.get("eventType", "INFO")
    known = severity is None or (type(severity) is str and severity in _SEVERITIES)
    said = _SEVERITIES[severity] if known and severity else "INFO"
    record["level"] = _LEVELS.get(event_name, said)
    return known


def _add_service(event: "dict[str, Any]", detail: "dict[str, Any]", record: "Record") -> str:
    arns = (resource(event), detail.get("serviceArn"), detail.get("serviceDeploymentArn"))
    # AWS says of some events that they name it otherwise, in ecs_cwe_events.html.
    names = (_text(detail, "serviceName"), _text(detail, "service"))
    return _add_owner("service", arns, record, *names)


def _add_owner(kind: str, arns: "tuple[Any, ...]", record: "Record", *names: str) -> str:
    """Add a service or daemon, and its cluster if need be, and return how it is called.

    The ARNs are ``…:KIND/NAME``, ``…:KIND/CLUSTER/NAME`` or ``…:KIND-OTHER/CLUSTER/NAME/ID``.
    """
    cluster = owner = ""
    for arn in arns:
        parts = arn.split("/") if type(arn) is str else [""]
        what = parts[0].rpartition(":")[2]
        if what == kind and len(parts) in (2, 3):
            cluster, owner = (parts[1] if len(parts) == 3 else ""), parts[-1]
        elif what.startswith(f"{kind}-") and len(parts) == 4:
            cluster, owner = parts[1], parts[2]
        if owner:
            break
    else:
        owner = next((name(value) for value in names if value), "")
    if cluster and "cluster" not in record:
        record["cluster"] = cluster
    if not owner:
        return f"{kind} without a name "
    record[kind] = owner
    return f"{kind} {owner} "


def _instance(record: "Record") -> str:
    arn = record.get("containerInstanceArn")
    who = _text(record, "ec2InstanceId") or name(arn) or "without an ID"
    return f"container instance {who} "


def _text(source: "dict[str, Any]", key: str) -> str:
    value = source.get(key)
    return value if type(value) is str else ""


def _because(reason: str) -> str:
    return f": {reason}" if reason else ""
