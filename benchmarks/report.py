"""The report in Markdown: figures with their targets, then all measured values."""

import statistics
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import pyperf

from functions import OURS
from results import Results

_HOW = (
    "Functions and apps took turns, and each ratio compares values of the same round. The measured "
    "value is the median. The spread has quartiles, minimum and maximum. The cost is based on the "
    "CPU time of the least disturbed round."
)
_MACHINE = ("cpu_model_name", "cpu_count", "platform", "python_version", "load_avg_1min")


class Figure(NamedTuple):
    """A ratio of our value to a rival's, with its maximum."""

    name: str
    rival: str
    target: float


def report(figures: Iterable[Figure], results: Results) -> str:
    """Return the report. Without valgrind, instructions are left out."""
    measured = [each for each in figures if (each.name, OURS) in results]
    rows = (_row(each, results.ratios(each.name, OURS, each.rival)) for each in measured)
    figure_table = _table(("figure", "target", "measured", "spread", "holds"), rows)
    values = _table(("value", "of", "median", "minimum", "maximum"), _values(results))
    metadata = pyperf.Run([1.0]).get_metadata()
    machine = _table(("machine", ""), ((name, str(metadata.get(name))) for name in _MACHINE))
    return "\n\n".join((figure_table, _HOW, values, machine)) + "\n"


def _row(figure: Figure, ratios: list[float]) -> tuple[str, ...]:
    median = statistics.median(ratios)
    name = f"{figure.name}, against {figure.rival}"
    holds = "yes" if median <= figure.target else "**no**"
    return name, f"≤ {figure.target:.2f}", f"{median:.3f}", spread(ratios), holds


def spread(ratios: list[float]) -> str:
    """Return the quartiles and the range of ratios, and the number of rounds."""
    if len(ratios) == 1:
        return "exact"
    low, _, high = statistics.quantiles(ratios, n=4)
    least, most = min(ratios), max(ratios)
    return f"{low:.3f} … {high:.3f} in {least:.3f} … {most:.3f}, {len(ratios)} rounds"


def _values(results: Results) -> Iterator[tuple[str, ...]]:
    for (name, subject), values in results.items():
        three = statistics.median(values), min(values), max(values)
        yield name, subject, *(_format(name, value) for value in three)


def _format(name: str, value: float) -> str:
    if value <= 0 or any(word in name for word in ("instructions", "round trips", "cost")):
        return f"{value:,.3f}".removesuffix(".000")
    unit = "byte" if "RSS" in name or "bytes" in name else "second"
    run = pyperf.Run([value], metadata={"name": name, "unit": unit}, collect_metadata=False)
    return str(pyperf.Benchmark([run]).format_value(value))


def _table(headers: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [headers, ("---",) * len(headers), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
