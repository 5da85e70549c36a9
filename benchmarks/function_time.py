"""Measures time and memory of functions on Lambda's own runtime client.

Each function has its own processes, which take turns. As in Lambda, uploaded code has no bytecode
and is compiled at each cold start. The standard library and the runtime client have bytecode.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from itertools import cycle

from functions import Function
from recordings import Event
from runtime_api import RuntimeProcess
from turns import in_turns


@dataclass(frozen=True)
class ColdStart:
    """The cost from the start of a process to the end of its first invocation.

    Attributes:
        seconds: The elapsed time.
        cpu: The CPU time in seconds.
        peak_rss: The peak memory in bytes.
    """

    seconds: float
    cpu: float
    peak_rss: int


@dataclass(frozen=True)
class Warm:
    """The cost of invocations after the first ones.

    Attributes:
        seconds: The elapsed time of each, from the event to the response.
        cpu: The seconds of CPU time per event.
        peak_rss: The peak memory of the process in bytes.
    """

    seconds: list[float]
    cpu: float
    peak_rss: int


def measure_cold_starts(
    functions: list[Function], event: Event, rounds: int
) -> dict[str, list[ColdStart]]:
    """Return cold starts by function, one per round, with ``event`` as the first event."""
    starts: dict[str, Callable[[], ColdStart]] = {
        function.name: partial(_start, function, event) for function in functions
    }
    in_turns(starts, 1)  # warms up the machine's caches
    return in_turns(starts, rounds)


def _start(function: Function, event: Event) -> ColdStart:
    with function.process() as process:
        process.invoke(event)
        seconds = time.perf_counter() - process.started
        return ColdStart(seconds, process.cpu(), process.peak_rss())


def measure_warm(
    functions: list[Function], events: list[Event], count: int, rounds: int
) -> dict[str, list[Warm]]:
    """Return the cost of warm invocations by function. Each round has new processes.

    Args:
        functions: The functions.
        events: The events to send in turn. A process first gets all of them once to warm up.
        count: The number of events for each process after that.
        rounds: The number of rounds.
    """
    results: dict[str, list[Warm]] = {function.name: [] for function in functions}
    for _ in range(rounds):
        for name, warm in _warm_round(functions, events, count).items():
            results[name].append(warm)
    return results


def _warm_round(functions: list[Function], events: list[Event], count: int) -> dict[str, Warm]:
    with ExitStack() as stack:
        processes = {
            function.name: stack.enter_context(function.process()) for function in functions
        }
        for event in events:
            for process in processes.values():
                process.invoke(event)
        before = {name: process.cpu() for name, process in processes.items()}
        turns = {
            name: partial(_invoke_next, process, cycle(events))
            for name, process in processes.items()
        }
        seconds = in_turns(turns, count)
        return {
            name: Warm(seconds[name], (process.cpu() - before[name]) / count, process.peak_rss())
            for name, process in processes.items()
        }


def _invoke_next(process: RuntimeProcess, upcoming: Iterator[Event]) -> float:
    event = next(upcoming)
    started = time.perf_counter()
    process.invoke(event)
    return time.perf_counter() - started
