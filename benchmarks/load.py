"""One process of the function under load: nothing lost, nothing twice, no memory kept.

Events are drawn from files in turn, each as if of another task, with hostile ones in between.
Round trips are those of the local Runtime API: of use for comparison on the same machine alone.
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

# After these no more is imported, and what is remembered of events has its full size.
WARM_UP = 1000
MAX_RSS_RATIO = 1.05

_HOSTILE_EVERY = 50
# How long the long events are, and how deep the deep ones: the runtime client itself reads hardly a
# thousand levels.
_LONG = 256 * 1024
_DEEP = 900


@dataclass(frozen=True)
class Load:
    """What came of sending events to one process.

    Attributes:
        events: How many events were sent.
        lines: How many lines were printed.
        lost: How many events have no line.
        twice: How many lines are one too many for their event, or are of no event at all.
        events_a_second: Of the round trips alone, without what it takes to make up events.
        p50: The median of the round trips in milliseconds.
        p99: The 99th percentile of the round trips in milliseconds.
        warm_rss: The bytes of memory that the process kept after the warm-up.
        rss: The bytes of memory that the process kept in the end.
        peak_rss: The bytes of memory that the process took at most.
    """

    events: int
    lines: int
    lost: int
    twice: int
    events_a_second: float
    p50: float
    p99: float
    warm_rss: int
    rss: int
    peak_rss: int

    @property
    def rss_ratio(self) -> float:
        """The memory in the end against that after the warm-up."""
        return self.rss / self.warm_rss

    def faults(self) -> list[str]:
        """Return what does not hold, a sentence each."""
        claims = {
            f"{self.lines} lines were printed for {self.events} events.": self.lines == self.events,
            f"{self.lost} events left no line.": not self.lost,
            f"{self.twice} lines are one too many.": not self.twice,
            f"Memory grew after the warm-up: {self.rss_ratio:.3f} times what it was, "
            f"where {MAX_RSS_RATIO} is allowed.": self.rss_ratio <= MAX_RSS_RATIO,
        }
        return [sentence for sentence, holds in claims.items() if not holds]


def measure(files: list[Path], count: int, function: Path = FUNCTION) -> Load:
    """Send events to one process of the function, and return what came of it.

    Args:
        files: Events as JSON lines.
        count: How many to send: more than the warm-up.
        function: The directory with the function's code.

    Raises:
        FunctionError: If an invocation ends in error.
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
        twice=(found - expected).total(),
        events_a_second=count / sum(seconds),
        p50=percentiles[49] * 1e3,
        p99=percentiles[98] * 1e3,
        warm_rss=_kept(rss[:WARM_UP]),
        rss=_kept(rss),
        peak_rss=peak_rss,
    )


def _kept(rss: list[int]) -> int:
    """Return how much memory is kept in the end, whatever the last events happened to be.

    A long event leaves room on the heap, 4 % of all memory, that a later one gives back or not.
    What a leak holds is never given back: it is in the least that was taken while all hostile
    kinds had their turn.
    """
    return min(rss[-_HOSTILE_EVERY * len(HOSTILE) :])


def _key_of_event(event: Any) -> str:
    """Return what the line of an event is known by: the event's ID, or all of it."""
    return str(event["id"]) if type(event) is dict and "id" in event else json.dumps(event)


def _key_of_line(line: str) -> str:
    try:
        record = json.loads(line)
        return str(record["eventId"]) if "eventId" in record else json.dumps(record["unparsed"])
    except (ValueError, LookupError, TypeError):
        return line


# -- the events -------------------------------------------------------------------------------


def make_events(files: list[Path]) -> Iterator[Any]:
    """Yield events without end: those of the files in turn, and all kinds of hostile ones."""
    templates = [json.loads(line) for file in files for line in file.read_text().splitlines()]
    hostile = cycle(HOSTILE)
    previous: Event = {}
    for number, template in enumerate(cycle(templates), start=1):
        if number % _HOSTILE_EVERY == 0:
            yield next(hostile)(previous, number)
        else:
            previous = _as_another(template, number)
            yield previous


def _as_another(template: Event, number: int) -> Event:
    """Return an event as if of another task: nothing that is remembered may help with its IDs."""
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


# Each makes up an event out of the one before it and the event's number.
HOSTILE: tuple[Callable[[Event, int], Any], ...] = (
    _delivered,  # the same once more, but for its ID
    _long_reason,
    _many_containers,
    _deep,
    lambda event, number: {},
    lambda event, number: [number],
    lambda event, number: f"event {number}",
    lambda event, number: _delivered({"detail-type": number, "detail": None}, number),
)
