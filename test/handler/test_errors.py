"""Errors inside the handler: each costs only its part, and the line names it."""

import json
import sys
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from inspect import unwrap
from itertools import product
from pkgutil import iter_modules
from types import CodeType, FrameType
from typing import Any

import pytest

from ecs_events import (
    EVERY_TYPE,
    Event,
    call,
    check,
    health,
    not_placed,
    service_action,
    task_event,
)
from ecs_task_event_logger.handler import task_events
from ecs_task_event_logger.handler.task_events import (
    fields,
    main,
    serialize,
    truncate,
)
from ecs_task_event_logger.handler.task_events.options import make_options
from mutations import OVERRIDES, SECRET

PACKAGE = task_events.__name__
# They run after the line is written: see test_notification.py.
AFTER_THE_LINE = ("notification", "links")
# They run for an option only: see test_container_logs.py.
CONTAINER_LOGS = ("container_logs", "log_client", "log_tail")
MODULES = [
    import_module(f"{PACKAGE}.{module.name}")
    for module in iter_modules(task_events.__path__)
    if module.name not in ("aliases", *CONTAINER_LOGS, *AFTER_THE_LINE)
]
# The handler itself, and functions that run only when it starts or after an error.
NOT_CALLED = (
    "handler",
    "make_options",
    "make_selection",
    "_items",
    "Cause",
    "add_error",
    "log_anyway",
    *("make_hide", "_parts", "mask_log"),  # for container logs
)

HEAD = ["timestamp", "level", "message", "detailType", "eventId", "account", "region", "cluster"]
OOM = "OutOfMemoryError: killed, token=abcdefghijk"
KILLED_LATE = {"stoppingAt": "2026-11-01T10:00:00Z", "executionStoppedAt": "2026-11-01T10:00:40Z"}
STARTED = {"startedAt": "2026-11-01T10:00:07.1Z"}
FAILED = task_event(
    {"name": "app", "exitCode": 137, "reason": OOM},
    overrides=OVERRIDES,
    group="family:job",
    stoppedAt="2026-11-01T10:00:40Z",
)
COMPLETED = task_event({"name": "app", "exitCode": 0}, overrides=OVERRIDES)
# Texts in which overrides and secrets stand in every notation that the handler knows.
NOTATIONS = f"""...alue": "{SECRET}"}}], "command": ["{SECRET}"]
{{"environment": [{{"name": "A", "value": "{SECRET}"}}], "command": "{SECRET}", "x": "it's"
environment:
  - name: A
    value: {SECRET}
[environment]
A = "{SECRET}"
environment[0].value={SECRET} --command {SECRET} -e A={SECRET} {{name: A, value: {SECRET}
| environment |
| A | {SECRET} |
"overrides": {{"more": "{SECRET}"}} KeyValuePair(A,{SECRET})
<password>{SECRET}</password> <command>{SECRET}</command>
token 'a1B2c3D4' key=A1b2C3d4E5f6G7h8I9j0K1l2 token:{SECRET}
"--password={SECRET}" %22token%22 ghp_a1B2c3D4e5F6g7H8 "password": "{SECRET}
"""
LONG = "rustic-badger-2667"
ECHOED = {"environment": [{"name": "A", "value": LONG}, {"name": "B", "value": f"{SECRET} %"}]}
EVENTS = [
    FAILED,
    task_event({"name": "app", "exitCode": 1}, {"name": "db", "reason": NOTATIONS}),
    task_event({"name": "app", "exitCode": 1}, {"name": "db", "reason": "é" * 9000}),
    task_event(
        {"name": "app", "exitCode": 1, "reason": f"{LONG} %72ustic-badger-2667 rustic-badg"},
        {"name": "db", "reason": "command.1 = hunter2"},
        overrides={"containerOverrides": [{"name": "app", **ECHOED}]},
        password="arn:aws:ssm:eu-west-1:111122223333:parameter/db",
        tags=[{"key": "password", "value": SECRET}, {"key": "A", "value": "B"}],
        credentials={"primary": "a1B2c3D4e5F6g7H8"},
        parameters=[{"name": "PORT", "value": "80"}, ["--password", SECRET]],
        data="[1, 2]",
    ),
    COMPLETED,
    task_event({"name": "app", "exitCode": 1}, {"name": "envoy", "exitCode": 143}),
    task_event({"name": "app", "exitCode": 0}, {"name": "db", "exitCode": 137}, **KILLED_LATE),
    task_event({"name": "app", "reason": "app: container dependency on db"}, {"name": "db"}),
    task_event({"name": "app"}, {"name": "db"}, stoppedReason="CannotPullContainerError: db"),
    task_event({"name": "app"}, stopCode="TerminationNotice"),
    task_event({"name": "app", "exitCode": 143}, {"name": "envoy", "exitCode": 0}),
    task_event({"name": "app", "exitCode": 137}, {"name": "envoy", "exitCode": 0}),
    task_event({"name": "envoy", "image": None}, {"name": "proxy", "image": None}),
    task_event({"name": "app"}, stopCode="UserInitiated", stoppedReason="by me"),
    task_event(attachments=[{"type": "eni", "status": "FAILED", "details": [{"name": "a"}]}]),
    {**COMPLETED, "detail-type": "ECS Something New"},
    task_event({"name": "app"}, stoppedReason="\ud800 Essential container in task exited"),
    task_event(lastStatus="RUNNING", desiredStatus="RUNNING", **STARTED),
    task_event(lastStatus="PENDING", desiredStatus="RUNNING", overrides=OVERRIDES),
    task_event(containers="unexpected", overrides=OVERRIDES, attachments=[{"details": [{}]}]),
    {**COMPLETED, "detail": json.dumps({"overrides": OVERRIDES, "number": 0.5})},
    health("IMPAIRED", check("DAEMON", "IMPAIRED", "unhealthy")),
    service_action("SERVICE_TASK_START_IMPAIRED", "WARN", reason="because"),
    *EVERY_TYPE,
    call(
        not_placed("AGENT"),
        userIdentity={},
        requestParameters={"overrides": OVERRIDES, "startedBy": None},
    ),
    call(error=("ClientException", "because")),
]


