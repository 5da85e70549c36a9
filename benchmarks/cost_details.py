"""The cost of a million events, in detail."""

from collections.abc import Iterator

import figures
from cost import Cost, billed_milliseconds
from figures import cold_cpu_of
from functions import OURS, PRINT_JSON
from markdown_tables import table
from results import Results
from stored_bytes import FORWARDED


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
    yield (
        "Lambda also bills the initialization of a function. These are the costs if Lambda gives "
        "it no more CPU than an invocation, so they are upper limits."
    )
    yield _sparse_events(results)


def _sparse_events(results: Results) -> str:
    """Return the cost if events are so rare that each meets a cold start."""
    rows = [
        (name, f"{billed_milliseconds(cold_cpu_of(results, name))} ms", *_parts(cost_by_name))
        for name in (OURS, PRINT_JSON)
        for cost_by_name in [figures.cost_of_sparse(results, name)]
    ]
    parts = ("requests", "time", "ingestion", "storage", "total")
    return table(("if each event meets a cold start", "billed for each", *parts), rows)


def _parts(each: Cost) -> list[str]:
    parts = (each.requests, each.duration, each.ingestion, each.storage, each.total)
    return [f"{part:.3f}" for part in parts]
