"""What the handler costs: bytes logged, CPU an event, and its import at a cold start.

The rival is what tutorials do: ``print(json.dumps(event))``. Both take turns in one process, so
that a noisy machine is noisy to both; ratios hold where microseconds do not.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Event = dict[str, Any]

FUNCTION = Path(__file__).parents[1] / "src" / "ecs_task_event_logger" / "function"
EXAMPLE = Path(__file__).parents[1] / "examples" / "local" / "failing-task.jsonl"

# As Lambda does it: from source, in a process that has imported json already, and without what a
# virtual environment hooks into imports.
IMPORT = f"""
import json, sys, time
sys.path.insert(0, {str(FUNCTION)!r})
started = time.process_time()
import task_events.main
print(time.process_time() - started)
"""


def read_task_events(files: list[Path]) -> list[Event]:
    """Return the task events in files of JSON lines."""
    events = [json.loads(line) for file in files for line in file.read_text().splitlines()]
    return [event for event in events if event["detail-type"] == "ECS Task State Change"]


def print_bytes(events: list[Event]) -> None:
    """Print how much is logged of what ECS sends."""
    from task_events.line import to_line
    from task_events.record import make_record

    raw = sum(len(json.dumps(event, separators=(",", ":"))) for event in events)
    lines = [
        (event["detail"]["lastStatus"], len(to_line(make_record(event)).encode()))
        for event in events
    ]
    every = sum(size for _, size in lines)
    stopped = sum(size for status, size in lines if status == "STOPPED")
    print(f"bytes of {len(events)} task events, against their compact JSON ({raw} bytes)")
    print(f"  every status      {every:7d}   {every / raw:.3f}")
    print(f"  STOPPED alone     {stopped:7d}   {stopped / raw:.3f}")


def print_cpu(events: list[Event], rounds: int) -> None:
    """Print the CPU time that an event takes."""
    from task_events.main import handler

    def rival(event: Event) -> None:
        print(json.dumps(event))

    pairs = [(cpu(handler, events), cpu(rival, events)) for _ in range(rounds)]
    ours, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratios = sorted(one / other for one, other in pairs)
    print(f"CPU an event, median of {rounds} rounds, Python {sys.version.split()[0]}")
    print(f"  handler           {ours * 1e6:7.1f} µs")
    print(f"  json.dumps        {theirs * 1e6:7.1f} µs")
    print(
        f"  ratio             {statistics.median(ratios):7.2f}      "
        f"(quartiles: {ratios[rounds // 4]:.2f} to {ratios[-rounds // 4]:.2f})"
    )


def cpu(handle: Callable[[Event], object], events: list[Event]) -> float:
    """Return the CPU seconds that an event takes, its line going nowhere."""
    stdout, sys.stdout = sys.stdout, open(os.devnull, "w")  # noqa: SIM115
    try:
        started = time.process_time()
        for _ in range(5):
            for event in events:
                handle(event)
        return (time.process_time() - started) / 5 / len(events)
    finally:
        sys.stdout.close()
        sys.stdout = stdout


def print_import(rounds: int) -> None:
    """Print what the import of the handler adds to a process that has imported json."""
    # Nowhere to read bytecode from, or to write it to: Lambda, too, has but the sources.
    command = [sys.executable, "-I", "-S", "-X", f"pycache_prefix={os.devnull}", "-c", IMPORT]
    milliseconds = sorted(
        float(subprocess.run(command, check=True, capture_output=True).stdout) * 1e3
        for _ in range(rounds)
    )
    print(f"import from source, CPU of {rounds} processes, Python {sys.version.split()[0]}")
    print(
        f"  least, median     {milliseconds[0]:7.1f} ms, {statistics.median(milliseconds):.1f} ms"
    )


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "files", nargs="*", type=Path, help="events as JSON lines", default=[EXAMPLE]
    )
    parser.add_argument("--rounds", type=int, default=41, help="rounds of each (default: 41)")
    options = parser.parse_args()
    sys.path.insert(0, str(FUNCTION))
    sys.dont_write_bytecode = True
    events = read_task_events(options.files)
    print_bytes(events)
    print_cpu(events, options.rounds)
    print_import(options.rounds)


if __name__ == "__main__":
    main()
