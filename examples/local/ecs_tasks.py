"""Turns tasks, as the AWS CLI shows them, into events."""

import uuid
from datetime import UTC, datetime
from typing import Any

Task = dict[str, Any]

# The last of these that a task has is the time of its last event.
_TIMES = ("createdAt", "startedAt", "stoppingAt", "executionStoppedAt", "stoppedAt")
_MISSING = "the ID or the cluster is another one, or the task stopped more than an hour ago"
_ALL_TIMES = (*_TIMES, "connectivityAt", "pullStartedAt", "pullStoppedAt")


def tasks_in(value: dict[str, Any]) -> list[Task] | None:
    """Return the tasks that the AWS CLI shows; None if it is no output about tasks.

    Args:
        value: The output of ``describe-tasks``, ``run-task`` or ``stop-task``, or one task of it.

    Raises:
        ValueError: If the output has no task. The message says why, if ECS does.
    """
    if "detail-type" in value:
        return None
    if isinstance(value.get("task"), dict):
        return [value["task"]]
    if isinstance(value.get("tasks"), list):
        return _tasks_of(value["tasks"], failures_in(value))
    if "taskArns" in value:
        raise ValueError("this is the output of list-tasks: use that of aws ecs describe-tasks")
    return [value] if "taskArn" in value and "lastStatus" in value else None


def failures_in(value: dict[str, Any]) -> list[str]:
    """Return why ECS did not find or start tasks, a text for each of them."""
    failures = value.get("failures")
    texts = []
    for each in failures if isinstance(failures, list) else []:
        if isinstance(each, dict):
            reason = _MISSING if each.get("reason") == "MISSING" else each.get("detail", "")
            why = ": ".join(filter(None, [each.get("reason"), reason]))
            texts.append(f"ECS has no task for {each.get('arn', 'one of them')}: {why}")
    return texts


def _tasks_of(tasks: list[Any], failures: list[str]) -> list[Task]:
    if not tasks:
        raise ValueError("; ".join(failures) or f"there is no task: {_MISSING}")
    for each in tasks:
        if not isinstance(each, dict):
            raise ValueError(f"{each!r} is not a task: use the output of aws ecs describe-tasks")
    return tasks


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
