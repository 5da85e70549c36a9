"""Measures the bytes per event in CloudWatch Logs.

Lambda adds three platform lines to each line of a function. This library turns them off with the
log format JSON and the system log level WARN.
"""

import json
import zlib
from typing import NamedTuple

from functions import FORWARDED, OURS, Functions
from recordings import Event
from runtime_api import running

# The bytes that CloudWatch Logs adds to the UTF-8 of each log event, and bills.
OVERHEAD = 26

# The lines of a warm invocation if the log format is text, in Lambda's format. The ID and the
# numbers are invented, with the usual length.
_ID = "d1a4e2b0-5f7c-4c1e-9a3d-8b6f0e2c7a95"
PLATFORM_LINES = [
    f"START RequestId: {_ID} Version: $LATEST\n",
    f"END RequestId: {_ID}\n",
    f"REPORT RequestId: {_ID}\tDuration: 8.25 ms\tBilled Duration: 9 ms\tMemory Size: 128 MB\t"
    "Max Memory Used: 40 MB\t\n",
]


class Stored(NamedTuple):
    """The bytes stored per event, and the ratio of their compressed size to it."""

    bytes: float
    compression: float


def measure(functions: Functions, events: list[Event]) -> dict[str, Stored]:
    """Return the bytes stored per event, by function or rival."""
    # This is what a rule with targets.CloudWatchLogGroup stores.
    raw = [json.dumps(each, ensure_ascii=False, separators=(",", ":")) for each in events]
    stored = {FORWARDED: _stored(raw, len(events))}
    for name, function in functions.items():
        with running(function) as process:
            for event in events:
                process.invoke(event)
            # CloudWatch Logs stores the line feed too.
            lines = [line + "\n" for line in process.lines()]
        if name == OURS:
            stored[name] = _stored(lines, len(events))
        else:
            stored[f"{name} without platform lines"] = _stored(lines, len(events))
            lines += PLATFORM_LINES * len(events)
            stored[f"{name} with platform lines"] = _stored(lines, len(events))
    return stored


def _stored(lines: list[str], events: int) -> Stored:
    content = "".join(lines).encode()
    size = len(content) + OVERHEAD * len(lines)
    return Stored(size / events, len(zlib.compress(content)) / len(content))
