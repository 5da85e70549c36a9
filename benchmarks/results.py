"""The measured values, and pyperf, which measures some of them in processes of its own."""

import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pyperf

Values = Mapping[str, float]


class Results(defaultdict[tuple[str, str], list[float]]):
    """The values of each round, by what was measured and by subject: a function or an app."""

    def __init__(self) -> None:
        """Start without values."""
        super().__init__(list)

    def add(self, subject: str, values: Values) -> None:
        """Add the values of a round."""
        for name, value in values.items():
            self[name, subject].append(value)

    def in_turns(self, measures: Mapping[str, Callable[[], Values]], rounds: int) -> None:
        """Measure subjects in turns, so that noise of the machine affects all of them."""
        for measure in measures.values():
            measure()  # warms up the machine's caches
        for _ in range(rounds):
            for subject, measure in measures.items():
                self.add(subject, measure())

    def ratios(self, name: str, ours: str, theirs: str) -> list[float]:
        """Return the ratios of two subjects' values in the same rounds."""
        pairs = zip(self[name, ours], self[name, theirs], strict=True)
        return [one / other for one, other in pairs]


def pyperf_median(program: Sequence[str], *arguments: str) -> float:
    """Return the median that a program of pyperf measures."""
    with TemporaryDirectory() as directory:
        file = Path(directory, "pyperf.json")
        options = ["--quiet", "--processes=1", "--output", str(file)]
        command = [sys.executable, *program, *options, *arguments]
        subprocess.run(command, check=True, capture_output=True)
        return float(pyperf.Benchmark.load(str(file)).median())
