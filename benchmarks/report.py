"""The report: one table of figures with their targets, followed by details."""

from collections.abc import Iterable, Mapping

from cost_details import cost_details
from figures import Figure, figures
from function_details import (
    bytes_details,
    load_details,
    look_up_details,
    memory_details,
    time_details,
)
from markdown_tables import table
from results import Results
from synthesis_details import growth_details, synthesis_details

_HOW = (
    "Functions and apps took turns, and each ratio compares values of the same round. The measured "
    "value is the median. The spread is minimum … maximum, with the quartiles before it if there "
    "are eight rounds or more. Exact figures are the same in every run. Targets are compared with "
    "unrounded values."
)


def report(results: Results, machine: Mapping[str, str]) -> str:
    """Return the report as Markdown."""
    sections: dict[str, Iterable[str]] = {
        "Machine": [table(("component", "version"), machine.items())],
        f"Bytes stored per event ({results.events} task events)": bytes_details(results),
        "Time in the function": time_details(results),
        "Memory of the function": memory_details(results),
        "The function under load": load_details(results),
        "Failed tasks with container logs": look_up_details(results),
        "Synthesis": synthesis_details(results),
        "Many loggers in one app": growth_details(results),
        "Dollars per million events, US East list prices of November 2026": cost_details(results),
    }
    texts = [_figures(list(figures(results))), _HOW]
    for title, paragraphs in sections.items():
        texts += [f"## {title}", *paragraphs]
    return "\n\n".join(texts) + "\n"


def _figures(rows: list[Figure]) -> str:
    return table(
        ("figure", "target", "measured", "spread", "holds"),
        [
            (
                figure.name,
                f"≤ {figure.target:.2f}",
                f"{figure.ratios.median:.3f}" if figure.ratios else "not measured here",
                figure.ratios.spread if figure.ratios else "",
                "yes" if figure.holds else "**no**" if figure.ratios else "",
            )
            for figure in rows
        ],
    )