class BrokenError(Exception):
    """Raised by every broken function, with a secret as its message."""


def broken(*arguments: Any, **keywords: Any) -> Any:
    raise BrokenError(SECRET)


def functions() -> Iterator[Any]:
    """Yield every function that the handler calls: its module or class, and its name."""
    for module in MODULES:
        for name, value in vars(module).items():
            if getattr(value, "__module__", "") != module.__name__:
                continue
            if name in NOT_CALLED:
                continue
            holder: Any = module
            names = [name]
            if isinstance(value, type):
                holder = value
                names = [n for n, m in vars(value).items() if callable(m) or type(m) is property]
            for each in names:
                yield pytest.param(holder, each, id=f"{module.__name__.split('.')[-1]}.{each}")


def break_function(holder: Any, name: str, patch: pytest.MonkeyPatch) -> list[Event]:
    """Make a function raise, and return a list to which each call adds the verdict so far."""
    original = vars(holder)[name]
    calls: list[Event] = []

    def note_and_raise(*arguments: Any, **keywords: Any) -> None:
        calls.append(verdict_so_far())
        broken()

    replacement: Any = note_and_raise
    if type(original) is property:
        replacement = property(note_and_raise)
    for each in (holder, *MODULES):
        for alias in [key for key, value in vars(each).items() if value is original]:
            patch.setattr(each, alias, replacement)
    return calls


def verdict_so_far() -> Event:
    """Return the verdict in the record of the functions that are being called."""
    verdict: Event = {}
    frame: Any = sys._getframe(1)
    while frame:
        record = frame.f_locals.get("record")
        if type(record) is dict and "message" in record:
            verdict |= {key: record[key] for key in ("cause", "failed", "level") if key in record}
        frame = frame.f_back
    return verdict


def clear_caches() -> None:
    """Forget what the handler keeps between events, so that each function runs again."""
    fields._unsuspicious.clear()
    for module in MODULES:
        for value in vars(module).values():
            if hasattr(value, "cache_clear"):
                value.cache_clear()


