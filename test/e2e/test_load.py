"""The function under load: events that differ, with malformed and huge ones between them."""

import json
import statistics
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import pytest

from ecs_events import SHARED, Event, task_event
from functions import OURS, deployed
from recordings import EXAMPLE
from runtime_api import RuntimeProcess, running

# Lambda's runtime client and /proc need it.
pytestmark = pytest.mark.linux

# After these events, all modules are imported, all caches are full, and the heap has its size.
WARM_UP = 5000
# Python's heap grows by arenas of 1 MiB, and each is 5 % of it. A leak is many of them.
MAX_RSS_RATIO = 1.10
LONG = 256 * 1024
# The runtime client itself cannot read much more.
DEPTH = 900
HOSTILE_EVERY = 50


@pytest.fixture
def process() -> Iterator[RuntimeProcess]:
    with deployed() as functions, running(functions[OURS]) as process:
        yield process


def test_ten_thousand_events_give_a_line_each_and_leak_nothing(process: RuntimeProcess) -> None:
    files = [EXAMPLE, *sorted((SHARED / "events").glob("*.jsonl"))]
    sent, rss = [], []
    for event in islice(load(files), 2 * WARM_UP):
        process.invoke(event)
        sent.append(event["id"] if type(event) is dict and "id" in event else event)
        rss.append(process.memory("VmRSS"))
    lines = [json.loads(line) for line in process.lines()]
    assert [line.get("eventId", line.get("unparsed")) for line in lines] == sent
    assert in_use(rss) <= MAX_RSS_RATIO * in_use(rss[:WARM_UP])


def in_use(rss: list[int]) -> float:
    """Return the memory at the end, independent of the last events.

    A long event leaves 4 % of all memory unused on the heap until a later event returns it. Leaked
    memory is never returned. So it is part of the median over a period with all hostile events.
    """
    return statistics.median(rss[-HOSTILE_EVERY * len(list(hostile_events({}, 0))) :])


def load(files: list[Path]) -> Iterator[Any]:
    """Yield the events of files without end, each of another task, and hostile ones between."""
    templates = [json.loads(line) for file in files for line in file.read_text().splitlines()]
    event: Event = {}
    for number, template in enumerate(cycle(templates), start=1):
        if number % HOSTILE_EVERY:
            event = of_another_task(template, number)
            yield event
        else:
            hostile = list(hostile_events(event, number))
            yield hostile[number // HOSTILE_EVERY % len(hostile)]


def of_another_task(template: Event, number: int) -> Event:
    """Return the event with the IDs of another task, so that no cache speeds it up."""
    task_id = template["detail"].get("taskArn", "/").rpartition("/")[2]
    text = json.dumps({**template, "id": f"event-{number}"})
    event: Event = json.loads(text.replace(task_id, f"{number:032x}") if task_id else text)
    return event


def hostile_events(event: Event, number: int) -> Iterator[Any]:
    nested: Any = number
    for _ in range(DEPTH):
        nested = [nested]
    container = {"name": f"app-{number}", "lastStatus": "STOPPED", "exitCode": 1, "reason": "Error"}
    containers = [container] * (LONG // len(json.dumps([container])) - 100)
    long_reason = f"Error {number}: ".ljust(LONG - 10_000, "x")
    for detail in (
        {},
        {"lastStatus": "STOPPED", "stoppedReason": long_reason},
        {"lastStatus": "STOPPED", "containers": containers},
        {"group": nested},
    ):
        yield {**event, "id": f"event-{number}", "detail": {**event.get("detail", {}), **detail}}
    yield {"detail-type": number, "detail": None, "id": f"event-{number}"}
    yield from ({}, [number], f"event {number}")


def test_lone_surrogate_does_not_end_the_process(process: RuntimeProcess) -> None:
    process.invoke(task_event(stoppedReason="\ud83d"))
    process.invoke(task_event())
    assert len(process.lines()) == 2
