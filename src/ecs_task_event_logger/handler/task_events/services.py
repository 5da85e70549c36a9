"""Describe events about services: service actions, deployments and deployment hooks.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_events.html
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_hook_state_change_events.html
"""

from .event_parts import add_fields, add_level, add_message, add_owner, phrase, with_reason
from .fields import resource_arn

TYPE_CHECKING = False  # like typing.TYPE_CHECKING, without its import cost
if TYPE_CHECKING:
    from .aliases import Meanings, Record

_KEYS = (
    *("eventName", "reason", "deploymentId", "capacityProviderArns", "containerInstanceArns"),
    *("ec2InstanceIds", "taskArns", "taskSetArns", "targetGroupArns", "serviceRegistryArns"),
    *("desiredCount", "containerPort", "createdAt", "updatedAt"),
)
_HOOK_KEYS = (
    *("eventName", "reason", "hookType", "lifecycleStage", "hookId", "expiresAt"),
    *("serviceDeploymentArn", "updatedAt"),
)

_EVENTS = {
    "SERVICE_STEADY_STATE": ("", "has reached a steady state"),
    "TASKSET_STEADY_STATE": ("", "has a task set that reached a steady state"),
    "CAPACITY_PROVIDER_STEADY_STATE": ("", "has capacity providers that reached a steady state"),
    "SERVICE_DESIRED_COUNT_UPDATED": ("", "has a new desired count of tasks"),
    "TASKS_STOPPED": ("", "has stopped tasks"),
    "SERVICE_DEPLOYMENT_IN_PROGRESS": ("", "is being deployed"),
    "SERVICE_DEPLOYMENT_COMPLETED": ("", "has been deployed"),
    "HOOK_IN_PROGRESS": ("", "has a deployment hook in progress"),
    "HOOK_SUCCEEDED": ("", "has a deployment hook that succeeded"),
    # ECS may call these warnings or information, but something failed.
    "SERVICE_TASK_START_IMPAIRED": ("ERROR", "repeatedly fails to start its tasks"),
    "SERVICE_TASK_PLACEMENT_FAILURE": ("ERROR", "could not place a task"),
    "SERVICE_TASK_CONFIGURATION_FAILURE": ("ERROR", "could not configure a task"),
    "SERVICE_DAEMON_PLACEMENT_CONSTRAINT_VIOLATED": (
        "ERROR",
        "has a daemon task that no longer meets the placement constraints",
    ),
    "SERVICE_DEPLOYMENT_FAILED": ("ERROR", "could not be deployed"),
    "HOOK_FAILED": ("ERROR", "has a deployment hook that failed"),
    "HOOK_TIMED_OUT": ("ERROR", "has a deployment hook that timed out"),
    # ECS may call these errors, but running tasks go on and ECS tries again.
    "ECS_OPERATION_THROTTLED": ("WARN", "is throttled by the ECS API"),
    "SERVICE_DISCOVERY_OPERATION_THROTTLED": ("WARN", "is throttled by the Cloud Map API"),
    "SERVICE_HEALTH_UNKNOWN": ("WARN", "has tasks whose health is unknown"),
    "SERVICE_DISCOVERY_INSTANCE_UNHEALTHY": ("WARN", "has an unhealthy task in service discovery"),
    "VPC_LATTICE_TARGET_UNHEALTHY": ("WARN", "has an unhealthy target in VPC Lattice"),
    # ECS calls this information, but the deployment waits for a person.
    "HOOK_AWAITING_ACTION": ("WARN", "has a deployment that waits to be continued or rolled back"),
}
_ROLLBACKS = {
    "SERVICE_DEPLOYMENT_IN_PROGRESS": ("", "is being rolled back to an earlier deployment"),
    "SERVICE_DEPLOYMENT_COMPLETED": ("", "has been rolled back to an earlier deployment"),
    "HOOK_FAILED": ("WARN", "has a deployment whose rollback was requested"),
}


def describe(event: "Record", detail: "Record", record: "Record") -> bool:
    """Fill in the record and return whether the fields read have the types that ECS documents."""
    arns = (resource_arn(event), detail.get("serviceArn"), detail.get("serviceDeploymentArn"))
    # Some events name the service in one of these fields, as ecs_cwe_events.html says.
    names = (detail.get("serviceName"), detail.get("service"))
    understood = add_owner("service", arns, names, record)
    is_hook = event["detail-type"] == "ECS Hook State Change"
    understood &= add_fields(detail, _HOOK_KEYS if is_hook else _KEYS, record)
    if "eventName" not in record:
        return False
    events = _ROLLBACKS if _is_rollback(record) else _EVENTS
    understood &= add_level(detail, events, record)
    in_progress = record["eventName"] == "SERVICE_DEPLOYMENT_IN_PROGRESS"
    if events is _ROLLBACKS and in_progress and record["level"] == "INFO":
        record["level"] = "WARN"
    return add_message(_message, events, record) and understood


def _is_rollback(record: "Record") -> bool:
    if record["eventName"] == "HOOK_FAILED":
        # The caller of ContinueServiceDeployment chose to roll back.
        return record.get("hookType") == "PAUSE"
    if record["eventName"] not in _ROLLBACKS:
        return False
    reason = record.get("reason", "").lower()
    return any(words in reason for words in ("rolling back", "rollback", "rolled back"))


def _message(events: "Meanings", record: "Record") -> str:
    message = phrase("service", events, record)
    reason = record.get("reason", "")
    if events is _EVENTS and "deploymentId" in record and _repeats_event_name(reason.lower()):
        return f"{message} ({record['deploymentId']})"
    hook = record.get("hookType", "")
    where = " at ".join(filter(None, (hook and f"{hook} hook", record.get("lifecycleStage", ""))))
    if record["eventName"] == "HOOK_AWAITING_ACTION" and "expiresAt" in record:
        where = ", ".join(filter(None, (where, f"expires {record['expiresAt']}")))
    return with_reason(f"{message} ({where})" if where else message, reason)


def _repeats_event_name(reason: str) -> bool:
    endings = (" in progress.", " completed.")
    return reason.startswith("ecs deployment ") and reason.endswith(endings)
