"""Measures handlers alone: their CPU time per event, and their instructions.

For the CPU time, warm handlers take turns in one process. Callgrind counts instructions, which are
the same in every run. The instructions of warm events are the difference between a run that handles
all events twice and one that handles them once. Those of a cold start are the difference between a
run that handles an event and one that does not even import the handler.
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
    """Return the seconds of CPU time per event, by function and round.

    In each round, all handlers take turns in a new process, after some passes to warm up.
    """
    results: dict[str, list[float]] = {function.name: [] for function in functions}
    with _file_of(events) as file:
        for _ in range(rounds):
            measured = json.loads(_run([], functions, file, _WARM_UP + _PASSES))
            for function, seconds in zip(functions, measured, strict=True):
                results[function.name].append(median(seconds[_WARM_UP:]) / len(events))
    return results


def count_instructions(functions: list[Function], events: list[Event]) -> dict[str, float]:
    """Return the instructions of a warm event by function, if valgrind is installed."""
    if not shutil.which("valgrind"):
        return {}
    with _file_of(events) as file:
        # The first pass imports the modules that only some events need.
        return {
            function.name: (_instructions(function, file, 2) - _instructions(function, file, 1))
            / len(events)
            for function in functions
        }


def count_cold_start_instructions(functions: list[Function], event: Event) -> dict[str, float]:
    """Return the instructions of import and first event by function, if valgrind is installed."""
    if not shutil.which("valgrind"):
        return {}
    with _file_of([event]) as file:
        return {
            function.name: _instructions(function, file, 1) - _instructions(function, file, 0)
            for function in functions
        }


def _instructions(function: Function, file: Path, passes: int) -> int:
    callgrind = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={os.devnull}"]
    output = _run(callgrind, [function], file, passes)
    (count,) = re.findall(r"Collected : (\d+)", output)
    return int(count)


def _run(prefix: list[str], functions: list[Function], file: Path, passes: int) -> str:
    """Return the standard error of a process. Its standard output, the lines, is discarded."""
    arguments = [part for each in functions for part in (each.directory, each.handler)]
    return subprocess.run(
        [*prefix, sys.executable, _CHILD, file, str(passes), *arguments],
        # With random hashes, the instructions would differ from run to run.
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
