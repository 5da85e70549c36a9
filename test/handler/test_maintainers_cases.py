"""Cases from the field, if they are on this machine: all come out as expected."""

import json
from typing import Any

import pytest
from test_diagnosis import read_stops, verdict_of

from ecs_events import SHARED, Event, stream_events
from ecs_task_event_logger.handler.task_events.record import make_record
from ecs_task_event_logger.handler.task_events.serialize import to_line

CASES = SHARED / "cases"


def read_cases(name: str) -> list[Event]:
    path = CASES / f"{name}.json"
    return json.loads(path.read_text()) if path.exists() else []


STOPS = read_stops(CASES / "stops-2.jsonl")
EVENTS = {case["why"]: case["event"] for case in read_stops(CASES / "events-2.jsonl")}
OTHERS = [
    pytest.param(case, id=f"{name}-{number}")
    for name in (
        "windows-exit-codes",
        "reserved-names-of-log-backends",
        "slack-control-characters",
        "overrides-in-text",
        "known-credentials",
    )
    for number, case in enumerate(read_cases(name))
]


@pytest.mark.recorded
@pytest.mark.parametrize("case", STOPS)
def test_stops_come_out_as_labelled(case: Event) -> None:
    found = verdict_of(case)
    assert found.cause in [case["cause"], *case.get("also", ())]
    assert found.failed == case["failed"]
    if "culprit" in case:
        assert found.culprit == case["culprit"]


@pytest.mark.recorded
@pytest.mark.parametrize("case", OTHERS)
def test_events_come_out_as_expected(case: Event) -> None:
    expected: dict[str, Any] = case["expect"]
    record = make_record(case["event"])
    if "cause" in expected:
        assert record["cause"] in expected["cause"]
    for key in ("failed", "culprit", "exitCode", "level", "cluster", "taskDefinition"):
        if key in expected:
            assert record[key] == expected[key]
    assert all(word in record["message"] for word in expected.get("message_has", ()))
    assert not any(word in record["message"] for word in expected.get("message_lacks", ()))
    assert not any(word in to_line(record) for word in expected.get("line_lacks", ()))
    assert not set(expected.get("top_level_lacks", ())) & record.keys()


@pytest.mark.recorded
@pytest.mark.parametrize(
    ("why", "words"),
    [
        ("RUNNING, asked to stop", ["is being stopped by the service scheduler"]),
        ("RUNNING, StopTask was called", ["is being stopped", "Stopped by chaos-tool"]),
        ("a service's only container exits with 0", ["exited with 0", "starts another task"]),
        ("an essential container exited, no exit code", ["Some fake fail reason"]),
        (
            "failed to start, ECS gives no reason",
            ["never started", "the agent is disconnected", "no image pull began"],
        ),
        ("load balancer", ["target group shop-web-target-dev"]),
    ],
)
def test_messages_make_the_event_clear(why: str, words: list[str]) -> None:
    (event,) = [event for each, event in EVENTS.items() if each.startswith(why)]
    record = make_record(event)
    assert "unparsed" not in record
    for word in words:
        assert word in record["message"]


@pytest.mark.recorded
def test_each_failed_task_has_exactly_one_error() -> None:
    records = [make_record(event) for event in stream_events()]
    tasks = [record for record in records if "taskId" in record]
    errors = [record["taskId"] for record in tasks if record["level"] == "ERROR"]
    failed = {record["taskId"] for record in tasks if record.get("failed")}
    assert len(errors) == len(set(errors))
    assert set(errors) == failed
    assert failed
    assert all(r["lastStatus"] == "STOPPED" for r in tasks if r["level"] == "ERROR")
    earlier = [r for r in tasks if r.get("failed") and r["lastStatus"] != "STOPPED"]
    assert {record["level"] for record in earlier} == {"WARN"}
