"""How long functions take on Lambda's own runtime client, and how much memory.

Each runs in processes of its own, which take turns. As in Lambda, what was uploaded has no bytecode
and is compiled at each cold start, while the standard library and the runtime client have theirs.
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
    """From the start of a process to the end of its first invocation.

    Attributes:
        seconds: How long it took.
        cpu: The seconds of CPU time that it took.
        peak_rss: The bytes of memory that it took at most.
    """

    seconds: float
    cpu: float
    peak_rss: int


@dataclass(frozen=True)
class Warm:
    """What invocations take that are not the first ones.

    Attributes:
        seconds: How long each took, from the event to the answer.
        cpu: The seconds of CPU time that an event took in its process.
        peak_rss: The bytes of memory that the process took at most.
    """

    seconds: list[float]
    cpu: float
    peak_rss: int


def measure_cold_starts(
    functions: list[Function], event: Event, rounds: int
) -> dict[str, list[ColdStart]]:
    """Return the cold starts of functions, one a round, with an event as the first."""
    starts: dict[str, Callable[[], ColdStart]] = {
        function.name: partial(_start, function, event) for function in functions
    }
    in_turns(starts, 1)  # to warm the machine's caches up
    return in_turns(starts, rounds)


def _start(function: Function, event: Event) -> ColdStart:
    with function.process() as process:
        process.invoke(event)
        seconds = time.perf_counter() - process.started
        return ColdStart(seconds, process.cpu(), process.peak_rss())


def measure_warm(
    functions: list[Function], events: list[Event], count: int, rounds: int
) -> dict[str, list[Warm]]:
    """Return what warm invocations take, in fresh processes each round.

    Args:
        functions: Whose invocations.
        events: What is sent, in turn; all of it first to warm up.
        count: How many events to send to each process after that.
        rounds: How many rounds.
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
