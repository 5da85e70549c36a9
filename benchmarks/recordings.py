"""Recorded events to measure with."""

import json
from pathlib import Path
from typing import Any

Event = dict[str, Any]

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "local" / "failing-task.jsonl"


def recordings() -> list[Path]:
    """Return whole recorded deployments where somebody keeps them beside the repository."""
    streams = sorted((ROOT.parent / "shared" / "events").glob("stream-*.jsonl"))
    return streams or [EXAMPLE]


def read_task_events(files: list[Path]) -> list[Event]:
    """Return the task events in files of JSON lines: those that a logger listens to by default.

    Raises:
        ValueError: If there are none.
    """
    events = [json.loads(line) for file in files for line in file.read_text().splitlines()]
    tasks = [event for event in events if event["detail-type"] == "ECS Task State Change"]
    if not tasks:
        raise ValueError(f"No task events in {', '.join(map(str, files))}")
    return tasks


def is_stopped(event: Event) -> bool:
    """Return whether an event says that a task has stopped."""
    return bool(event["detail"]["lastStatus"] == "STOPPED")
