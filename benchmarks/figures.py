"""The figures that are to hold, and whether they do."""

from collections.abc import Iterator
from dataclasses import dataclass

import stored_bytes
from cost import Cost, cost
from functions import OURS, POWERTOOLS, PRINT_JSON
from results import BARE, BY_HAND, FIRST_EVENTS, WITH_LOGGER, Results
from stored_bytes import FORWARDED
from turns import Ratios, exactly, ratios


@dataclass(frozen=True)
class Figure:
    """A ratio, and how much it may be.

    Attributes:
        name: What it is a ratio of.
        target: How much it may be.
        ratios: What was measured; None if it could not be measured here.
    """

    name: str
    target: float
    ratios: Ratios | None

    @property
    def holds(self) -> bool:
        """Whether it holds, nothing rounded."""
        return self.ratios is not None and self.ratios.median <= self.target


def figures(results: Results) -> Iterator[Figure]:
    """Yield the figures: where a target can be read in two ways, both."""
    yield from _figures_of_bytes(results)
    yield from _figures_of_time(results)
    yield from _figures_of_memory(results)
    yield from _figures_of_apps(results)
    yield Figure(
        f"cost a million events, all statuses, against {FORWARDED}",
        0.45,
        exactly(*(cost_of(results, name).total for name in (OURS, FORWARDED))),
    )


def _figures_of_bytes(results: Results) -> Iterator[Figure]:
    for platform in (False, True):
        with_or_without = "with" if platform else "without"
        yield Figure(
            f"bytes logged, all statuses, against {PRINT_JSON} {with_or_without} platform's lines",
            0.28,
            stored_bytes.against(results.stored, PRINT_JSON, platform),
        )
    yield Figure(
        f"bytes logged, all statuses, against {FORWARDED}",
        0.28,
        stored_bytes.against(results.stored, FORWARDED),
    )


def _figures_of_time(results: Results) -> Iterator[Figure]:
    yield Figure(
        f"warm CPU an event, the handler alone, against {PRINT_JSON}", 1.0, warm_cpu(results)
    )
    yield Figure(
        f"warm CPU an event, the handler alone, in instructions, against {PRINT_JSON}",
        1.0,
        instructions(results),
    )
    yield Figure(
        f"warm CPU an event on the runtime client, against {PRINT_JSON}",
        1.0,
        ratios(*([each.cpu for each in results.warm[name]] for name in (OURS, PRINT_JSON))),
    )
    for rival, target in ((PRINT_JSON, 1.08), (POWERTOOLS, 0.5)):
        for first in FIRST_EVENTS:
            name = f"cold start on the runtime client, first event {first}, against {rival}"
            yield Figure(name, target, cold_start(results, first, rival))


def _figures_of_memory(results: Results) -> Iterator[Figure]:
    warm = results.warm
    yield Figure(
        f"peak RSS after many events, against {PRINT_JSON}",
        1.05,
        ratios(*([each.peak_rss for each in warm[name]] for name in (OURS, PRINT_JSON))),
    )
    for first, starts in results.cold_starts.items():
        yield Figure(
            f"peak RSS after a first event {first}, against {PRINT_JSON}",
            1.05,
            ratios(*([start.peak_rss for start in starts[name]] for name in (OURS, PRINT_JSON))),
        )


def _figures_of_apps(results: Results) -> Iterator[Figure]:
    yield Figure(
        f"whole app with one logger (import, construct, synth), against {BY_HAND}",
        1.03,
        ratios(*([w.seconds for w in results.whole[name]] for name in (WITH_LOGGER, BY_HAND))),
    )
    yield Figure(
        f"jsii round trips of one logger, against {BY_HAND}", 1.1, round_trips(results, BARE)
    )
    yield Figure(
        "whole app with fifty loggers that share a function, against fifty rules by hand",
        2.0,
        ratios(*([w.seconds for w in results.fifty[name]] for name in (WITH_LOGGER, BY_HAND))),
    )
    yield Figure(
        "growth from 10 to 100 loggers, time against ten times that of ten", 1.0, growth(results)
    )


def warm_cpu(results: Results) -> Ratios:
    """Return the CPU time of the handler alone against that of printing the event."""
    return ratios(results.handler[OURS], results.handler[PRINT_JSON])


def instructions(results: Results) -> Ratios | None:
    """Return the instructions of the handler alone against those of printing the event."""
    if not results.instructions:
        return None
    return exactly(*(results.instructions[name] for name in (OURS, PRINT_JSON)))


def cold_start(results: Results, first: str, rival: str) -> Ratios | None:
    """Return the time of a cold start against a rival's."""
    starts = results.cold_starts[first]
    if rival not in starts:
        return None
    return ratios(*([start.seconds for start in starts[name]] for name in (OURS, rival)))


def round_trips(results: Results, without: str | None = None) -> Ratios:
    """Return the round trips against those by hand, less those of an app without any."""
    less = results.runs[without][0].working_round_trips if without else 0
    ours, by_hand = (
        results.runs[name][0].working_round_trips - less for name in (WITH_LOGGER, BY_HAND)
    )
    return exactly(ours, by_hand)


def growth(results: Results) -> Ratios:
    """Return what a hundred loggers take beyond an app without any, against ten times what ten do.

    Between one logger and ten is less time than between two runs of one, so one is no measure.
    """
    none, ten, hundred = (
        [run.working_seconds for run in results.loggers[count]] for count in (0, 10, 100)
    )
    return ratios(
        (each - bare for each, bare in zip(hundred, none, strict=True)),
        (10 * (each - bare) for each, bare in zip(ten, none, strict=True)),
    )


def cost_of(results: Results, name: str, log_class: str = "Standard") -> Cost:
    """Return what a million events cost, all statuses of them logged."""
    return _cost(results, results.stored[name], name, log_class, 1e6)


def cost_of_stopped(results: Results, name: str, log_class: str = "Standard") -> Cost:
    """Return what a million events cost of which those are logged that say a task has stopped."""
    events = 1e6 * results.stopped_share
    return _cost(results, results.stored_stopped[name], name, log_class, events)


def _cost(
    results: Results, stored: stored_bytes.Stored, name: str, log_class: str, events: float
) -> Cost:
    return cost(
        cpu=cpu_of(results, name),
        stored=stored.all,
        compression=stored.compression,
        log_class=log_class,
        events=events,
    )


def cpu_of(results: Results, name: str) -> float | None:
    """Return the seconds of CPU time that a warm event takes on the runtime client.

    It is that of the least disturbed round: whoever else is on the machine only adds to it.
    """
    return min(warm.cpu for warm in results.warm[name]) if name in results.warm else None
