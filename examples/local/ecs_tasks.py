"""Turns tasks into events: the output of ``aws ecs describe-tasks``, or a task of it."""

import uuid
from datetime import UTC, datetime
from typing import Any

Task = dict[str, Any]

# The last of these that a task has is the time of its last event.
_TIMES = ("createdAt", "startedAt", "stoppingAt", "executionStoppedAt", "stoppedAt")
_ALL_TIMES = (*_TIMES, "connectivityAt", "pullStartedAt", "pullStoppedAt")


def tasks_in(value: dict[str, Any]) -> list[Task] | None:
    """Return the tasks in the output of ``describe-tasks`` or in a task; None if it is neither.

    Raises:
        ValueError: If the output has no task.
    """
    if "detail-type" in value:
        return None
    if isinstance(value.get("tasks"), list):
        if not value["tasks"]:
            raise ValueError(
                "there is no task: the ID or the cluster is another one, or the task stopped more "
                "than an hour ago"
            )
        return [each for each in value["tasks"] if isinstance(each, dict)]
    if "taskArns" in value:
        raise ValueError("this is the output of list-tasks: use that of aws ecs describe-tasks")
    return [value] if "taskArn" in value and "lastStatus" in value else None


def event_of(task: Task) -> dict[str, Any]:
    """Return the event that ECS sends when a task reaches the state that it is in."""
    arn = str(task["taskArn"])
    _, _, _, region, account, *_ = [*arn.split(":"), "", "", "", "", ""]
    times = {key: _in_utc(key, task[key]) for key in _ALL_TIMES if task.get(key)}
    return {
        "version": "0",
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{arn} {task.get('version')}")),
        "detail-type": "ECS Task State Change",
        "source": "aws.ecs",
        "account": account,
        "time": next((times[key] for key in reversed(_TIMES) if key in times), ""),
        "region": region,
        "resources": [arn],
        "detail": {**task, **times},
    }


def _in_utc(key: str, time: object) -> str:
    """Return a time as events have it. The AWS CLI shows the local time, or seconds."""
    try:
        if isinstance(time, int | float):
            moment = datetime.fromtimestamp(time, UTC)
        else:
            moment = datetime.fromisoformat(str(time))
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{key} of a task is {time!r}, which is no time") from error
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"
