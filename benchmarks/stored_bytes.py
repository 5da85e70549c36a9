"""What is stored of an event in CloudWatch Logs: the line, its overhead, and the platform's lines.

Who does not silence them, as this library does with JSON as the log format and WARN as the system
log level, has three lines of Lambda's beside each of their own.
"""

import zlib
from dataclasses import dataclass
from random import Random
from uuid import UUID

from functions import OURS, Function
from recordings import Event
from rivals.forwarded import as_stored
from turns import Ratios, exactly

# What CloudWatch Logs adds to the UTF-8 of each log event, and charges for.
OVERHEAD = 26

FORWARDED = "(c) forwarded by EventBridge"


@dataclass(frozen=True)
class Stored:
    """What is stored of some events, in bytes an event.

    Attributes:
        lines: The lines themselves, with their overhead.
        platform: The platform's lines, with theirs.
        compression: All that after compression, against before.
    """

    lines: float
    platform: float
    compression: float

    @property
    def all(self) -> float:
        """The bytes that an event takes in all."""
        return self.lines + self.platform


def measure(functions: list[Function], events: list[Event]) -> dict[str, Stored]:
    """Return what is stored of events, by who stores it."""
    stored = {FORWARDED: _stored([as_stored(event) for event in events], [])}
    for function in functions:
        # Ours alone is deployed so that the platform says nothing.
        platform = [] if function.name == OURS else platform_lines(len(events))
        stored[function.name] = _stored(_printed(function, events), platform)
    return stored


def against(stored: dict[str, Stored], rival: str, platform: bool = False) -> Ratios:
    """Return what this library stores against a rival, its platform's lines included or not."""
    other = stored[rival]
    return exactly(stored[OURS].all, other.all if platform else other.lines)


def _printed(function: Function, events: list[Event]) -> list[str]:
    with function.process() as process:
        for event in events:
            process.invoke(event)
        lines = process.lines()
    if len(lines) != len(events):
        raise RuntimeError(f"{function.name}: {len(lines)} lines for {len(events)} events")
    # A line is stored with the line feed that ends it.
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
    r"""Return the lines that Lambda adds to warm invocations where the log format is text.

    Their shapes are Lambda's, tabs included; IDs, times and memory are made up, at the usual
    length. What a cold start adds (``INIT_START``, ``Init Duration``) is left out, in
    favour of rivals.
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
