"""The handler on every installed Python, and on 3.14, which Lambda runs it on."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from ecs_events import ROOT, Event, other_event, shared_events, task_event
from ecs_task_event_logger.handler.task_events.record import make_record
from ecs_task_event_logger.handler.task_events.serialize import to_line
from needs import needs
from pythons import on_every_python

FUNCTION = ROOT / "src" / "ecs_task_event_logger" / "handler"
HERE = Path(__file__).parent
RUN_HANDLER = HERE / "run_handler.py"
PYODIDE = HERE / "pyodide"

EVENTS: list[Event] = [
    task_event(lastStatus="RUNNING", desiredStatus="RUNNING", startedAt="2026-11-01T10:00:07.1Z"),
    task_event({"name": "app", "exitCode": 137, "reason": "OutOfMemoryError: killed"}),
    task_event(stoppedReason="CannotPullContainerError: https://me:secret@registry/ not found"),
    task_event(stoppedReason="\u2028 Größe 🚀 \x85", overrides={"command": ["secret"]}, group=[{}]),
    task_event(startedBy="x" * 300_000),
    other_event("ECS Service Action", "arn:aws:ecs:x:1:service/c/s", eventName="SERVICE_NEW"),
    *shared_events(),
]


def lines_on_this_python() -> list[str]:
    return [to_line(make_record(event)) for event in EVENTS]


@pytest.fixture
def events_file(tmp_path: Path) -> Path:
    file = tmp_path / "events.jsonl"
    file.write_text("".join(json.dumps(event) + "\n" for event in EVENTS))
    return file


def run(*command: str | Path) -> tuple[str, list[str]]:
    """Run a command and return its version of Python and the lines that it logs."""
    environment = {"PATH": os.environ["PATH"], "PYTHONIOENCODING": "utf-8"}
    result = subprocess.run(
        command, env=environment, capture_output=True, encoding="utf-8", check=True
    )
    version, *lines = result.stdout.split("\n")[:-1]
    return version, lines


@on_every_python
def test_logs_the_same_lines_on_every_python(executable: str, events_file: Path) -> None:
    _, lines = run(executable, "-I", RUN_HANDLER, FUNCTION, events_file)
    assert lines == lines_on_this_python()


@needs(
    "CPython 3.14",
    "uv run npm ci --prefix test/handler/pyodide",
    (PYODIDE / "node_modules").is_dir(),
)
def test_logs_the_same_lines_on_lambdas_python(events_file: Path) -> None:
    version, lines = run("node", PYODIDE / "run_python.mjs", RUN_HANDLER, FUNCTION, events_file)
    assert version.startswith("3.14.")
    assert lines == lines_on_this_python()
