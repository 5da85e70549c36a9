"""Whatever comes in, one line goes out: valid, of bounded size, and without a secret in it."""

import copy
import json
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecs_events import Event, other_event, shared_events, task_event
from ecs_task_event_logger.function.task_events import main
from ecs_task_event_logger.function.task_events.line import MAX_BYTES, to_line
from ecs_task_event_logger.function.task_events.record import make_record

SECRET = "hunter2"
OVERRIDES = {
    "containerOverrides": [
        {
            "name": "app",
            "command": ["run", SECRET],
            "environment": [{"name": "A", "value": SECRET}, {"name": "B", "value": SECRET}],
        }
    ]
}
ENVIRONMENT = {"environment": OVERRIDES["containerOverrides"][0]["environment"]}
EVENTS = [
    task_event({"name": "app", "exitCode": 1}, overrides=OVERRIDES),
    task_event({"name": "app"}, {"name": "init"}, lastStatus="PENDING", overrides=ENVIRONMENT),
    task_event(stoppedReason="CannotPullContainerError: not found", overrides=[ENVIRONMENT]),
    other_event("ECS Service Action", "arn:aws:ecs:x:1:service/c/s", eventName="SERVICE_NEW"),
    other_event(
        "ECS Container Instance State Change", "arn:a", status="ACTIVE", overrides=ENVIRONMENT
    ),
    *shared_events(),
]

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
    max_leaves=30,
)
Path = tuple[str | int, ...]


def paths(value: Any, parents: Path = ()) -> list[Path]:
    """Return the paths to all that is in a JSON value."""
    if isinstance(value, dict):
        members: list[tuple[str | int, Any]] = list(value.items())
    elif isinstance(value, list):
        members = list(enumerate(value))
    else:
        return []
    return [
        path for key, item in members for path in [(*parents, key), *paths(item, (*parents, key))]
    ]


def mutate(draw: Any, event: Event) -> None:
    """Change one thing in an event, wherever it stands."""
    *parents, key = draw(st.sampled_from(paths(event)))
    holder: Any = event
    for parent in parents:
        holder = holder[parent]
    match draw(st.sampled_from(["drop", "retype", "nest", "huge", "non-ASCII", "rename"])):
        case "drop":
            del holder[key]
        case "retype":
            holder[key] = draw(json_values)
        case "nest":
            for _ in range(draw(st.sampled_from([1, 3, 100]))):
                holder[key] = draw(st.sampled_from([[holder[key]], {"x": holder[key]}]))
        case "huge":
            holder[key] = draw(st.sampled_from(["x" * 300_000, ["y" * 9] * 50_000, 10**400]))
        case "non-ASCII":
            holder[key] = draw(st.text(st.characters(min_codepoint=127), min_size=1))
        case "rename" if isinstance(holder, dict):
            holder[draw(st.text())] = holder.pop(key)


@st.composite
def mutated_events(draw: Any) -> Event:
    event: Event = copy.deepcopy(draw(st.sampled_from(EVENTS)))
    for _ in range(draw(st.integers(1, 2))):
        if paths(event):
            mutate(draw, event)
    return event


def check(event: Any, full: bool) -> None:
    line = to_line(make_record(event, full=full))
    assert len(line.encode()) <= MAX_BYTES
    assert line.splitlines() == [line]
    record = json.loads(line)
    assert record["level"] in ("INFO", "WARN", "ERROR")
    # Notifications put these into text and JSON as they are.
    for text in (record["message"], record.get("remedy", "none")):
        assert text
        assert text.isprintable()
        assert not set(text) & {'"', "\\"}
    assert all(value or value in (0, False) for key, value in record.items() if key != "unparsed")
    assert SECRET not in line


@given(json_values, st.booleans())
def test_any_json_gives_one_line(event: Any, full: bool) -> None:
    check(event, full)


@given(json_values)
def test_any_detail_of_a_task_gives_one_line(detail: Any) -> None:
    check({**task_event(), "detail": detail}, True)


@given(mutated_events(), st.booleans())
def test_any_mutation_of_a_real_event_gives_one_line(event: Event, full: bool) -> None:
    check(event, full)


@given(mutated_events())
def test_the_handler_writes_once_and_never_raises(event: Event) -> None:
    writes: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys.stdout, "write", writes.append)
        main.handler(event)
    assert len(writes) == 1
    assert writes[0].endswith("\n")
