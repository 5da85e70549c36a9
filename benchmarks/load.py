"""Sends many events to one process of the function, and finds lost lines and memory leaks.

The events come from files in turn, each with the IDs of a new task. Between them are edge cases,
such as huge or malformed events. Round trips are those of the local Runtime API, so compare them on
the same machine only.
"""

import json
import statistics
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from recordings import Event
from runtime_api import FUNCTION, RuntimeProcess

# After these events, all modules are imported, all caches are full, and the heap has its size.
WARM_UP = 5000
# Python's heap grows by arenas of 1 MiB, and each is 5 % of it. A leak is many of them.
MAX_RSS_RATIO = 1.10

_EDGE_CASE_EVERY = 50
# The size of the long events, and the depth of the nested ones. The runtime client itself cannot
# read much more than this depth.
_LONG = 256 * 1024
_DEEP = 900


@dataclass(frozen=True)
class Load:
    """The result of sending events to one process.

    Attributes:
        events: The number of events sent.
        lines: The number of lines printed.
        lost: The number of events without a line.
        duplicates: The number of lines beyond one per event.
        events_per_second: The throughput of the round trips, without the creation of events.
        p50: The median of the round trips in milliseconds.
        p99: The 99th percentile of the round trips in milliseconds.
        warm_rss: The bytes of memory in use after the warm-up.
        rss: The bytes of memory in use at the end.
        peak_rss: The peak memory in bytes.
    """

    events: int
    lines: int
    lost: int
    duplicates: int
    events_per_second: float
    p50: float
    p99: float
    warm_rss: int
    rss: int
    peak_rss: int

    @property
    def rss_ratio(self) -> float:
        """The memory at the end, relative to that after the warm-up."""
        return self.rss / self.warm_rss

    def faults(self) -> list[str]:
        """Return one sentence for each fault."""
        claims = {
            f"{self.lines} lines were printed for {self.events} events.": self.lines == self.events,
            f"{self.lost} events left no line.": not self.lost,
            f"{self.duplicates} lines are duplicates.": not self.duplicates,
            f"Memory grew to {self.rss_ratio:.3f} times that after the warm-up. The maximum is "
            f"{MAX_RSS_RATIO}.": self.rss_ratio <= MAX_RSS_RATIO,
        }
        return [sentence for sentence, holds in claims.items() if not holds]


def measure(files: list[Path], count: int, function: Path = FUNCTION) -> Load:
    """Send events to one process of the function, and return the result.

    Args:
        files: Files of JSON lines with events.
        count: The number of events to send, which must be more than the warm-up.
        function: The directory with the function's code.

    Raises:
        FunctionError: If an invocation fails.
    """
    expected: Counter[str] = Counter()
    seconds: list[float] = []
    rss: list[int] = []
    with RuntimeProcess(function=function) as process:
        for event in islice(make_events(files), count):
            expected[_key_of_event(event)] += 1
            started = time.perf_counter()
            process.invoke(event)
            seconds.append(time.perf_counter() - started)
            rss.append(process.rss())
        peak_rss = process.peak_rss()
        lines = process.lines()
    found = Counter(map(_key_of_line, lines))
    percentiles = statistics.quantiles(seconds, n=100)
    return Load(
        events=count,
        lines=len(lines),
        lost=(expected - found).total(),
        duplicates=(found - expected).total(),
        events_per_second=count / sum(seconds),
        p50=percentiles[49] * 1e3,
        p99=percentiles[98] * 1e3,
        warm_rss=_rss_in_use(rss[:WARM_UP]),
        rss=_rss_in_use(rss),
        peak_rss=peak_rss,
    )


def _rss_in_use(rss: list[int]) -> int:
    """Return the memory in use at the end, independent of the last events.

    A long event leaves 4 % of all memory unused on the heap until a later event returns it. Leaked
    memory is never returned. So it is part of the median over a period with all edge cases.
    """
    return int(statistics.median(rss[-_EDGE_CASE_EVERY * len(EDGE_CASES) :]))


def _key_of_event(event: Any) -> str:
    """Return the key that the event's line has too: the event's ID, or else the whole event."""
    return str(event["id"]) if type(event) is dict and "id" in event else json.dumps(event)


def _key_of_line(line: str) -> str:
    try:
        record = json.loads(line)
        return str(record["eventId"]) if "eventId" in record else json.dumps(record["unparsed"])
    except (ValueError, LookupError, TypeError):
        return line


# -- events -----------------------------------------------------------------------------------


def make_events(files: list[Path]) -> Iterator[Any]:
    """Yield events without end: those of the files in turn, and edge cases between them."""
    templates = [json.loads(line) for file in files for line in file.read_text().splitlines()]
    edge_cases = cycle(EDGE_CASES)
    previous: Event = {}
    for number, template in enumerate(cycle(templates), start=1):
        if number % _EDGE_CASE_EVERY == 0:
            yield next(edge_cases)(previous, number)
        else:
            previous = _of_another_task(template, number)
            yield previous


def _of_another_task(template: Event, number: int) -> Event:
    """Return the event with the IDs of another task, so that no cache speeds it up."""
    text = json.dumps(template)
    task_id = template["detail"].get("taskArn", "").rpartition("/")[2]
    if task_id:
        text = text.replace(task_id, f"{number:0{len(task_id)}x}")
    event: Event = json.loads(text)
    if "version" in event["detail"]:
        event["detail"]["version"] = number
    return _delivered(event, number)


def _delivered(event: Event, number: int) -> Event:
    return {**event, "id": str(uuid.UUID(int=number))}


def _with_detail(event: Event, number: int, **detail: Any) -> Event:
    return _delivered({**event, "detail": {**event["detail"], **detail}}, number)


def _room(event: Event) -> int:
    return _LONG - len(json.dumps(event))


def _long_reason(event: Event, number: int) -> Event:
    reason = f"Error {number}: ".ljust(_room(event), "x")
    return _with_detail(event, number, lastStatus="STOPPED", stoppedReason=reason)


def _many_containers(event: Event, number: int) -> Event:
    container = {"name": f"app-{number}", "lastStatus": "STOPPED", "exitCode": 1, "reason": "Error"}
    containers = [container] * (_room(event) // len(json.dumps([container])))
    return _with_detail(event, number, lastStatus="STOPPED", containers=containers)


def _deep(event: Event, number: int) -> Event:
    nested: Any = number
    for _ in range(_DEEP):
        nested = [nested]
    return _with_detail(event, number, group=nested)


# Each makes an event from the previous one and a number.
EDGE_CASES: tuple[Callable[[Event, int], Any], ...] = (
    _delivered,  # the same event with another ID
    _long_reason,
    _many_containers,
    _deep,
    lambda event, number: {},
    lambda event, number: [number],
    lambda event, number: f"event {number}",
    lambda event, number: _delivered({"detail-type": number, "detail": None}, number),
)
