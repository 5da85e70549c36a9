"""Describe events about managed daemons: their tasks and their deployments.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-daemons-events.html
"""

from .errors import add_error
from .event_parts import add_fields, add_level, add_message, add_owner, phrase, with_reason
from .fields import resource_arn, resource_name

TYPE_CHECKING = False  # like typing.TYPE_CHECKING, without its import cost
if TYPE_CHECKING:
    from .aliases import Meanings, Record

_KEYS = (
    *("eventName", "failureType", "reason", "capacityProviderName", "containerInstanceArn"),
    *("daemonDeploymentArn", "daemonRevisionArn", "targetDaemonRevisionArn"),
    *("createdAt", "updatedAt"),
)

_EVENTS = {
    "DAEMON_DEPLOYMENT_PENDING": ("", "is about to be deployed"),
    "DAEMON_DEPLOYMENT_IN_PROGRESS": ("", "is being deployed"),
    "DAEMON_DEPLOYMENT_SUCCESSFUL": ("", "has been deployed"),
    "DAEMON_DEPLOYMENT_ROLLBACK_SUCCESSFUL": ("", "has been rolled back to an earlier deployment"),
    # ECS may call these warnings, but something failed.
    "DAEMON_TASK_START_IMPAIRED": ("ERROR", "could not start a task"),
    "DAEMON_DEPLOYMENT_ROLLBACK_FAILED": ("ERROR", "could not be rolled back"),
    # ECS calls these information, but the deployment did not go as planned.
    "DAEMON_DEPLOYMENT_STOPPED": (
        "WARN",
        "has a deployment that stopped: it failed or was replaced",
    ),
    "DAEMON_DEPLOYMENT_STOP_REQUESTED": ("WARN", "is stopping a deployment to roll it back"),
    "DAEMON_DEPLOYMENT_ROLLBACK_IN_PROGRESS": (
        "WARN",
        "is being rolled back to an earlier deployment",
    ),
}
_FAILURES = {
    "TASK_FAILED_TO_RUN": "has a task that failed to run",
    "TASK_CREATION_FAILED": "could not create a task",
}


def describe(event: "Record", detail: "Record", record: "Record") -> bool:
    """Fill in the record and return whether the fields read have the types that ECS documents."""
    daemon = detail.get("daemonArn")
    deployment, revision = detail.get("daemonDeploymentArn"), detail.get("daemonRevisionArn")
    arns = (daemon, resource_arn(event), deployment, revision)
    understood = add_owner("daemon", arns, (), record)
    try:
        understood &= _add_task(detail, record)
    except Exception as error:
        understood = add_error("task", error, record)
    understood &= add_fields(detail, _KEYS, record)
    if "eventName" not in record:
        return False
    understood &= add_level(detail, _EVENTS, record)
    understood &= add_message(_message, _EVENTS, record)
    return understood and (daemon is None or type(daemon) is str)


def _add_task(detail: "Record", record: "Record") -> bool:
    understood = True
    for key, field in (("daemonTaskDefinition", "daemonTaskDefinitionArn"), ("taskId", "taskArn")):
        arn = detail.get(field)
        understood &= arn is None or type(arn) is str
        name = resource_name(arn)
        if name:
            record[key] = name
    return understood


def _message(events: "Meanings", record: "Record") -> str:
    message = phrase("daemon", events, record)
    if record["eventName"] == "DAEMON_TASK_START_IMPAIRED":
        _, words = events[record["eventName"]]
        message = message.removesuffix(words) + _FAILURES.get(record.get("failureType", ""), words)
        instance = resource_name(record.get("containerInstanceArn"))
        if instance:
            message += f" on container instance {instance}"
    return with_reason(message, record.get("reason", ""))
