"""What ECS tells of services, deployments and container instances.

A logger listens to tasks only unless it is told otherwise, so this is imported when it is needed.
"""

from .reading import copy, name, resource

TYPE_CHECKING = False  # as in typing, which is not imported for its cost
if TYPE_CHECKING:
    from typing import Any

_SERVICE_KEYS = (
    "eventName",
    "reason",
    "deploymentId",
    "capacityProviderArns",
    "containerInstanceArns",
    "targetGroupArns",
    "serviceRegistryArns",
    "desiredCount",
    "containerPort",
    "createdAt",
    "updatedAt",
)
_INSTANCE_KEYS = (
    "status",
    "statusReason",
    "agentConnected",
    "agentUpdateStatus",
    "containerInstanceArn",
    "ec2InstanceId",
    "version",
    "updatedAt",
)

# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_events.html
_SERVICE_EVENTS = {
    "SERVICE_STEADY_STATE": "has reached a steady state",
    "TASKSET_STEADY_STATE": "has a task set that reached a steady state",
    "CAPACITY_PROVIDER_STEADY_STATE": "has capacity providers that reached a steady state",
    "SERVICE_DESIRED_COUNT_UPDATED": "has a new desired count of tasks",
    "SERVICE_TASK_START_IMPAIRED": "cannot start its tasks, time and again",
    "SERVICE_DISCOVERY_INSTANCE_UNHEALTHY": "has an unhealthy task in service discovery",
    "SERVICE_TASK_PLACEMENT_FAILURE": "could not place a task",
    "SERVICE_TASK_CONFIGURATION_FAILURE": "could not configure a task",
    "SERVICE_DAEMON_PLACEMENT_CONSTRAINT_VIOLATED": "violates a placement constraint",
    "SERVICE_HEALTH_UNKNOWN": "has tasks whose health is unknown",
    "ECS_OPERATION_THROTTLED": "is throttled by the ECS API",
    "SERVICE_DISCOVERY_OPERATION_THROTTLED": "is throttled by the Cloud Map API",
    "SERVICE_DEPLOYMENT_IN_PROGRESS": "is being deployed",
    "SERVICE_DEPLOYMENT_COMPLETED": "has been deployed",
    "SERVICE_DEPLOYMENT_FAILED": "could not be deployed",
}


def describe(event: "dict[str, Any]", detail: "dict[str, Any]", record: "dict[str, Any]") -> bool:
    """Fill in the record, and return whether all of the event was as ECS documents it."""
    kind = record.get("eventType")
    if kind in ("SERVICE_ACTION", "DEPLOYMENT_STATE_CHANGE"):
        return _describe_service(event, detail, record)
    if kind == "CONTAINER_INSTANCE_STATE_CHANGE":
        return _describe_instance(detail, record)
    return False


def _describe_service(
    event: "dict[str, Any]", detail: "dict[str, Any]", record: "dict[str, Any]"
) -> bool:
    arn = resource(event)
    if ":service/" in arn:
        record["service"] = name(arn)
    understood = copy(detail, _SERVICE_KEYS, record)
    event_name = record.get("eventName")
    if type(event_name) is not str:
        return False
    record["level"] = _service_level(event_name, detail.get("eventType"))
    what = _SERVICE_EVENTS.get(event_name, f"reports {event_name}")
    reason = f": {record['reason']}" if "reason" in record else ""
    record["message"] = f"service {record.get('service', 'without a name')} {what}{reason}"
    return understood


def _service_level(event_name: str, event_type: object) -> str:
    # To ECS this is but a warning; to the service it is that nothing runs.
    if event_name == "SERVICE_TASK_START_IMPAIRED" or event_type == "ERROR":
        return "ERROR"
    return "WARN" if event_type == "WARN" else "INFO"


def _describe_instance(detail: "dict[str, Any]", record: "dict[str, Any]") -> bool:
    understood = copy(detail, _INSTANCE_KEYS, record)
    if record.get("agentConnected") is False:
        record["level"] = "WARN"
    arn = record.get("containerInstanceArn")
    who = record.get("ec2InstanceId") or name(arn) or "without an ID"
    record["message"] = f"container instance {who} {record.get('status')}"
    connected = record.get("agentConnected")
    if type(connected) is bool:
        record["message"] += f", agent {'' if connected else 'dis'}connected"
    return understood and "status" in record and type(connected) in (bool, type(None))
