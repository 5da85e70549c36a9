"""The handler: one event in, one line out."""

import json
import sys
from typing import Any

import pytest

from ecs_events import Event, task_event
from ecs_task_event_logger.function.task_events import main
from ecs_task_event_logger.function.task_events.line import MAX_BYTES, to_line
from ecs_task_event_logger.function.task_events.record import make_record


class Writes:
    """Standard output, write by write."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def write(self, text: str) -> None:
        self.texts.append(text)


def written(event: Any, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    writes = Writes()
    monkeypatch.setattr(sys, "stdout", writes)
    main.handler(event)
    monkeypatch.undo()
    return writes.texts


def test_a_line_is_one_write_of_compact_json_and_the_record_is_returned(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    event = task_event({"name": "app", "exitCode": 1})
    (text,) = written(event, monkeypatch)
    record = main.handler(event)
    assert text == json.dumps(record, separators=(",", ":")) + "\n"


def test_utf_8_is_left_as_it_is() -> None:
    assert "Größe 🚀 €" in to_line({"message": "Größe 🚀 €"})


@pytest.mark.parametrize(
    "character", ["\n", "\r", "\0", "\x1b", "\x7f", "\x85", "\u2028", "\ud800"]
)
def test_nothing_in_an_event_can_end_the_line_before_its_end(
    character: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    forged = f'x{character}{{"level":"ERROR"}}'
    (text,) = written(task_event(stoppedReason=forged, group=forged), monkeypatch)
    text.encode()
    assert len(text.splitlines()) == 1
    assert json.loads(text)["stoppedReason"] == forged


class TestSettings:
    @pytest.fixture
    def configured(self, monkeypatch: pytest.MonkeyPatch) -> Any:
        import importlib

        def reload(**environment: str) -> Any:
            for name, value in environment.items():
                monkeypatch.setenv(name, value)
            return importlib.reload(main)

        yield reload
        monkeypatch.undo()
        importlib.reload(main)

    def test_by_default_the_record_is_compact(self, configured: Any) -> None:
        assert "detail" not in configured().handler(task_event())

    def test_by_default_no_environment_may_pass(self, configured: Any) -> None:
        environment = [{"name": name, "value": "hunter2"} for name in ("", "A", ",")]
        event = task_event(overrides={"environment": environment}, containers="strange")
        assert "hunter2" not in json.dumps(configured().handler(event))

    def test_the_full_format_adds_the_detail(self, configured: Any) -> None:
        module = configured(RECORD_FORMAT="FULL")
        assert module.handler(task_event())["detail"]["cpu"] == "256"

    def test_the_environment_that_may_pass_is_named(self, configured: Any) -> None:
        module = configured(RECORD_FORMAT="FULL", UNREDACTED_ENVIRONMENT="STAGE,LEVEL")
        environment = [
            {"name": "STAGE", "value": "production"},
            {"name": "LEVEL", "value": "debug"},
            {"name": "KEY", "value": "hunter2"},
        ]
        overrides = {"containerOverrides": [{"name": "app", "environment": environment}]}
        detail = module.handler(task_event(overrides=overrides))["detail"]
        (container,) = detail["overrides"]["containerOverrides"]
        values = [variable["value"] for variable in container["environment"]]
        assert values == ["production", "debug", "***"]


class TestTooLongALine:
    """CloudWatch Logs takes 256 kB; what must be cut is cut last-first, and the line says so."""

    def line_of(self, **detail: Any) -> tuple[str, Event]:
        line = to_line(make_record(task_event(**detail), full=True))
        assert len(line.encode()) <= MAX_BYTES
        record: Event = json.loads(line)
        return line, record

    def test_the_detail_goes_first(self) -> None:
        line, record = self.line_of(attachments=[{"id": "x" * 1000} for _ in range(400)])
        assert record["truncated"] == ["detail"]
        assert len(line) > 0.95 * MAX_BYTES
        assert record["message"]
        assert list(record)[-2:] == ["detail", "truncated"]
        assert "availabilityZone" not in record["detail"]

    def test_then_containers_and_so_on_to_the_front(self) -> None:
        _, record = self.line_of(
            containers=[{"name": "app", "image": "x" * 300_000}], stoppedReason="y" * 10
        )
        assert record["truncated"] == ["containers", "detail"]
        assert record["containers"][0]["name"] == "app"
        assert record["stoppedReason"] == "y" * 10

    def test_of_a_text_the_beginning_is_kept(self) -> None:
        line, record = self.line_of(stoppedReason="é" * 300_000)
        assert record["truncated"][0] == "stoppedReason"
        assert record["stoppedReason"].startswith("ééé")
        assert record["eventId"]
        assert len(line.encode()) > 0.3 * MAX_BYTES

    def test_the_longest_event_of_eventbridge_fits_in_whatever_way_it_is_long(self) -> None:
        for text in ("x" * 1_000_000, "\u2028" * 300_000, "🚀" * 250_000, "\0" * 160_000):
            for key in ("group", "startedBy", "lastStatus", "taskDefinitionArn", "taskArn"):
                _, record = self.line_of(**{key: text})
                assert record["level"]
                assert record["message"]
                assert record["eventId"]

    def test_of_what_is_in_front_nothing_can_push_out_the_rest(self) -> None:
        for key in ("time", "id", "account", "region", "detail-type"):
            event = {**task_event({"name": "app", "exitCode": 1}), key: "x" * 300_000}
            record = json.loads(to_line(make_record(event)))
            assert record["level"] in ("ERROR", "WARN")
            assert record["truncated"] == ["unparsed"]

    def test_a_line_that_just_fits_is_left_whole(self) -> None:
        record = {"message": ""}
        record["message"] = "x" * (MAX_BYTES - len(to_line(record)))
        assert len(to_line(record)) == MAX_BYTES
        assert json.loads(to_line(record)) == record
        record["message"] += "x"
        assert json.loads(to_line(record))["truncated"] == ["message"]
