"""All measurements of a run."""

import sys
from dataclasses import dataclass
from pathlib import Path

import container_logs
import function_time
import handler_cpu
import load
import stored_bytes
import synthesis
from container_logs import LookUps
from function_time import ColdStart, Warm
from functions import deployed
from load import Load
from recordings import Event, is_stopped, read_task_events
from stored_bytes import Stored
from synthesis import Run, Whole

BY_HAND = "(d) written by hand"
WITH_LOGGER = "one logger"
BARE = "no logger"
# The first event of a cold start matters: the first stopped task imports further modules.
FIRST_EVENTS = ("STOPPED", "passing")


@dataclass(frozen=True)
class Rounds:
    """The number of rounds of each measurement."""

    cold_start: int = 41
    warm: int = 7
    warm_events: int = 1_000
    handler: int = 25
    imports: int = 7
    whole: int = 25
    runs: int = 5
    fifty: int = 5
    growth: int = 9
    load_events: int = 10_000
    container_logs: int = 9


@dataclass(frozen=True)
class Results:
    """The results of all measurements, by the name of the function or app.

    Attributes:
        events: The number of events.
        stopped_share: The share of events whose task is STOPPED.
        stored: The bytes stored for all events.
        stored_stopped: The bytes stored for events whose task is STOPPED.
        cold_starts: Cold starts, by first event.
        warm: Warm invocations on the runtime client.
        handler: Seconds of CPU time of the handler alone.
        instructions: Instructions of the handler alone. Empty without valgrind.
        cold_instructions: Instructions of import and first event. Empty without valgrind.
        imports: Seconds for the package's import, by the modules imported before.
        whole: Apps as whole processes.
        fifty: Apps with fifty loggers that share a function, as whole processes.
        runs: Apps by phase.
        loggers: Apps by phase, by their number of loggers.
        load: The result of the load test.
        look_ups: Failed tasks with container_log_groups.
    """

    events: int
    stopped_share: float
    stored: dict[str, Stored]
    stored_stopped: dict[str, Stored]
    cold_starts: dict[str, dict[str, list[ColdStart]]]
    warm: dict[str, list[Warm]]
    handler: dict[str, list[float]]
    instructions: dict[str, float]
    cold_instructions: dict[str, dict[str, float]]
    imports: dict[str, list[float]]
    whole: dict[str, list[Whole]]
    fifty: dict[str, list[Whole]]
    runs: dict[str, list[Run]]
    loggers: dict[int, list[Run]]
    load: Load
    look_ups: list[LookUps]


def first_events(events: list[Event]) -> dict[str, Event]:
    """Return the first events for the cold starts, by name."""
    stopped = next(filter(is_stopped, events), events[0])
    passing = next((event for event in events if not is_stopped(event)), events[0])
    return dict(zip(FIRST_EVENTS, (stopped, passing), strict=True))


def measure(files: list[Path], rounds: Rounds) -> Results:
    """Measure everything, and report progress on standard error.

    Args:
        files: Files of JSON lines with events.
        rounds: The number of rounds of each measurement.
    """
    events = read_task_events(files)
    stopped = list(filter(is_stopped, events)) or events
    firsts = first_events(events)
    apps = {WITH_LOGGER: synthesis.WITH_LOGGER, BY_HAND: synthesis.BY_HAND}
    by_count = {str(count): synthesis.many_loggers(count) for count in (0, 1, 10, 100)}
    with deployed() as functions:
        _report_progress("bytes")
        stored = stored_bytes.measure(functions, events)
        stored_stopped = stored_bytes.measure(functions, stopped)
        _report_progress("cold starts")
        cold_starts = {
            name: function_time.measure_cold_starts(functions, event, rounds.cold_start)
            for name, event in firsts.items()
        }
        _report_progress("warm events")
        warm = function_time.measure_warm(functions, events, rounds.warm_events, rounds.warm)
        handler = handler_cpu.measure_cpu(functions, events, rounds.handler)
        _report_progress("instructions")
        instructions = handler_cpu.count_instructions(functions, events)
        cold_instructions = {
            name: handler_cpu.count_cold_start_instructions(functions, event)
            for name, event in firsts.items()
        }
    _report_progress("many events")
    under_load = load.measure(files, rounds.load_events)
    _report_progress("container logs")
    look_ups = container_logs.measure(firsts["STOPPED"], rounds.container_logs)
    _report_progress("imports and whole apps")
    imports = synthesis.measure_imports(rounds.imports)
    whole = synthesis.measure_whole(apps, rounds.whole)
    _report_progress("fifty loggers")
    fifty = synthesis.measure_whole(
        {WITH_LOGGER: synthesis.FIFTY_LOGGERS, BY_HAND: synthesis.FIFTY_RULES}, rounds.fifty
    )
    _report_progress("phases of apps")
    runs = synthesis.measure_runs({BARE: synthesis.BARE, **apps}, rounds.runs)
    _report_progress("many loggers")
    loggers = synthesis.measure_runs(by_count, rounds.growth)
    return Results(
        events=len(events),
        stopped_share=len(stopped) / len(events),
        stored=stored,
        stored_stopped=stored_stopped,
        cold_starts=cold_starts,
        warm=warm,
        handler=handler,
        instructions=instructions,
        cold_instructions=cold_instructions,
        imports=imports,
        whole=whole,
        fifty=fifty,
        runs=runs,
        loggers={int(name): each for name, each in loggers.items()},
        load=under_load,
        look_ups=look_ups,
    )


def _report_progress(measurement: str) -> None:
    print(f"Measuring {measurement} …", file=sys.stderr, flush=True)
