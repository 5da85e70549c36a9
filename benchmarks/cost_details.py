"""The cost of a million events, in detail."""

from collections.abc import Iterator

import figures
from cost import Cost, billed_milliseconds, cost
from functions import OURS, PRINT_JSON
from markdown_tables import table
from results import Results
from stored_bytes import FORWARDED
from turns import median


def cost_details(results: Results) -> Iterator[str]:
    """Yield the cost of a million events, by part."""
    yield (
        "Lambda's time is the CPU time of a warm event on this machine, in the least disturbed "
        "round, at the share of a CPU that comes with 128 MB. Storage is for a month. Free tiers "
        "are left out."
    )
    for title, cost_by_name in (
        ("all statuses", figures.cost_of),
        ("STOPPED only, of a million of all", figures.cost_of_stopped),
    ):
        against = cost_by_name(results, FORWARDED).total
        rows = [
            (f"{name}, {log_class}", *_parts(each), f"{each.total / against:.3f}")
            for name in results.stored
            for log_class in ("Standard", "Infrequent Access")
            for each in [cost_by_name(results, name, log_class)]
        ]
        parts = ("requests", "time", "ingestion", "storage", "total")
        yield table((title, *parts, f"against {FORWARDED}, Standard"), rows)
    yield _cold_starts_cost(results)


def _cold_starts_cost(results: Results) -> str:
    """Return the cost that cold starts add. Their number depends on when tasks come and go."""
    costs = []
    for name in (OURS, PRINT_JSON):
        cpu = median([start.cpu for start in results.cold_starts["STOPPED"][name]])
        dollars = cost(cpu=cpu, stored=0, compression=0, events=1e4).duration
        costs.append(f"{name} ${dollars:.4f} ({billed_milliseconds(cpu)} ms each)")
    return (
        "Each percent of events that meets a cold start adds, if Lambda gives an initialization "
        f"no more CPU than an invocation: {'; '.join(costs)}."
    )


def _parts(each: Cost) -> list[str]:
    parts = (each.requests, each.duration, each.ingestion, each.storage, each.total)
    return [f"{part:.3f}" for part in parts]
