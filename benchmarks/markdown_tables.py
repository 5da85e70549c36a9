"""Markdown tables of measurements."""

from collections.abc import Iterable, Sequence

from turns import median, ratios

Row = Sequence[object]


def compared(values: Sequence[float], ours: Sequence[float], scale: float = 1e3) -> tuple[str, str]:
    """Return a rival's amount, and the ratio of ours to it."""
    if values == ours:
        return amount(values, scale), ""
    ratio = ratios(ours, values)
    return amount(values, scale), f"{ratio.median:.3f} ({ratio.spread})"


def amount(values: Sequence[float], scale: float) -> str:
    """Return the median of values, with minimum and maximum."""
    low, high = min(values) * scale, max(values) * scale
    return f"{median(values) * scale:.2f} ({low:.2f} … {high:.2f})"


def mib(size: int) -> str:
    """Return a number of bytes in mebibytes."""
    return f"{size / 2**20:.2f} MiB"


def table(headers: Iterable[object], rows: Iterable[Row]) -> str:
    """Return a Markdown table."""
    first = list(headers)
    lines: list[Row] = [first, ["---"] * len(first), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)
