"""Measures the cost of this library next to its alternatives, and writes a report.

``uv run projen benchmark`` writes Markdown: each figure with its target, then details. To measure
with your own events, append files of JSON lines. It takes some minutes.
"""

import argparse
import sys
from pathlib import Path

from machine import describe
from recordings import recordings
from report import report
from results import Rounds, measure


def main() -> None:
    """Write the report, and fail if the function loses events or leaks memory."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument(
        "files", nargs="*", type=Path, help="events as JSON lines", default=recordings()
    )
    parser.add_argument("-o", metavar="FILE", type=Path, help="where to write the report")
    options = parser.parse_args()
    results = measure(options.files, Rounds())
    text = report(results, describe())
    if options.o:
        options.o.write_text(text, encoding="utf-8")
    else:
        print(text, end="")
    if faults := results.load.faults():
        sys.exit("\n".join(faults))


if __name__ == "__main__":
    main()
