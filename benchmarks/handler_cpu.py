"""Measures handlers and masking alone: CPU time, and instructions with callgrind.

Instructions are the same in every run. Those of a warm event are the difference between two passes
over all events and one. Those of a cold start are the import and the first event.
"""

import json
import os
import re
import subprocess
import sys
from functools import partial
from pathlib import Path

from functions import Function, Functions
from recordings import Event
from results import Results, pyperf_median

_CPU_TIME = [str(Path(__file__).with_name("cpu_time.py"))]
_EVENTS = """\
import itertools, json, os, sys
from awslambdaric.bootstrap import Unbuffered
# As in the runtime client, each write is flushed.
sys.stdout = Unbuffered(open(os.devnull, "w"))
sys.path.insert(0, {directory!r})
sys.dont_write_bytecode = True
events = itertools.cycle(json.load(open({directory!r} + "/events.json")))
"""
_HANDLER = _EVENTS + "from {module} import handler\n"
_HANDLE = "handler(next(events), None)"
_TEXTS = {
    "first text about a secret": "'failed to fetch secret db-a1B2c3 from secrets manager'",
    "first text with a password": "'login with password=hunter2 failed'",
    "text of 280 characters": "'login with password=hunter2 failed ' * 8",
    "text of 256 kB": "'KEY=' * 65536",  # the slowest that is known
}


def measure_cpu(results: Results, functions: Functions, events: list[Event], rounds: int) -> None:
    """Measure the CPU time of a warm event, in a new process for each round."""
    handlers = {name: partial(_cpu, each, events) for name, each in functions.items()}
    results.in_turns(handlers, rounds)


def _cpu(function: Function, events: list[Event]) -> dict[str, float]:
    options = ["--warmups=1", "--values=7", f"--loops={40 * len(events)}"]
    median = pyperf_median(_CPU_TIME, *options, _code(_HANDLER, function, events), _HANDLE)
    return {"warm CPU per event, handler alone": median}


def _code(template: str, function: Function, events: list[Event]) -> str:
    Path(function.directory, "events.json").write_text(json.dumps(events))
    return template.format(directory=str(function.directory), module=function.module)


def count_instructions(results: Results, functions: Functions, events: list[Event]) -> None:
    """Count the instructions of a warm event, and of a cold start with the first of the events."""
    for name, function in functions.items():
        before, start = (_code(template, function, events) for template in (_EVENTS, _HANDLER))
        passes = f"{start}for _ in range({{}}): {_HANDLE}"
        once, twice = (_instructions(passes.format(count * len(events))) for count in (1, 2))
        warm = (twice - once) / len(events)
        cold = _instructions(start + _HANDLE) - _instructions(before)
        results.add(name, {"warm CPU per event, handler alone, in instructions": warm})
        results.add(name, {"import and first event, in instructions": cold})


def _instructions(code: str) -> int:
    callgrind = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={os.devnull}"]
    output = subprocess.run(
        [*callgrind, sys.executable, "-c", code],
        # With random hashes, the instructions would differ from run to run.
        env={"PATH": os.environ["PATH"], "PYTHONHASHSEED": "0", "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=True,
    ).stderr
    return int(re.findall(r"Collected : (\d+)", output)[0])


def measure_masking(results: Results, function: Function, rounds: int) -> None:
    """Measure the CPU time of the first text in a process, and of later ones."""
    path = f"import sys; sys.path.insert(0, {str(function.directory)!r})"
    setup = f"{path}\nfrom task_events.fields import masked"
    for name, text in _TEXTS.items():
        warmups = 0 if name.startswith("first") else 3
        options = ["--values=1", "--loops=1", f"--warmups={warmups}"]
        for _ in range(rounds):
            median = pyperf_median(_CPU_TIME, *options, setup, f"masked({text})")
            results.add(name, {"CPU time of masking": median})
