"""Recorded events for the measurements."""

import json
from pathlib import Path
from typing import Any

Event = dict[str, Any]

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "local" / "failing-task.jsonl"


def recordings() -> list[Path]:
    """Return the recorded deployments next to the repository, or else the example's events."""
    streams = sorted((ROOT.parent / "shared" / "events").glob("stream-*.jsonl"))
    return streams or [EXAMPLE]


def read_task_events(files: list[Path]) -> list[Event]:
    """Return the task events in files of JSON lines. By default, a logger catches only those."""
    events = [json.loads(line) for file in files for line in file.read_text().splitlines()]
    return [event for event in events if event["detail-type"] == "ECS Task State Change"]


def is_stopped(event: Event) -> bool:
    """Return whether the task of an event is STOPPED."""
    return bool(event["detail"]["lastStatus"] == "STOPPED")
