"""Markdown tables of what was measured."""

from collections.abc import Iterable, Sequence

from turns import median, ratios

Row = Sequence[object]


def compared(values: Sequence[float], ours: Sequence[float], scale: float = 1e3) -> tuple[str, str]:
    """Return an amount, and how ours compares with it."""
    if values == ours:
        return amount(values, scale), ""
    ratio = ratios(ours, values)
    return amount(values, scale), f"{ratio.median:.3f} ({ratio.spread})"


def amount(values: Sequence[float], scale: float) -> str:
    """Return the median of values, with the least and the most."""
    low, high = min(values) * scale, max(values) * scale
    return f"{median(values) * scale:.2f} ({low:.2f} … {high:.2f})"


def mib(size: int) -> str:
    """Return bytes in mebibytes."""
    return f"{size / 2**20:.2f} MiB"


def table(headers: Iterable[object], rows: Iterable[Row]) -> str:
    """Return a table."""
    first = list(headers)
    lines: list[Row] = [first, ["---"] * len(first), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)
