"""What a million events cost, in detail."""

from collections.abc import Iterator

import figures
from cost import Cost, billed_milliseconds, cost
from functions import OURS, PRINT_JSON
from markdown_tables import table
from results import Results
from stored_bytes import FORWARDED
from turns import median


def cost_details(results: Results) -> Iterator[str]:
    """Yield what a million events cost, by part."""
    yield (
        "Lambda's time is the CPU time of a warm event on this machine, in the round that others "
        "disturbed least, at the share of a CPU that 128 MB have. Storage is for a month. Free "
        "tiers are left out."
    )
    for title, of in (
        ("all statuses", figures.cost_of),
        ("STOPPED alone, of a million of all", figures.cost_of_stopped),
    ):
        against = of(results, FORWARDED).total
        rows = [
            (f"{name}, {log_class}", *_parts(each), f"{each.total / against:.3f}")
            for name in results.stored
            for log_class in ("Standard", "Infrequent Access")
            for each in [of(results, name, log_class)]
        ]
        parts = ("requests", "time", "ingestion", "storage", "total")
        yield table((title, *parts, f"against {FORWARDED}, Standard"), rows)
    yield _cold_starts_cost(results)


def _cold_starts_cost(results: Results) -> str:
    """Say what cold starts add: how many there are depends on when tasks come and go."""
    said = []
    for name in (OURS, PRINT_JSON):
        cpu = median([start.cpu for start in results.cold_starts["STOPPED"][name]])
        dollars = cost(cpu=cpu, stored=0, compression=0, events=1e4).duration
        said.append(f"{name} ${dollars:.4f} ({billed_milliseconds(cpu)} ms each)")
    return (
        "Each hundredth of events that meets a cold start adds, if Lambda gives an initialization "
        f"no more CPU than an invocation: {'; '.join(said)}."
    )


def _parts(each: Cost) -> list[str]:
    parts = (each.requests, each.duration, each.ingestion, each.storage, each.total)
    return [f"{part:.3f}" for part in parts]
