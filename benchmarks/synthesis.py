"""How long an app takes as a whole process: with the logger, against the same written by hand.

Both take turns, so that a noisy machine is noisy to both; ratios hold where seconds do not.
"""

import argparse
import statistics
import subprocess
import sys
import time
from pathlib import Path

APPS = Path(__file__).with_name("apps")
WITH_LOGGER, BY_HAND = APPS / "with_logger.py", APPS / "by_hand.py"


def seconds(app: Path) -> float:
    """Return the seconds that an app takes from its start to its end."""
    started = time.perf_counter()
    subprocess.run([sys.executable, str(app)], check=True, capture_output=True)
    return time.perf_counter() - started


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="how often each runs (default: 15)")
    rounds = parser.parse_args().rounds
    seconds(WITH_LOGGER), seconds(BY_HAND)  # to warm the caches up
    pairs = [(seconds(WITH_LOGGER), seconds(BY_HAND)) for _ in range(rounds)]
    logger, hand = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratios = sorted(one / other for one, other in pairs)
    print(f"whole process, median of {rounds} runs each, Python {sys.version.split()[0]}")
    print(f"  with the logger   {logger:6.2f} s")
    print(f"  written by hand   {hand:6.2f} s")
    print(
        f"  ratio of medians  {logger / hand:6.3f}   (pairs: {ratios[0]:.2f} to {ratios[-1]:.2f})"
    )


if __name__ == "__main__":
    main()
