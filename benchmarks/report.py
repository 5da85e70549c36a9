"""The report of what was measured: one table of figures with their targets, and details below."""

from collections.abc import Iterable, Mapping

from cost_details import cost_details
from figures import Figure, figures
from function_details import bytes_details, load_details, memory_details, time_details
from markdown_tables import table
from results import Results
from synthesis_details import growth_details, synthesis_details

_HOW = (
    "What is compared took turns, and each ratio is of one round. Measured is the median; the "
    "spread is the least to the most, before that the quartiles where there are eight rounds or "
    "more. What is exact is the same in every run. Nothing is rounded before it is held against "
    "its target."
)


def report(results: Results, machine: Mapping[str, str]) -> str:
    """Return the report as Markdown."""
    sections: dict[str, Iterable[str]] = {
        "Measured on": [table(("what", "which"), machine.items())],
        f"Bytes stored an event ({results.events} task events)": bytes_details(results),
        "Time in the function": time_details(results),
        "Memory of the function": memory_details(results),
        "The function under load": load_details(results),
        "Synthesis": synthesis_details(results),
        "Many loggers in one app": growth_details(results),
        "Dollars a million events, US East list prices of November 2026": cost_details(results),
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
