"""The table of possible causes: it agrees with the diagnosis."""

import json
from typing import Any

import pytest

from ecs_events import ROOT
from ecs_task_event_logger import Cause, StopCode
from ecs_task_event_logger._rules.stop_codes import POSSIBLE_CAUSES
from ecs_task_event_logger.handler.task_events import reason_patterns
from ecs_task_event_logger.handler.task_events.matching import causes
from verdicts import diagnose

LABELLED_STOPS = ROOT / "test" / "handler" / "stops.jsonl"

TABLES = (
    reason_patterns.STOPPED_BY,
    reason_patterns.STOPPED_FOR_USER,
    reason_patterns.WENT_WRONG,
    reason_patterns.ON_REQUEST,
    reason_patterns.WRAPPERS,
)
# A text for each known wording.
WORDINGS = [" ".join(parts).strip("^$") for each in TABLES for _, parts, _ in causes(each)]
REASONS = [None, "", *reason_patterns.PLAIN_REASONS, *WORDINGS]
CONTAINERS: list[list[dict[str, Any]]] = [
    [],
    [{"exitCode": 0}],
    [{"exitCode": 1}],
    [{"exitCode": 137}],
    [{"exitCode": 137, "healthStatus": "UNHEALTHY"}],
    [{"exitCode": 0}, {}],
]


def found_causes(code: StopCode) -> dict[Cause, str | None]:
    """Return the causes that the diagnosis finds with a stop code, each with a reason."""
    found: dict[Cause, str | None] = {}
    for reason in REASONS:
        for containers in CONTAINERS:
            detail = {"stopCode": str(code.value), "stoppedReason": reason}
            diagnosis = diagnose({"lastStatus": "STOPPED", "containers": containers, **detail})
            assert diagnosis
            found.setdefault(diagnosis.cause, reason)
    return found


def test_table_has_every_stop_code() -> None:
    assert set(POSSIBLE_CAUSES) == set(StopCode)


@pytest.mark.parametrize("code", StopCode)
def test_diagnosis_finds_no_cause_outside_the_table(code: StopCode) -> None:
    found = found_causes(code)
    outside = {cause: found[cause] for cause in found.keys() - POSSIBLE_CAUSES[code]}
    assert outside == {}


@pytest.mark.parametrize("code", StopCode)
def test_diagnosis_can_find_every_cause_of_the_table(code: StopCode) -> None:
    assert POSSIBLE_CAUSES[code] - found_causes(code).keys() == set()


def test_causes_of_labelled_stops_are_in_the_table() -> None:
    stops = [json.loads(line) for line in LABELLED_STOPS.read_text().splitlines()]
    with_code = [stop for stop in stops if "stopCode" in stop]
    assert len(with_code) > 200
    for stop in with_code:
        diagnosis = diagnose({"lastStatus": "STOPPED", **stop})
        assert diagnosis
        assert diagnosis.cause in POSSIBLE_CAUSES[StopCode(stop["stopCode"])], stop
