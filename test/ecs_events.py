"""ECS events in the shape that ECS documents, made to measure for a test."""

import copy
import json
from pathlib import Path
from typing import Any

Event = dict[str, Any]

ROOT = Path(__file__).parent.parent
# Real events, where somebody keeps them beside the repository.
SHARED = ROOT.parent / "shared"


def task_event(*containers: Event, **detail: Any) -> Event:
    """Return the event of a Fargate task of a service; a detail of None leaves that key out."""
    arn = "arn:aws:ecs:eu-west-1:111122223333"
    task = f"{arn}:task/shop/0123456789abcdef0123456789abcdef"
    whole = {
        "attachments": [],
        "availabilityZone": "eu-west-1a",
        "clusterArn": f"{arn}:cluster/shop",
        "connectivity": "CONNECTED",
        "containers": [
            {
                "containerArn": f"{arn}:container/shop/{number}",
                "lastStatus": detail.get("lastStatus", "STOPPED"),
                "image": f"111122223333.dkr.ecr.eu-west-1.amazonaws.com/{container['name']}:1",
                "taskArn": task,
                "networkInterfaces": [],
                "cpu": "0",
                **container,
            }
            for number, container in enumerate(containers or ({"name": "app"},))
        ],
        "cpu": "256",
        "createdAt": "2026-11-01T10:00:00.000Z",
        "desiredStatus": "STOPPED",
        "enableExecuteCommand": False,
        "group": "service:web",
        "lastStatus": "STOPPED",
        "launchType": "FARGATE",
        "memory": "512",
        "overrides": {"containerOverrides": [{"name": "app"}]},
        "platformVersion": "1.4.0",
        "startedBy": "ecs-svc/1234567890123456789",
        "taskArn": task,
        "taskDefinitionArn": f"{arn}:task-definition/web:6",
        "updatedAt": _updated_at(detail),
        "version": 5,
        **detail,
    }
    return {
        "version": "0",
        "id": "7bf73129-1428-4cd3-a780-95db273d1602",
        "detail-type": "ECS Task State Change",
        "source": "aws.ecs",
        "account": "111122223333",
        "time": "2026-11-01T10:05:00Z",
        "region": "eu-west-1",
        "resources": [task],
        "detail": {key: value for key, value in whole.items() if value is not None},
    }


def _updated_at(detail: Event) -> Any:
    """Return when something has changed: a task that runs has just started."""
    if detail.get("lastStatus") == "RUNNING" and "startedAt" in detail:
        return detail["startedAt"]
    return "2026-11-01T10:05:00.000Z"


def other_event(detail_type: str, resource: str, **detail: Any) -> Event:
    """Return an event about something else than a task."""
    event = task_event()
    return {**event, "detail-type": detail_type, "resources": [resource], "detail": detail}


def shared_events() -> list[Event]:
    """Return the real events that are kept beside the repository, if any are."""
    events: list[Event] = []
    for path in sorted((SHARED / "events").glob("*.json*")):
        text = path.read_text()
        documents = text.splitlines() if path.suffix == ".jsonl" else [text]
        events += [json.loads(document) for document in documents]
    return events


def without(event: Event, *keys: str) -> Event:
    """Return a copy of an event without some keys of its detail."""
    event = copy.deepcopy(event)
    for key in keys:
        del event["detail"][key]
    return event
