"""Gives the container of the failing task a log, as the log driver ``awslogs`` does."""

import time
from pathlib import Path
from typing import Any

from emulator import EmbeddedAws

LOG_GROUP = "/ecs/checkout"
_PREFIX = "checkout"
_CONTAINER = "app"
_LINES = Path(__file__).with_name("failing-task-log.txt")


def provide_container_log(aws: EmbeddedAws, event: dict[str, Any]) -> None:
    """Log what the container of an event's task printed, and define how it logs."""
    family, _, revision = event["detail"]["taskDefinitionArn"].rpartition("/")[2].partition(":")
    _register(aws, family, int(revision))
    task_id = event["detail"]["taskArn"].rpartition("/")[2]
    stream = {"logGroupName": LOG_GROUP, "logStreamName": f"{_PREFIX}/{_CONTAINER}/{task_id}"}
    logs, now = aws.client("logs"), int(time.time() * 1000)
    logs.create_log_group(logGroupName=LOG_GROUP)
    logs.create_log_stream(**stream)
    logs.put_log_events(
        **stream,
        logEvents=[{"timestamp": now, "message": line} for line in _LINES.read_text().splitlines()],
    )


def _register(aws: EmbeddedAws, family: str, revision: int) -> None:
    """Register revisions of a task definition, up to the one that the task has."""
    options = {"awslogs-group": LOG_GROUP, "awslogs-stream-prefix": _PREFIX}
    container = {
        "name": _CONTAINER,
        "image": _CONTAINER,
        "memory": 896,
        "logConfiguration": {"logDriver": "awslogs", "options": options},
    }
    for _ in range(revision):
        aws.client("ecs").register_task_definition(family=family, containerDefinitions=[container])
