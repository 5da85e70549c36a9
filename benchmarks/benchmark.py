"""Measures the cost of this library next to its alternatives, and writes a report.

``uv run projen benchmark`` writes Markdown: figures with their targets, then all values. To measure
with your own events, append files of JSON lines. It takes some minutes.
"""

import argparse
import shutil
import sys
from functools import partial
from pathlib import Path

import stored_bytes
import synthesis
from cost import cost
from function_time import measure_cold_starts, measure_container_logs, measure_warm
from functions import BY_HAND, FORWARDED, OURS, POWERTOOLS, PRINT_JSON, deployed
from handler_cpu import count_instructions, measure_cpu, measure_masking
from recordings import Event, is_stopped, read_task_events, recordings
from report import Figure, report
from results import Results

_progress = partial(print, "Measuring", file=sys.stderr, flush=True)

FIGURES = [
    # The target of bytes can be read in two ways.
    Figure("bytes logged, all statuses", f"{PRINT_JSON} without platform lines", 0.28),
    Figure("bytes logged, all statuses", f"{PRINT_JSON} with platform lines", 0.28),
    Figure("bytes logged, all statuses", FORWARDED, 0.28),
    Figure("warm CPU per event, handler alone", PRINT_JSON, 1.0),
    Figure("warm CPU per event, handler alone, in instructions", PRINT_JSON, 1.0),
    Figure("warm CPU per event on the runtime client", PRINT_JSON, 1.0),
    Figure("cold start on the runtime client, first event STOPPED", PRINT_JSON, 1.08),
    Figure("cold start on the runtime client, first event passing", PRINT_JSON, 1.08),
    Figure("cold start on the runtime client, first event STOPPED", POWERTOOLS, 0.5),
    Figure("cold start on the runtime client, first event passing", POWERTOOLS, 0.5),
    Figure("peak RSS after many events", PRINT_JSON, 1.05),
    Figure("peak RSS after a first event STOPPED", PRINT_JSON, 1.05),
    Figure("peak RSS after a first event passing", PRINT_JSON, 1.05),
    Figure("whole app with one logger (import, construct, synth)", BY_HAND, 1.03),
    Figure("jsii round trips of one logger", BY_HAND, 1.1),
    Figure("whole app with fifty loggers that share a function", BY_HAND, 2.0),
    Figure("growth from 10 to 100 loggers", "ten times the time of 10", 1.0),
    Figure("cost per million events, all statuses", FORWARDED, 0.45),
]


def main() -> None:
    """Measure, and write the report."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    lines = "events as JSON lines"
    parser.add_argument("files", nargs="*", type=Path, help=lines, default=recordings())
    parser.add_argument("-o", metavar="FILE", help="where to write the report")
    options = parser.parse_args()
    results = Results()
    measure_functions(results, read_task_events(options.files))
    measure_apps(results)
    text = report(FIGURES, results)
    with open(options.o or 1, "w", encoding="utf-8") as file:  # 1 is standard output
        file.write(text)


def measure_functions(results: Results, events: list[Event]) -> None:
    """Measure functions on events of tasks, some of them STOPPED and some not."""
    stopped = list(filter(is_stopped, events))
    passing = [event for event in events if not is_stopped(event)]
    if not (stopped and passing):
        sys.exit("The files need task events with the status STOPPED, and some with another one.")
    with deployed() as functions:
        _progress("bytes and container logs")
        stored = stored_bytes.measure(functions, events)
        for name, logged in stored.items():
            results.add(name, {"bytes logged, all statuses": logged.bytes})
        measure_container_logs(results, functions[OURS], stopped[0], rounds=9)
        _progress("cold starts")
        for status, first in {"STOPPED": stopped[0], "passing": passing[0]}.items():
            measure_cold_starts(results, functions, status, first, rounds=41)
        _progress("warm events")
        measure_warm(results, functions, events, rounds=9)
        _progress("handlers alone")
        measure_cpu(results, functions, events, rounds=15)
        measure_masking(results, functions[OURS], rounds=9)
        if shutil.which("valgrind"):
            count_instructions(results, functions, stopped + passing)
    add_costs(results, stored, len(stopped) / len(events))


def add_costs(results: Results, stored: dict[str, stored_bytes.Stored], stopped: float) -> None:
    """Add the cost, and the CPU time of cold starts if this share of them is STOPPED.

    Other work on the machine only adds time, so the least disturbed rounds count.
    """
    warm, cold_stopped, cold_passing = (
        min(results[name, OURS])
        for name in (
            "warm CPU per event on the runtime client",
            "CPU time of a cold start, first event STOPPED",
            "CPU time of a cold start, first event passing",
        )
    )
    for name, cpu in {OURS: warm, FORWARDED: None}.items():
        dollars = cost(cpu=cpu, stored=stored[name].bytes, compression=stored[name].compression)
        results.add(name, {"cost per million events, all statuses": dollars})
    cold = stopped * cold_stopped + (1 - stopped) * cold_passing
    results.add(OURS, {"CPU time of a cold start, all events": cold})


def measure_apps(results: Results) -> None:
    """Measure apps in turns."""
    _progress("apps")
    synthesis.count_round_trips(results)
    name = "whole app with one logger (import, construct, synth)"
    one = {OURS: "loggers.py 1", BY_HAND: "by_hand.py"}
    synthesis.measure(results, name, one, rounds=25)
    name = "whole app with fifty loggers that share a function"
    fifty = {OURS: "loggers.py 50 shared", BY_HAND: "by_hand.py 50"}
    synthesis.measure(results, name, fifty, rounds=7)
    synthesis.measure_growth(results, rounds=9)


if __name__ == "__main__":
    main()
