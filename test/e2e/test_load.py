"""The function under load, and what would be said of a worse one."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from ecs_events import SHARED, task_event
from load import MAX_RSS_RATIO, WARM_UP, measure
from recordings import EXAMPLE
from runtime_api import FunctionError, RuntimeProcess

pytestmark = pytest.mark.skipif(
    find_spec("awslambdaric") is None or not Path("/proc/self/status").exists(),
    reason="Lambda's runtime client and /proc are for Linux alone",
)

WORSE = """
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


def function(directory: Path, code: str) -> Path:
    """Return the directory of a function that is not ours."""
    (directory / "task_events").mkdir()
    (directory / "task_events" / "main.py").write_text(code)
    return directory


def test_ten_thousand_events_leave_a_line_each_and_nothing_in_memory() -> None:
    load = measure([EXAMPLE, *sorted((SHARED / "events").glob("*.jsonl"))], 10_000)
    assert load.lines == load.events == 10_000
    assert (load.lost, load.twice) == (0, 0)
    assert load.rss_ratio <= MAX_RSS_RATIO
    assert load.faults() == []


def test_a_function_that_loses_or_repeats_lines_or_keeps_memory_is_found_out(
    tmp_path: Path,
) -> None:
    load = measure([EXAMPLE], 2 * WARM_UP, function(tmp_path, WORSE))
    assert (load.events, load.lines, load.lost, load.twice) == (2000, 1990, 20, 10)
    assert load.rss_ratio > MAX_RSS_RATIO
    assert len(load.faults()) == 4


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("def handler(event, context): raise LookupError('no such thing')", "LookupError"),
        ("import nowhere", "Runtime.ImportModuleError"),
        ("import os; os._exit(3)", "Runtime.ExitError"),
        ("import os\ndef handler(event, context): os.kill(os.getpid(), 9)", "Runtime.ExitError"),
        ("import signal\ndef handler(event, context): signal.pause()", "Sandbox.Timedout"),
    ],
)
def test_a_function_that_fails_is_an_error_and_no_hang(
    code: str, error: str, tmp_path: Path
) -> None:
    timeout = 1 if error == "Sandbox.Timedout" else 60
    with (
        RuntimeProcess(function=function(tmp_path, code), timeout=timeout) as process,
        pytest.raises(FunctionError) as raised,
    ):
        process.invoke({})
    assert raised.value.error_type == error


def test_an_invocation_that_fails_does_not_end_the_process(tmp_path: Path) -> None:
    code = "def handler(event, context): return 1 // event"
    with RuntimeProcess(function=function(tmp_path, code)) as process:
        with pytest.raises(FunctionError, match="ZeroDivisionError"):
            process.invoke(0)
        assert process.invoke(1) == 1


def test_half_a_surrogate_pair_does_not_end_the_process() -> None:
    with RuntimeProcess() as process:
        process.invoke(task_event(stoppedReason="\ud83d"))
        process.invoke(task_event())
        assert len(process.lines()) == 2
