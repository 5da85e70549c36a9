"""What the function costs, in detail."""

import statistics
from collections.abc import Iterator

from functions import OURS
from handler_cpu import WITHOUT_VALGRIND
from markdown_tables import Row, compared, mib, table
from results import FIRST_EVENTS, Results
from stored_bytes import OVERHEAD, Stored


def bytes_details(results: Results) -> Iterator[str]:
    """Yield what is stored of an event."""
    yield (
        f"Each event in the log has {OVERHEAD} bytes of CloudWatch's overhead, included. "
        "Platform: START, END and REPORT, in Lambda's shapes with made-up IDs and times, for "
        "functions that do not silence them; what cold starts add is left out."
    )
    for title, stored in (
        ("all statuses", results.stored),
        ("STOPPED alone", results.stored_stopped),
    ):
        rows = [_bytes_row(name, each, stored[OURS]) for name, each in stored.items()]
        columns = ("line", "platform", "ours against the line", "ours against both", "compressed")
        yield table((title, *columns), rows)


def _bytes_row(name: str, stored: Stored, ours: Stored) -> Row:
    return (
        name,
        f"{stored.lines:.0f}",
        f"{stored.platform:.0f}",
        f"{ours.all / stored.lines:.3f}",
        f"{ours.all / stored.all:.3f}",
        f"{stored.compression:.3f}",
    )


def time_details(results: Results) -> Iterator[str]:
    """Yield what cold starts and warm events take."""
    yield (
        "On Lambda's runtime client, each function in processes of its own that take turns. What "
        "was uploaded (Powertools included) has no .pyc files, and none are written; the standard "
        "library and the runtime client have theirs. A cold start is from the start of the process "
        "to the answer to its first event."
    )
    for first in FIRST_EVENTS:
        starts = results.cold_starts[first]
        rows = [
            (
                name,
                *compared([start.seconds for start in each], [s.seconds for s in starts[OURS]]),
                *compared([start.cpu for start in each], [s.cpu for s in starts[OURS]]),
            )
            for name, each in starts.items()
        ]
        columns = ("ms", "ours against it", "CPU ms", "ours against it")
        yield table((f"cold start, first event {first}", *columns), rows)
    yield _warm(results)
    yield _alone(results)
    yield _instructions(results)


def _warm(results: Results) -> str:
    rows = []
    for name, rounds in results.warm.items():
        percentiles = statistics.quantiles([s for each in rounds for s in each.seconds], n=100)
        cpu = compared([each.cpu for each in rounds], [each.cpu for each in results.warm[OURS]])
        rows.append((name, f"{percentiles[49] * 1e3:.3f}", f"{percentiles[98] * 1e3:.3f}", *cpu))
    count = sum(len(each.seconds) for each in results.warm[OURS])
    return table(
        (f"warm, {count} events", "p50 ms", "p99 ms", "CPU ms an event", "ours against it"), rows
    )


def _alone(results: Results) -> str:
    rows = [
        (name, *compared(each, results.handler[OURS], 1e6))
        for name, each in results.handler.items()
    ]
    return (
        "The handler alone, in one process in which handlers take turns, its lines flushed one by "
        "one as the runtime client does, and going nowhere:\n\n"
        + table(("warm handler", "CPU µs an event", "ours against it"), rows)
    )


def _instructions(results: Results) -> str:
    if not results.instructions:
        return WITHOUT_VALGRIND
    counted = {"warm event": results.instructions} | {
        f"import and first event {first}": counts
        for first, counts in results.cold_instructions.items()
    }
    headers = ["instructions (callgrind)"]
    for title in counted:
        headers += [title, "ours against it"]
    rows = []
    for name in results.instructions:
        row: list[object] = [name]
        for counts in counted.values():
            row += [f"{counts[name]:,.0f}", f"{counts[OURS] / counts[name]:.3f}"]
        rows.append(row)
    return table(headers, rows)


def memory_details(results: Results) -> Iterator[str]:
    """Yield how much memory functions take at most."""
    series: dict[str, dict[str, list[int]]] = {
        "after many events": {
            name: [each.peak_rss for each in rounds] for name, rounds in results.warm.items()
        }
    }
    for first in FIRST_EVENTS:
        series[f"after a first event {first}"] = {
            name: [each.peak_rss for each in starts]
            for name, starts in results.cold_starts[first].items()
        }
    for title, sizes in series.items():
        rows = [(name, *compared(each, sizes[OURS], 2**-20)) for name, each in sizes.items()]
        yield table((title, "peak RSS, MiB", "ours against it"), rows)


def load_details(results: Results) -> Iterator[str]:
    """Yield what came of many events in one process."""
    load = results.load
    yield "One process on the runtime client; every fiftieth event is a hostile one."
    rows = [
        ("events", load.events),
        ("lines", load.lines),
        ("lost", load.lost),
        ("twice", load.twice),
        ("events a second", f"{load.events_a_second:.0f}"),
        ("round trip, p50 and p99", f"{load.p50:.2f} ms, {load.p99:.2f} ms"),
        (
            "RSS after the warm-up and in the end",
            " and ".join(map(mib, (load.warm_rss, load.rss))),
        ),
        ("peak RSS", mib(load.peak_rss)),
    ]
    yield table(("what", "how much"), rows)
