"""The figures with their targets."""

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
    """A ratio with its target.

    Attributes:
        name: The name of the ratio.
        target: The maximum.
        ratios: The measured ratios, or None if this machine cannot measure them.
    """

    name: str
    target: float
    ratios: Ratios | None

    @property
    def holds(self) -> bool:
        """Whether the median is within the target, without rounding."""
        return self.ratios is not None and self.ratios.median <= self.target


def figures(results: Results) -> Iterator[Figure]:
    """Yield the figures. A target that can be read in two ways gives two."""
    yield from _figures_of_bytes(results)
    yield from _figures_of_time(results)
    yield from _figures_of_memory(results)
    yield from _figures_of_apps(results)
    yield Figure(
        f"cost per million events, all statuses, against {FORWARDED}",
        0.45,
        exactly(*(cost_of(results, name).total for name in (OURS, FORWARDED))),
    )


def _figures_of_bytes(results: Results) -> Iterator[Figure]:
    for platform in (False, True):
        with_or_without = "with" if platform else "without"
        yield Figure(
            f"bytes logged, all statuses, against {PRINT_JSON} {with_or_without} platform lines",
            0.28,
            stored_bytes.against(results.stored, PRINT_JSON, platform),
        )
    yield Figure(
        f"bytes logged, all statuses, against {FORWARDED}",
        0.28,
        stored_bytes.against(results.stored, FORWARDED),
    )


def _figures_of_time(results: Results) -> Iterator[Figure]:
    yield Figure(f"warm CPU per event, handler alone, against {PRINT_JSON}", 1.0, warm_cpu(results))
    yield Figure(
        f"warm CPU per event, handler alone, in instructions, against {PRINT_JSON}",
        1.0,
        instructions(results),
    )
    yield Figure(
        f"warm CPU per event on the runtime client, against {PRINT_JSON}",
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
        "growth from 10 to 100 loggers, against ten times the time of 10", 1.0, growth(results)
    )


def warm_cpu(results: Results) -> Ratios:
    """Return the ratio of the handler's CPU time to that of printing the event."""
    return ratios(results.handler[OURS], results.handler[PRINT_JSON])


def instructions(results: Results) -> Ratios | None:
    """Return the ratio of the handler's instructions to those of printing the event."""
    if not results.instructions:
        return None
    return exactly(*(results.instructions[name] for name in (OURS, PRINT_JSON)))


def cold_start(results: Results, first: str, rival: str) -> Ratios | None:
    """Return the ratio of the time of a cold start to a rival's."""
    starts = results.cold_starts[first]
    if rival not in starts:
        return None
    return ratios(*([start.seconds for start in starts[name]] for name in (OURS, rival)))


def round_trips(results: Results, without: str | None = None) -> Ratios:
    """Return the ratio of round trips to those of the hand-written app.

    Args:
        results: The results.
        without: The app whose round trips to subtract from both.
    """
    base = results.runs[without][0].working_round_trips if without else 0
    ours, by_hand = (
        results.runs[name][0].working_round_trips - base for name in (WITH_LOGGER, BY_HAND)
    )
    return exactly(ours, by_hand)


def growth(results: Results) -> Ratios:
    """Return the ratio of the time of 100 loggers to ten times the time of 10 loggers.

    The time of an app without loggers is subtracted. One logger is no good base: the times of two
    runs differ more than those of one logger and ten.
    """
    none, ten, hundred = (
        [run.working_seconds for run in results.loggers[count]] for count in (0, 10, 100)
    )
    return ratios(
        (each - bare for each, bare in zip(hundred, none, strict=True)),
        (10 * (each - bare) for each, bare in zip(ten, none, strict=True)),
    )


def cost_of(results: Results, name: str, log_class: str = "Standard") -> Cost:
    """Return the cost of a million events if all statuses are logged."""
    return _cost(results, results.stored[name], name, log_class, 1e6)


def cost_of_stopped(results: Results, name: str, log_class: str = "Standard") -> Cost:
    """Return the cost of a million events if only the status STOPPED is logged."""
    events = 1e6 * results.stopped_share
    return _cost(results, results.stored_stopped[name], name, log_class, events)


def cost_of_sparse(results: Results, name: str) -> Cost:
    """Return the cost of a million events of all statuses that each meet a cold start."""
    stored = results.stored[name]
    cpu = cold_cpu_of(results, name)
    return cost(cpu=cpu, stored=stored.all, compression=stored.compression)


def cold_cpu_of(results: Results, name: str) -> float:
    """Return the seconds of CPU time of a cold start, over events of all statuses.

    This is the minimum of all rounds, because other processes on the machine only add time.
    """
    stopped, passing = (
        min(start.cpu for start in results.cold_starts[first][name]) for first in FIRST_EVENTS
    )
    share = results.stopped_share
    return share * stopped + (1 - share) * passing


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
    """Return the seconds of CPU time of a warm event on the runtime client, or None without one.

    This is the minimum of all rounds, because other processes on the machine only add time.
    """
    return min(warm.cpu for warm in results.warm[name]) if name in results.warm else None
