"""``examples/local``: the files that it reads, and what it prints in a terminal."""

import json
import re
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from ecs_events import Event, task_event
from ecs_task_event_logger.handler.task_events.record import make_record
from ecs_task_event_logger.handler.task_events.serialize import to_line
from events_file import parse_events, read_events
from mutations import mutated_events
from story import tell


def told(events: list[Any], width: int = 100) -> str:
    text = StringIO()
    tell([to_line(make_record(event)) for event in events], Console(file=text, width=width))
    return text.getvalue()


@settings(max_examples=50)
@given(st.lists(mutated_events(), min_size=1, max_size=3), st.sampled_from([40, 80, 100, 300]))
def test_any_line_fits_the_columns(events: list[Any], width: int) -> None:
    assert all(cell_len(row) <= min(width, 80) for row in told(events, width).splitlines())


@pytest.mark.parametrize("name", ["app" * 80, "チェック" * 20, "🦡" * 50])
def test_long_names_fit_the_columns(name: str) -> None:
    event = task_event({"name": name, "exitCode": 1}, group=f"service:{name}")
    assert all(cell_len(row) <= 80 for row in told([event]).splitlines())


def stopped(**times: str) -> Event:
    return task_event({"name": "app"}, **{"createdAt": None, "stoppedAt": None, **times})


@pytest.mark.parametrize(
    ("times", "phases"),
    [
        (
            {
                "createdAt": "2026-11-01T10:00:00Z",
                "pullStartedAt": "2026-11-01T10:00:01Z",
                "pullStoppedAt": "2026-11-01T10:00:13.4Z",
                "startedAt": "2026-11-01T10:00:16Z",
                "stoppingAt": "2026-11-15T10:00:16Z",
                "executionStoppedAt": "2026-11-15T10:00:20Z",
                "stoppedAt": "2026-11-15T10:01:46Z",
            },
            "▒ pull 12s  ░ start 3.6s  █ run 14d 0h  ░ stop 1m 30s",
        ),
        (
            {
                "createdAt": "2026-11-01T10:00:00Z",
                "pullStartedAt": "2026-11-01T10:00:10Z",
                "stoppingAt": "2026-11-01T10:05:05Z",
                "stoppedAt": "2026-11-01T10:05:20Z",
            },
            "░ start 5m 5s  ░ stop 15s",
        ),
    ],
    ids=["two weeks", "never started"],
)
def test_picture_shows_how_long_each_phase_took(times: dict[str, str], phases: str) -> None:
    bar, legend = told([stopped(**times)], 80).splitlines()[-2:]
    assert legend.strip() == phases
    assert 70 <= len(bar) <= 80


def test_task_without_times_has_no_picture() -> None:
    same = "2026-11-01T10:00:00Z"
    assert "░" not in told([stopped(createdAt=same, stoppingAt=same, stoppedAt=same)])
    assert "░" not in told([stopped()])


def test_event_that_comes_twice_has_one_picture() -> None:
    event = stopped(createdAt="2026-11-01T10:00:00Z", stoppedAt="2026-11-01T10:00:20Z")
    assert told([event, event]).count("░ start 20s") == 1


def test_date_stands_before_the_first_event_of_a_day() -> None:
    text = told([{**task_event(), "time": f"2026-11-0{day}T10:00:00Z"} for day in (1, 1, 2)])
    assert re.findall(".*times in UTC", text) == [
        "2026-11-01, times in UTC",
        "2026-11-02, times in UTC",
    ]


@pytest.mark.parametrize("wrapped", [lambda task: {"task": task}, lambda task: {"tasks": [task]}])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_reads_what_the_aws_cli_writes(wrapped: Any, encoding: str, tmp_path: Path) -> None:
    file = tmp_path / "task.json"
    file.write_text(json.dumps(wrapped(task_event()["detail"])), encoding=encoding)
    (event,), missing = read_events(str(file))
    assert (event["detail"]["lastStatus"], missing) == ("STOPPED", [])


def test_tells_what_ecs_says_about_other_tasks() -> None:
    failures = [{"arn": "arn:9", "reason": "MISSING"}, {"arn": "arn:8", "reason": "RESOURCE:CPU"}]
    _, missing = parse_events(json.dumps({"tasks": [task_event()["detail"]], "failures": failures}))
    assert ["arn:9: MISSING: the ID" in missing[0], "arn:8: RESOURCE:CPU" in missing[1]] == [
        True
    ] * 2
    with pytest.raises(ValueError, match="RESOURCE:CPU") as raised:
        parse_events(json.dumps({"tasks": [], "failures": failures[1:]}))
    assert "an hour ago" not in str(raised.value)


def test_rejects_the_arns_of_tasks() -> None:
    with pytest.raises(ValueError, match="'arn:9' is not a task"):
        parse_events('{"tasks": ["arn:9"]}')
