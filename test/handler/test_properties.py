"""Any event gives one line that is valid, short enough and free of secrets."""

import json
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecs_events import Event, task_event
from ecs_task_event_logger.handler.task_events import main
from ecs_task_event_logger.handler.task_events.record import make_record
from ecs_task_event_logger.handler.task_events.serialize import MAX_BYTES, to_line
from mutations import SECRET, json_values, mutated_events


def assert_valid_line(event: Any, full: bool) -> None:
    line = to_line(make_record(event, full=full))
    assert len(line.encode()) <= MAX_BYTES
    assert line.splitlines() == [line]
    record = json.loads(line)
    assert record["level"] in ("INFO", "WARN", "ERROR")
    assert "handlerErrors" not in record
    # Notifications put these into text and JSON unchanged.
    for text in (record["message"], record.get("remedy", "none")):
        assert text
        assert text.isprintable()
        assert not set(text) & set('"\\<>')
    assert all(value or value in (0, False) for key, value in record.items() if key != "unparsed")
    assert SECRET not in line


@given(json_values, st.booleans())
def test_any_json_gives_one_line(event: Any, full: bool) -> None:
    assert_valid_line(event, full)


@given(json_values)
def test_any_task_detail_gives_one_line(detail: Any) -> None:
    assert_valid_line({**task_event(), "detail": detail}, True)


@given(mutated_events(), st.booleans())
def test_any_mutated_event_gives_one_line(event: Event, full: bool) -> None:
    assert_valid_line(event, full)


@given(mutated_events())
def test_handler_writes_once_and_never_raises(event: Event) -> None:
    writes: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys.stdout, "write", writes.append)
        main.handler(event)
    assert len(writes) == 1
    assert writes[0].endswith("\n")
