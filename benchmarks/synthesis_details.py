"""The cost of synthesis, in detail."""

from collections.abc import Callable, Iterator

import figures
from markdown_tables import amount, compared, table
from results import BARE, BY_HAND, WITH_LOGGER, Results
from synthesis import Run
from turns import median, ratios

_PHASES = ("import", "construct", "synth")


def synthesis_details(results: Results) -> Iterator[str]:
    """Yield the cost of apps with one logger."""
    yield _phases(results)
    yield _whole_processes(results)
    yield _round_trips(results)
    yield (
        f"Against {BY_HAND}: round trips {figures.round_trips(results).median:.3f} for the app, "
        f"{figures.round_trips(results, BARE).median:.3f} without those of an app with no logger; "
        f"template bytes {_ratio(results, lambda run: run.template_bytes):.3f}; "
        f"import {_ratio(results, lambda run: run.seconds['import']):.3f}, "
        f"construct {_ratio(results, lambda run: run.seconds['construct']):.3f}, "
        f"synth {_ratio(results, lambda run: run.seconds['synth']):.3f}."
    )
    rows = [(name, amount(seconds, 1e3)) for name, seconds in results.imports.items()]
    yield table(("import of the package after", "ms"), rows)


def _phases(results: Results) -> str:
    rows = [
        (name, *(amount([run.seconds[phase] for run in runs], 1) for phase in _PHASES))
        for name, runs in results.runs.items()
    ]
    return table(("seconds", *_PHASES), rows)


def _whole_processes(results: Results) -> str:
    ours = results.whole[WITH_LOGGER]
    rows = [
        (
            name,
            *compared([one.seconds for one in each], [one.seconds for one in ours], 1),
            *compared([one.cpu for one in each], [one.cpu for one in ours], 1),
        )
        for name, each in results.whole.items()
    ]
    columns = ("s", "ours / this", "CPU s, Node.js included", "ours / this")
    return table(("whole process", *columns), rows)


def _round_trips(results: Results) -> str:
    rows = [
        (
            name,
            run.round_trips["construct"],
            run.round_trips["synth"],
            run.template_bytes,
            sum(run.resources.values()),
        )
        for name, (run, *_) in results.runs.items()
    ]
    columns = ("construct", "synth", "template bytes", "resources")
    return table(("round trips to jsii", *columns), rows)


def _ratio(results: Results, key: Callable[[Run], float]) -> float:
    ours, by_hand = ([key(run) for run in results.runs[name]] for name in (WITH_LOGGER, BY_HAND))
    return ratios(ours, by_hand).median


def growth_details(results: Results) -> Iterator[str]:
    """Yield the cost of apps with many loggers."""
    yield "Ten loggers per stack. Seconds and round trips are of constructs and synthesis."
    rows = []
    before: tuple[int, list[Run]] | None = None
    for count, runs in results.loggers.items():
        run, seconds = runs[0], [run.working_seconds for run in runs]
        more_seconds = more_trips = ""
        if before is not None:
            fewer, others = before
            more = count - fewer
            difference = median(seconds) - median([other.working_seconds for other in others])
            more_seconds = f"{difference / more * 1e3:.1f}"
            trips = run.working_round_trips - others[0].working_round_trips
            more_trips = f"{trips / more:.1f}"
        rows.append(
            (
                count,
                amount(seconds, 1),
                more_seconds,
                run.working_round_trips,
                more_trips,
                run.template_bytes,
                sum(run.resources.values()),
            )
        )
        before = count, runs
    columns = (
        "s",
        "ms for each more",
        "round trips",
        "for each more",
        "template bytes",
        "resources",
    )
    yield table(("loggers", *columns), rows)
