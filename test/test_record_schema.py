"""The reference of the record: what it says of lines is so."""

import json
import re
from importlib.resources import files
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from test_properties import EVENTS, json_values, mutated_events

from ecs_events import ROOT, Event, shared_events
from ecs_task_event_logger import Cause, EventType
from ecs_task_event_logger.function.task_events.line import to_line
from ecs_task_event_logger.function.task_events.record import make_record

SCHEMA: dict[str, Any] = json.loads(
    files("ecs_task_event_logger").joinpath("record.schema.json").read_text()
)
# New keys may come with any release; none is to come unnoticed.
STRICT = jsonschema.Draft202012Validator({**SCHEMA, "additionalProperties": False})


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("full", [False, True])
def test_lines_of_events_are_as_it_says(event: Event, full: bool) -> None:
    STRICT.validate(json.loads(to_line(make_record(event, full))))


@given(mutated_events())
def test_lines_of_events_that_are_not_as_ecs_documents_them_are_too(event: Event) -> None:
    STRICT.validate(json.loads(to_line(make_record(event))))


@given(json_values)
def test_lines_of_what_is_no_event_are_too(value: Any) -> None:
    STRICT.validate(json.loads(to_line(make_record(value))))


@pytest.mark.parametrize(
    "field", ["stoppedReason", "startedBy", "taskArn", "clusterArn", "containers", "lastStatus"]
)
def test_lines_that_are_cut_are_too(field: str) -> None:
    event = {**EVENTS[0], "detail": {**EVENTS[0]["detail"], field: "x" * 2_000_000}}
    STRICT.validate(json.loads(to_line(make_record(event, full=True))))


def test_it_knows_every_key_that_is_logged_and_no_other() -> None:
    logged = {key for event in shared_events() for key in make_record(event)}
    assert logged <= SCHEMA["properties"].keys()


def test_the_table_says_the_same() -> None:
    text = (ROOT / "docs" / "record.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| (.+) \|$", text, re.MULTILINE)
    assert rows == [(key, each["description"]) for key, each in SCHEMA["properties"].items()]


def test_causes_and_types_may_come_so_it_does_not_list_them() -> None:
    for key, enum in (("cause", Cause), ("eventType", EventType)):
        assert "enum" not in SCHEMA["properties"][key]
        assert enum.__name__ in SCHEMA["properties"][key]["description"]
