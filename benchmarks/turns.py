"""Measures several things in turns, so that noise on the machine affects all of them.

Ratios of measurements in the same round are more stable than seconds.
"""

import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


def in_turns(measures: Mapping[str, Callable[[], T]], rounds: int) -> dict[str, list[T]]:
    """Return the results of each measure, one per round. Each measure comes first in turn."""
    names = list(measures)
    results: dict[str, list[T]] = {name: [] for name in names}
    for number in range(rounds):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            results[name].append(measures[name]())
    return results


@dataclass(frozen=True)
class Ratios:
    """The ratios of two measurements, one per round."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The median ratio."""
        return statistics.median(self.values)

    @property
    def spread(self) -> str:
        """The range of the ratios, and the number of rounds."""
        if len(self.values) == 1:
            return "exact"
        text = f"{min(self.values):.3f} … {max(self.values):.3f}"
        if len(self.values) >= 8:
            low, _, high = statistics.quantiles(self.values, n=4)
            text = f"{low:.3f} … {high:.3f} in {text}"
        return f"{text}, {len(self.values)} rounds"


def ratios(ours: Iterable[float], theirs: Iterable[float]) -> Ratios:
    """Return the ratios of measurements in the same rounds."""
    return Ratios(tuple(one / other for one, other in zip(ours, theirs, strict=True)))


def exactly(ours: float, theirs: float) -> Ratios:
    """Return the ratio of two values that are the same in every round."""
    return Ratios((ours / theirs,))


def median(values: Sequence[float]) -> float:
    """Return the median."""
    return statistics.median(values)
