"""Measures time and memory of functions on Lambda's own runtime client, in turns."""

import time
from contextlib import ExitStack
from functools import partial
from itertools import cycle, islice
from statistics import median

from functions import Function, Functions
from recordings import Event
from results import Results
from runtime_api import RuntimeProcess, running


def measure_cold_starts(
    results: Results, functions: Functions, status: str, first: Event, rounds: int
) -> None:
    """Measure from the start of a process to the result of its first event.

    The first event matters: the first stopped task imports further modules.
    """
    starts = {name: partial(_start, each, status, first) for name, each in functions.items()}
    results.in_turns(starts, rounds)


def _start(function: Function, status: str, event: Event) -> dict[str, float]:
    started = time.perf_counter()
    with running(function) as process:
        process.invoke(event)
        seconds = time.perf_counter() - started
        return {
            f"cold start on the runtime client, first event {status}": seconds,
            f"CPU time of a cold start, first event {status}": process.cpu(),
            f"peak RSS after a first event {status}": process.memory(),
        }


def measure_warm(
    results: Results, functions: Functions, events: list[Event], rounds: int, count: int = 1000
) -> None:
    """Measure further events of new processes that have handled all events once."""
    for _ in range(rounds):
        with ExitStack() as stack:
            processes = {
                name: stack.enter_context(running(each)) for name, each in functions.items()
            }
            _send(processes, events)
            before = {name: process.cpu() for name, process in processes.items()}
            _send(processes, list(islice(cycle(events), count)))
            for name, process in processes.items():
                cpu = (process.cpu() - before[name]) / count
                results.add(name, {"warm CPU per event on the runtime client": cpu})
                results.add(name, {"peak RSS after many events": process.memory()})


def _send(processes: dict[str, RuntimeProcess], events: list[Event]) -> None:
    for event in events:
        for process in processes.values():
            process.invoke(event)


def measure_container_logs(
    results: Results, function: Function, stopped: Event, rounds: int
) -> None:
    """Measure failed tasks with ``container_log_groups``, from copies of an event.

    A server on this machine answers the calls to AWS at once. So the times are those of the
    function alone: in AWS, each of the two calls adds some ten milliseconds.
    """
    exited = {"stopCode": "EssentialContainerExited", "stoppedReason": "Container exited"}
    containers = [each | {"exitCode": 1} for each in stopped["detail"]["containers"]]
    detail = stopped["detail"] | exited | {"containers": containers}
    failed = stopped | {"account": "111122223333", "region": "eu-west-1", "detail": detail}
    # The function keeps the result of a look-up by the ID of the event.
    tasks = [failed | {"id": f"{stopped['id'][:-3]}-{number}"} for number in range(10, 31)]
    for _ in range(rounds):
        with running(function, _aws(detail), CONTAINER_LOG_GROUPS="/ecs/shop") as process:
            # The function does not look up another account's logs.
            process.invoke(failed | {"account": "000000000000"})
            first, *later = (_cost(process, task) for task in tasks)
            results.add("first failed task", first)
            for quantity in first:
                of_later = median(each[quantity] for each in later)
                results.add("later failed tasks", {quantity: of_later})
            results.add("failed tasks", {"peak RSS": process.memory()})
            without, *lines = process.lines()
        assert all('"logTail":' in line for line in lines), lines[0]
    results.add("20 log lines", {"bytes of a line": len(lines[-1].encode())})
    results.add("no log lines", {"bytes of a line": len(without.encode())})


def _aws(detail: Event) -> Event:
    """Return AWS's responses by operation."""
    options = {"awslogs-group": "/ecs/shop", "awslogs-stream-prefix": "shop"}
    log = {"logDriver": "awslogs", "options": options}
    names = [each["name"] for each in detail["containers"]]
    definition = {"containerDefinitions": [{"name": n, "logConfiguration": log} for n in names]}
    line = {"message": f"2026-11-28T10:00:00Z INFO  shop: {'a line of a usual length ' * 3}"}
    return {
        "DescribeTaskDefinition": {"taskDefinition": definition},
        "GetLogEvents": {"events": [line] * 20, "nextBackwardToken": "b/1"},
    }


def _cost(process: RuntimeProcess, event: Event) -> dict[str, float]:
    cpu, started = process.cpu(), time.perf_counter()
    process.invoke(event)
    elapsed = time.perf_counter() - started
    return {"CPU time of a failed task": process.cpu() - cpu, "time of a failed task": elapsed}
