"""The bytes, time and memory of the function, in detail."""

import statistics
from collections.abc import Iterator

from functions import OURS
from handler_cpu import WITHOUT_VALGRIND
from markdown_tables import Row, amount, compared, mib, table
from results import FIRST_EVENTS, Results
from stored_bytes import OVERHEAD, Stored


def bytes_details(results: Results) -> Iterator[str]:
    """Yield the bytes stored per event."""
    yield (
        f"Each line includes the {OVERHEAD} bytes that CloudWatch adds. Platform: the lines START, "
        "END and REPORT, in Lambda's format with invented IDs and times, for functions that do not "
        "turn them off. The lines of cold starts are left out."
    )
    for title, stored in (
        ("all statuses", results.stored),
        ("STOPPED only", results.stored_stopped),
    ):
        rows = [_bytes_row(name, each, stored[OURS]) for name, each in stored.items()]
        columns = ("line", "platform", "ours / line", "ours / all", "compressed")
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
    """Yield the times of cold starts and warm events."""
    yield (
        "On Lambda's runtime client. Each function has its own processes, which take turns. "
        "Uploaded code, Powertools included, has no .pyc files, and none are written. The standard "
        "library and the runtime client have theirs. A cold start lasts from the start of the "
        "process to the response to its first event."
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
        columns = ("ms", "ours / this", "CPU ms", "ours / this")
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
        (f"warm, {count} events", "p50 ms", "p99 ms", "CPU ms per event", "ours / this"), rows
    )


def _alone(results: Results) -> str:
    rows = [
        (name, *compared(each, results.handler[OURS], 1e6))
        for name, each in results.handler.items()
    ]
    return (
        "The handler alone: all handlers take turns in one process. Each line is flushed, as by "
        "the runtime client, and discarded.\n\n"
        + table(("warm handler", "CPU µs per event", "ours / this"), rows)
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
        headers += [title, "ours / this"]
    rows = []
    for name in results.instructions:
        row: list[object] = [name]
        for counts in counted.values():
            row += [f"{counts[name]:,.0f}", f"{counts[OURS] / counts[name]:.3f}"]
        rows.append(row)
    return table(headers, rows)


def memory_details(results: Results) -> Iterator[str]:
    """Yield the peak memory of the functions."""
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
        yield table((title, "peak RSS, MiB", "ours / this"), rows)


def load_details(results: Results) -> Iterator[str]:
    """Yield the result of the load test."""
    load = results.load
    yield "One process on the runtime client. Every fiftieth event is an edge case."
    rows = [
        ("events", load.events),
        ("lines", load.lines),
        ("lost", load.lost),
        ("duplicates", load.duplicates),
        ("events per second", f"{load.events_per_second:.0f}"),
        ("round trip, p50 and p99", f"{load.p50:.2f} ms, {load.p99:.2f} ms"),
        (
            "RSS after the warm-up and at the end",
            " and ".join(map(mib, (load.warm_rss, load.rss))),
        ),
        ("peak RSS", mib(load.peak_rss)),
    ]
    yield table(("measure", "value"), rows)


def look_up_details(results: Results) -> Iterator[str]:
    """Yield the cost of failed tasks with ``container_log_groups``."""
    runs = results.look_ups
    yield (
        "On Lambda's runtime client, with a server on this machine that answers at once. The first "
        "failed task of a process imports botocore."
    )
    rows = [
        ("first failed task, CPU ms", amount([each.first for each in runs], 1e3)),
        ("first failed task, ms", amount([each.first_seconds for each in runs], 1e3)),
        ("later failed task, CPU ms", amount([each.later for each in runs], 1e3)),
        ("later failed task, ms", amount([each.later_seconds for each in runs], 1e3)),
        ("peak RSS, MiB", amount([each.peak_rss for each in runs], 2**-20)),
        ("bytes of the line, without and with 20 lines", f"{runs[0].without}, {runs[0].line}"),
    ]
    yield table(("measure", "median (minimum … maximum)"), rows)
