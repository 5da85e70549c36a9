"""The function under load, and a faulty function whose faults the load test finds."""

from pathlib import Path

import pytest

from ecs_events import SHARED, task_event
from load import MAX_RSS_RATIO, WARM_UP, measure
from recordings import EXAMPLE
from runtime_api import FunctionError, RuntimeProcess

# Lambda's runtime client and /proc need it.
pytestmark = pytest.mark.linux

FAULTY = """
import json

count, kept = 0, []

def handler(event, context):
    global count
    count += 1
    kept.append(bytes(1024))
    key = event["id"] if type(event) is dict and "id" in event else None
    line = json.dumps({"eventId": key} if key else {"unparsed": event})
    if count % 100 != 1:
        print(line)
    if count % 200 == 2:
        print(line)
"""


def write_function(directory: Path, code: str) -> Path:
    """Write a function with other code, and return its directory."""
    (directory / "task_events").mkdir()
    (directory / "task_events" / "main.py").write_text(code)
    return directory


def test_ten_thousand_events_give_a_line_each_and_leak_nothing() -> None:
    load = measure([EXAMPLE, *sorted((SHARED / "events").glob("*.jsonl"))], 10_000)
    assert load.lines == load.events == 10_000
    assert (load.lost, load.duplicates) == (0, 0)
    assert load.rss_ratio <= MAX_RSS_RATIO
    assert load.faults() == []


def test_finds_lost_lines_duplicate_lines_and_memory_leaks(
    tmp_path: Path,
) -> None:
    load = measure([EXAMPLE], 2 * WARM_UP, write_function(tmp_path, FAULTY))
    assert (load.events, load.lines, load.lost, load.duplicates) == (10_000, 9950, 100, 50)
    assert load.rss_ratio > MAX_RSS_RATIO
    assert len(load.faults()) == 4


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("def handler(event, context): raise LookupError('not found')", "LookupError"),
        ("import nowhere", "Runtime.ImportModuleError"),
        ("import os; os._exit(3)", "Runtime.ExitError"),
        ("import os\ndef handler(event, context): os.kill(os.getpid(), 9)", "Runtime.ExitError"),
        ("import signal\ndef handler(event, context): signal.pause()", "Sandbox.Timedout"),
    ],
)
def test_failing_function_raises_an_error_without_hanging(
    code: str, error: str, tmp_path: Path
) -> None:
    timeout = 1 if error == "Sandbox.Timedout" else 60
    with (
        RuntimeProcess(function=write_function(tmp_path, code), timeout=timeout) as process,
        pytest.raises(FunctionError) as raised,
    ):
        process.invoke({})
    assert raised.value.error_type == error


def test_failed_invocation_does_not_end_the_process(tmp_path: Path) -> None:
    code = "def handler(event, context): return 1 // event"
    with RuntimeProcess(function=write_function(tmp_path, code)) as process:
        with pytest.raises(FunctionError, match="ZeroDivisionError"):
            process.invoke(0)
        assert process.invoke(1) == 1


def test_lone_surrogate_does_not_end_the_process() -> None:
    with RuntimeProcess() as process:
        process.invoke(task_event(stoppedReason="\ud83d"))
        process.invoke(task_event())
        assert len(process.lines()) == 2
