"""The handler: one event in, one line out."""

import json
import sys
from typing import Any

import pytest

from ecs_events import Event, task_event
from ecs_task_event_logger.handler.task_events import main
from ecs_task_event_logger.handler.task_events.filters import make_selection
from ecs_task_event_logger.handler.task_events.record import make_record
from ecs_task_event_logger.handler.task_events.serialize import MAX_BYTES, to_line


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


def test_writes_one_line_of_compact_json_and_returns_the_record(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    event = task_event({"name": "app", "exitCode": 1})
    (text,) = written(event, monkeypatch)
    record = main.handler(event)
    assert text == json.dumps(record, separators=(",", ":")) + "\n"


def test_keeps_printable_unicode() -> None:
    assert "Größe 🚀 €" in to_line({"message": "Größe 🚀 €"})


@pytest.mark.parametrize(
    "character", ["\n", "\r", "\0", "\x1b", "\x7f", "\x85", "\u2028", "\ud800"]
)
def test_event_cannot_break_the_line(character: str, monkeypatch: pytest.MonkeyPatch) -> None:
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

    def test_default_record_has_no_detail(self, configured: Any) -> None:
        assert "detail" not in configured().handler(task_event())

    def test_default_masks_all_environment_values(self, configured: Any) -> None:
        environment = [{"name": name, "value": "hunter2"} for name in ("", "A", ",")]
        event = task_event(overrides={"environment": environment}, containers="strange")
        assert "hunter2" not in json.dumps(configured().handler(event))

    def test_full_format_adds_the_detail(self, configured: Any) -> None:
        module = configured(RECORD_FORMAT="FULL")
        assert module.handler(task_event())["detail"]["cpu"] == "256"

    def test_unredacted_variables_stay_readable(self, configured: Any) -> None:
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

    @pytest.mark.parametrize(
        ("name", "value", "exit_code"),
        [
            ("ONLY_FAILURES", "true", 1),
            ("CAUSES", "APPLICATION_ERROR", 1),
            ("EXCLUDE_SERVICES", "shop", 0),
            ("EXCLUDE_TASK_FAMILIES", "shop", 0),
        ],
    )
    def test_filtered_events_leave_no_line(
        self,
        name: str,
        value: str,
        exit_code: int,
        configured: Any,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        module = configured(**{name: value})
        arn = "arn:aws:ecs:eu-west-1:111122223333:task-definition/shop:1"
        dropped = task_event(
            {"name": "app", "exitCode": 0}, group="service:shop", taskDefinitionArn=arn
        )
        assert module.handler(dropped) is None
        assert capsys.readouterr().out == ""
        assert module.handler(task_event({"name": "app", "exitCode": exit_code}))
        assert capsys.readouterr().out


class TestFilters:
    @pytest.mark.parametrize(
        ("settings", "record", "selected"),
        [
            ({}, {}, True),
            ({"ONLY_FAILURES": "true"}, {"failed": True, "level": "ERROR"}, True),
            ({"ONLY_FAILURES": "true"}, {"failed": False, "level": "WARN"}, False),
            ({"ONLY_FAILURES": "true"}, {"level": "INFO"}, False),
            ({"CAUSES": "SIGNAL,TIMEOUT"}, {"cause": "SIGNAL"}, True),
            ({"CAUSES": "SIGNAL,TIMEOUT"}, {"cause": "TIMEOUT"}, True),
            ({"CAUSES": "SIGNAL,TIMEOUT"}, {"cause": "UNKNOWN"}, False),
            ({"CAUSES": "SIGNAL,TIMEOUT"}, {}, False),
            ({"ONLY_FAILURES": "true", "CAUSES": "HOST_FAILURE"}, {"cause": "HOST_FAILURE"}, False),
        ],
    )
    def test_filters_by_failure_and_cause(
        self, settings: dict[str, str], record: Event, selected: bool
    ) -> None:
        assert make_selection(settings)(record) is selected

    @pytest.mark.parametrize(("level", "failure"), [("INFO", 0), ("WARN", 0), ("ERROR", 1)])
    def test_failure_is_a_line_with_level_error(self, level: str, failure: int) -> None:
        only_failures = make_selection({"ONLY_FAILURES": "true"})
        assert only_failures({"level": level, "detailType": "ECS Service Action"}) is bool(failure)

    @pytest.mark.parametrize("settings", [{"ONLY_FAILURES": "true"}, {"CAUSES": "SIGNAL"}])
    def test_unparsed_events_pass_unless_their_verdict_is_known(
        self, settings: dict[str, str]
    ) -> None:
        is_selected = make_selection(settings)
        assert is_selected({"unparsed": {}})
        assert not is_selected({"unparsed": {}, "cause": "COMPLETED", "failed": False})
        failure = {"cause": "SIGNAL", "failed": True, "level": "ERROR"}
        assert is_selected({"unparsed": {}, **failure})

    @pytest.mark.parametrize(
        ("name", "excluded"),
        [
            ("web", True),
            ("a.b", True),
            ("shop-x-dev", True),
            ("shop--dev", True),
            ("shop-\n-dev", True),
            ("web2", False),
            ("my-web", False),
            ("axb", False),
            ("shop-dev", False),
            ("shop-x-dev2", False),
            ("WEB", False),
        ],
    )
    def test_excluded_names_match_as_a_whole_with_wildcards(
        self, name: str, excluded: bool
    ) -> None:
        names = "web,a.b,shop-*-dev"
        of_service = make_selection({"EXCLUDE_SERVICES": names})
        of_family = make_selection({"EXCLUDE_TASK_FAMILIES": names})
        assert of_service({"service": name}) is not excluded
        assert of_service({"service": name, "unparsed": {}}) is not excluded
        assert of_service({"taskDefinition": f"{name}:6"})
        assert of_family({"taskDefinition": f"{name}:6"}) is not excluded
        assert of_family({"service": name})


class TestTruncation:
    """CloudWatch Logs takes 256 kB. A longer line loses its last keys first, and says so."""

    def line_of(self, **detail: Any) -> tuple[str, Event]:
        line = to_line(make_record(task_event(**detail), full=True))
        assert len(line.encode()) <= MAX_BYTES
        record: Event = json.loads(line)
        return line, record

    def test_cuts_the_detail_first(self) -> None:
        line, record = self.line_of(attachments=[{"id": "x" * 1000} for _ in range(400)])
        assert record["truncated"] == ["detail"]
        assert len(line) > 0.95 * MAX_BYTES
        assert record["message"]
        assert list(record)[-2:] == ["detail", "truncated"]
        assert "availabilityZone" not in record["detail"]

    def test_cuts_containers_after_the_detail(self) -> None:
        _, record = self.line_of(
            containers=[{"name": "app", "image": "x" * 300_000}], stoppedReason="y" * 10
        )
        assert record["truncated"] == ["containers", "detail"]
        assert record["containers"][0]["name"] == "app"
        assert record["stoppedReason"] == "y" * 10

    def test_keeps_the_start_of_a_cut_text(self) -> None:
        line, record = self.line_of(stoppedReason="é" * 300_000)
        assert record["truncated"][0] == "stoppedReason"
        assert record["stoppedReason"].startswith("ééé")
        assert record["eventId"]
        assert len(line.encode()) > 0.3 * MAX_BYTES

    def test_longest_possible_events_fit(self) -> None:
        for text in ("x" * 1_000_000, "\u2028" * 300_000, "🚀" * 250_000, "\0" * 160_000):
            for key in ("group", "startedBy", "lastStatus", "taskDefinitionArn", "taskArn"):
                _, record = self.line_of(**{key: text})
                assert record["level"]
                assert record["message"]
                assert record["eventId"]

    def test_long_head_fields_do_not_push_out_the_rest(self) -> None:
        for key in ("time", "id", "account", "region", "detail-type"):
            event = {**task_event({"name": "app", "exitCode": 1}), key: "x" * 300_000}
            record = json.loads(to_line(make_record(event)))
            assert record["level"] in ("ERROR", "WARN")
            assert record["truncated"] == ["unparsed"]

    @pytest.mark.parametrize(
        ("value", "waste"),
        [
            ("x" * 300_000, 2),
            (["x" * 300_000], 3),
            ({"key": "x" * 300_000}, 3),
            (["x" * 999] * 300, 3),
            ({f"k{n:03}": "x" * 999 for n in range(300)}, 3),
            ({"a": 1, "b": ["x"], "c": "x" * 300_000}, 3),
            ([10] * 100_000, 5),
        ],
        ids=["text", "list", "mapping", "texts", "members", "last member", "numbers"],
    )
    def test_cuts_no_more_than_necessary(self, value: Any, waste: int) -> None:
        for message in ("m", "mm", "mmm"):
            line = to_line({"message": message, "value": value})
            assert 0 <= MAX_BYTES - len(line) <= waste
            record = json.loads(line)
            assert record["truncated"] == ["value"]
            if type(value) is dict:
                assert list(record["value"]) == list(value)[: len(record["value"])]

    def test_cut_line_fits_for_any_remaining_room(self) -> None:
        for length in range(MAX_BYTES - 120, MAX_BYTES, 3):
            for value in ("\u2028" * 20, [["\u2028"] * 20], {"k": {"\u2028": [12345] * 20}}):
                line = to_line({"message": "x" * length, "value": value, "last": value})
                assert len(line.encode()) <= MAX_BYTES
                assert json.loads(line)["truncated"][-1] == "last"

    def test_keeps_a_line_that_just_fits(self) -> None:
        record = {"message": ""}
        record["message"] = "x" * (MAX_BYTES - len(to_line(record)))
        assert len(to_line(record)) == MAX_BYTES
        assert json.loads(to_line(record)) == record
        record["message"] += "x"
        assert json.loads(to_line(record))["truncated"] == ["message"]


def test_returned_record_has_no_lone_surrogates() -> None:
    record = main.handler(task_event(stoppedReason="half \ud83d, whole \U0001f600"))
    assert record is not None
    assert record["stoppedReason"] == "half ?, whole \U0001f600"
    json.dumps(record, ensure_ascii=False).encode()


def test_returns_a_cut_record_as_logged(
    capsys: pytest.CaptureFixture[str],
) -> None:
    record = main.handler(task_event(stoppedReason="x" * 1024 * 1024))
    assert record == json.loads(capsys.readouterr().out)


def test_unparsed_events_of_other_services_are_dropped() -> None:
    is_selected = make_selection({"SERVICES": "web"})
    event = {"detailType": "ECS Service Action", "level": "WARN", "unparsed": {"id": "1"}}
    assert is_selected({**event, "service": "web"})
    assert not is_selected({**event, "service": "other"})
    assert is_selected(event)
