"""What handlers alone cost: their CPU time an event, and their instructions.

The CPU time is that of warm handlers that take turns in one process. Instructions are counted by
callgrind and are the same in every run: two runs, of which one handles all events once more, differ
by what warm events take; two, of which one does not import the handler, by what a cold start does.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from functions import Function
from recordings import Event
from turns import median

_CHILD = Path(__file__).with_name("handler_process.py")
_WARM_UP = 3
_PASSES = 40

WITHOUT_VALGRIND = "Instructions were not counted: valgrind is not installed."


def measure_cpu(
    functions: list[Function], events: list[Event], rounds: int
) -> dict[str, list[float]]:
    """Return the seconds of CPU time that an event takes, by function and round.

    A round is a process in which all handlers take turns, after passes to warm up.
    """
    results: dict[str, list[float]] = {function.name: [] for function in functions}
    with _file_of(events) as file:
        for _ in range(rounds):
            said = json.loads(_run([], functions, file, _WARM_UP + _PASSES))
            for function, seconds in zip(functions, said, strict=True):
                results[function.name].append(median(seconds[_WARM_UP:]) / len(events))
    return results


def count_instructions(functions: list[Function], events: list[Event]) -> dict[str, float]:
    """Return the instructions that a warm event takes, by function; nothing without valgrind."""
    if not shutil.which("valgrind"):
        return {}
    with _file_of(events) as file:
        # The first pass imports what only some events need.
        return {
            function.name: (_instructions(function, file, 2) - _instructions(function, file, 1))
            / len(events)
            for function in functions
        }


def count_cold_start_instructions(functions: list[Function], event: Event) -> dict[str, float]:
    """Return the instructions of the import and of the first event, by function."""
    if not shutil.which("valgrind"):
        return {}
    with _file_of([event]) as file:
        return {
            function.name: _instructions(function, file, 1) - _instructions(function, file, 0)
            for function in functions
        }


def _instructions(function: Function, file: Path, passes: int) -> int:
    callgrind = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={os.devnull}"]
    said = _run(callgrind, [function], file, passes)
    (count,) = re.findall(r"Collected : (\d+)", said)
    return int(count)


def _run(prefix: list[str], functions: list[Function], file: Path, passes: int) -> str:
    """Return what a process says on standard error, its lines going nowhere."""
    arguments = [part for each in functions for part in (each.directory, each.handler)]
    return subprocess.run(
        [*prefix, sys.executable, _CHILD, file, str(passes), *arguments],
        # Hashes that differ from run to run would differ in what they cost.
        env={"PATH": os.environ["PATH"], "PYTHONHASHSEED": "0", "LANG": "C.UTF-8"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=True,
    ).stderr


@contextmanager
def _file_of(events: list[Event]) -> Iterator[Path]:
    with TemporaryDirectory() as directory:
        file = Path(directory, "events.jsonl")
        file.write_text("".join(json.dumps(event) + "\n" for event in events))
        yield file
