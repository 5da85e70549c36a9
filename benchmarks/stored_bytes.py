"""Measures the bytes per event in CloudWatch Logs: line, overhead and platform lines.

Lambda's platform adds three lines to each line of a function. This library turns them off with the
log format JSON and the system log level WARN.
"""

import zlib
from dataclasses import dataclass
from random import Random
from uuid import UUID

from functions import OURS, Function
from recordings import Event
from rivals.forwarded import as_stored
from turns import Ratios, exactly

# The bytes that CloudWatch Logs adds to the UTF-8 of each log event, and bills.
OVERHEAD = 26

FORWARDED = "(c) forwarded by EventBridge"


@dataclass(frozen=True)
class Stored:
    """The bytes stored per event.

    Attributes:
        lines: The function's lines, with their overhead.
        platform: The platform lines, with their overhead.
        compression: The ratio of the compressed size to the original size.
    """

    lines: float
    platform: float
    compression: float

    @property
    def all(self) -> float:
        """The bytes of all lines per event."""
        return self.lines + self.platform


def measure(functions: list[Function], events: list[Event]) -> dict[str, Stored]:
    """Return the bytes stored per event, by function or rival."""
    stored = {FORWARDED: _stored([as_stored(event) for event in events], [])}
    for function in functions:
        # Only ours is deployed without platform lines.
        platform = [] if function.name == OURS else platform_lines(len(events))
        stored[function.name] = _stored(_printed(function, events), platform)
    return stored


def against(stored: dict[str, Stored], rival: str, platform: bool = False) -> Ratios:
    """Return the ratio of our bytes to a rival's, with or without its platform lines."""
    other = stored[rival]
    return exactly(stored[OURS].all, other.all if platform else other.lines)


def _printed(function: Function, events: list[Event]) -> list[str]:
    with function.process() as process:
        for event in events:
            process.invoke(event)
        lines = process.lines()
    if len(lines) != len(events):
        raise RuntimeError(f"{function.name} printed {len(lines)} lines for {len(events)} events")
    # CloudWatch Logs stores the line feed too.
    return [line + "\n" for line in lines]


def _stored(lines: list[str], platform: list[str]) -> Stored:
    content = "".join([*lines, *platform]).encode()
    return Stored(
        lines=sum(map(_size, lines)) / len(lines),
        platform=sum(map(_size, platform)) / len(lines),
        compression=len(zlib.compress(content)) / len(content),
    )


def _size(text: str) -> int:
    return len(text.encode()) + OVERHEAD


def platform_lines(invocations: int) -> list[str]:
    """Return the lines that Lambda adds to warm invocations if the log format is text.

    The format is Lambda's, tabs included. IDs, times and memory are invented, with the usual
    length. The lines of a cold start (``INIT_START``, ``Init Duration``) are left out, in favour of
    the rivals.
    """
    random = Random(8)
    lines = []
    for _ in range(invocations):
        request_id = UUID(int=random.getrandbits(128), version=4)
        duration = random.uniform(1, 20)
        lines += [
            f"START RequestId: {request_id} Version: $LATEST\n",
            f"END RequestId: {request_id}\n",
            f"REPORT RequestId: {request_id}\tDuration: {duration:.2f} ms\t"
            f"Billed Duration: {int(duration) + 1} ms\tMemory Size: 128 MB\t"
            f"Max Memory Used: {random.randint(35, 45)} MB\t\n",
        ]
    return lines