def handle(event: Event, patch: pytest.MonkeyPatch) -> Event:
    """Return the record in the one line that the handler writes."""
    writes: list[str] = []
    with patch.context() as inner:
        inner.setattr(sys.stdout, "write", writes.append)
        returned = main.handler(event)
    (line,) = writes
    assert SECRET not in line
    record: Event = json.loads(line)
    assert returned == json.loads(json.dumps(record).replace("\\ud800", "?"))
    return record


def prepare(event: Event, limit: int, full: bool, patch: pytest.MonkeyPatch) -> None:
    """Set the options with which an event is handled, and forget the events before."""
    filters = {"EXCLUDE_SERVICES": "x*y"} | ({"ONLY_FAILURES": ""} if event is FAILED else {})
    clear_caches()
    patch.setattr(main, "_FULL", full)
    patch.setattr(main, "_UNREDACTED", frozenset({"SHOWN"}))
    patch.setattr(serialize, "MAX_BYTES", limit)
    patch.setattr(main, "_is_logged", make_options(filters, ()))


@cache
def called_for(number: int, limit: int, full: bool) -> set[CodeType]:
    """Return the code of all functions that handling an event calls."""
    called: set[CodeType] = set()

    def note(frame: FrameType, happening: str, argument: object) -> None:
        if happening == "call":
            called.add(frame.f_code)

    with pytest.MonkeyPatch.context() as patch:
        prepare(EVENTS[number], limit, full, patch)
        before = sys.getprofile()
        sys.setprofile(note)
        try:
            handle(EVENTS[number], patch)
        finally:
            sys.setprofile(before)
    return called


@pytest.mark.parametrize("full", [False, True], ids=["compact", "full"])
@pytest.mark.parametrize(("holder", "name"), list(functions()))
def test_broken_function_costs_neither_line_nor_verdict(
    holder: Any, name: str, full: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    original: Any = vars(holder)[name]
    function: Any = original.fget if type(original) is property else original
    code = unwrap(function).__code__
    number_of_calls = 0
    for number, limit in product(range(len(EVENTS)), (800, serialize.MAX_BYTES)):
        if code not in called_for(number, limit, full):
            continue
        event = EVENTS[number]
        with monkeypatch.context() as patch:
            prepare(event, limit, full, patch)
            calls = break_function(holder, name, patch)
            logged = handle(event, patch)
        assert calls
        number_of_calls += len(calls)
        verdict = calls[0]
        assert "BrokenError" in logged["handlerErrors"].values()
        level = verdict.pop("level", "INFO").replace("INFO", "WARN")
        assert logged["level"] in (level, "ERROR")
        assert {key: logged.get(key) for key in verdict} == verdict
    assert number_of_calls, "no event of this test needs the function"


class TestTaskParts:
    @pytest.mark.parametrize(
        ("function", "part", "lost"),
        [
            ("record._add_head", "head", {"timestamp", "detailType", "eventId", "cluster"}),
            ("task._add_names", "names", {"group", "taskId", "taskDefinition"}),
            ("task._add_fields", "fields", {"lastStatus", "version"}),
            ("diagnosis.add_diagnosis", "cause", {"cause", "failed", "culprit", "remedy"}),
            ("diagnosis.Diagnosis.add_culprit", "culprit", {"culprit", "exitCode"}),
            ("remedies.find_remedy", "remedy", {"remedy", "cpu", "memory"}),
            ("explanation.explain", "message", set()),
            ("durations.add_durations", "durations", {"durations"}),
            ("task._add_containers", "containers", {"containers"}),
            ("task.add_message", "message", set()),
        ],
    )
    def test_error_costs_only_its_part(
        self, function: str, part: str, lost: set[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        whole = handle(FAILED, monkeypatch)
        monkeypatch.setattr(f"{PACKAGE}.{function}", broken)
        record = handle(FAILED, monkeypatch)
        assert record["handlerErrors"] == {part: "BrokenError"}
        assert list(record)[-2:] == ["handlerErrors", "unparsed"]
        assert lost <= whole.keys() - record.keys()
        kept = record.keys() - {"level", "message", "handlerErrors", "unparsed"}
        assert {key: record[key] for key in kept} == {key: whole[key] for key in kept}

    def test_message_still_says_why_the_task_stopped(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(f"{PACKAGE}.task.add_message", broken)
        message = handle(FAILED, monkeypatch)["message"]
        assert message == (
            "out of memory in container app (exit code 137; limit 512 MiB): "
            "OutOfMemoryError: killed, token=***"
        )

    def test_success_with_an_error_is_a_warning(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(f"{PACKAGE}.task._add_containers", broken)
        record = handle(COMPLETED, monkeypatch)
        assert (record["level"], record["cause"], record["failed"]) == ("WARN", "COMPLETED", False)


@pytest.mark.parametrize("full", [False, True], ids=["compact", "full"])
def test_nothing_is_logged_unredacted(full: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(main, "_FULL", full)
    monkeypatch.setattr(f"{PACKAGE}.fallback.redact", broken)
    for event in (FAILED, task_event(containers="unexpected", overrides=OVERRIDES)):
        record = handle(event, monkeypatch)
        assert "detail" not in record
        assert "unparsed" not in record
        assert ("unparsed" in record.get("handlerErrors", {})) is (full or event is not FAILED)


@pytest.mark.parametrize("full", [False, True], ids=["compact", "full"])
def test_error_in_the_filter_logs_the_event(full: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(main, "_FULL", full)
    monkeypatch.setattr(main, "_is_logged", broken)
    record = handle(COMPLETED, monkeypatch)
    assert record["cause"] == "COMPLETED"
    assert list(record)[-2:] == ["handlerErrors", "unparsed"]
    assert record["handlerErrors"] == {"options": "BrokenError"}


@pytest.mark.parametrize("filters", [{"ONLY_FAILURES": "true"}, {"CAUSES": "OUT_OF_MEMORY"}])
@pytest.mark.parametrize("function", ["diagnosis.add_diagnosis", "fallback.redact"])
def test_filters_pass_events_without_a_verdict(
    filters: dict[str, str], function: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(main, "_is_logged", make_options(filters, ()))
    monkeypatch.setattr(f"{PACKAGE}.{function}", broken)
    event = {**COMPLETED, "detail": "unexpected"} if "redact" in function else COMPLETED
    assert handle(event, monkeypatch)["handlerErrors"]


@pytest.mark.parametrize("function", ["_encode", "to_line"])
def test_error_in_serialization_leaves_a_minimal_line(
    function: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_function(serialize, function, monkeypatch)
    record = handle(FAILED, monkeypatch)
    assert list(record) == [*HEAD, "lastStatus", "taskId", "cause", "failed", "handlerErrors"]
    assert (record["cause"], record["failed"], record["level"]) == ("OUT_OF_MEMORY", True, "ERROR")
    assert record["handlerErrors"] == {"line": "BrokenError"}


def test_error_in_truncation_leaves_a_minimal_line(monkeypatch: pytest.MonkeyPatch) -> None:
    break_function(truncate, "truncate", monkeypatch)
    event = {**FAILED, "detail": {**FAILED["detail"], "stoppedReason": "x" * 300_000}}
    assert handle(event, monkeypatch)["handlerErrors"] == {"line": "BrokenError"}


def test_truncation_keeps_the_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{PACKAGE}.task.add_message", broken)
    event = task_event({"name": "app", "image": "x" * 300_000})
    record = handle(event, monkeypatch)
    assert record["truncated"] == ["containers", "unparsed"]
    assert record["handlerErrors"] == {"message": "BrokenError"}


def test_event_is_logged_even_without_a_record(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(main, "make_record", broken)
    record = handle(FAILED, monkeypatch)
    assert record["handlerErrors"] == {"record": "BrokenError"}
    assert record["unparsed"]["id"] == FAILED["id"]
    assert record["level"] == "WARN"
    assert record["message"]
