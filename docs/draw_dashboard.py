"""Draws docs/dashboard.png from recorded ECS events: ``uv run projen picture FILE …``.

It reads the widgets and their positions from a template. ``test/logs_insights.py`` runs their
queries, and matplotlib draws the results.
"""

import argparse
import json
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import cycle, pairwise
from pathlib import Path
from typing import Any

import logs_insights

Record = dict[str, Any]

_EXAMPLE = Path(__file__).parents[1] / "examples" / "local" / "failing-task.jsonl"
# The possible lengths of the bins of the graphs, as in a query and in seconds.
_BINS = {"1m": 60, "5m": 300, "15m": 900, "1h": 3600, "6h": 21600, "1d": 86400}
_MAX_BINS = 24
_PIXELS_A_COLUMN, _PIXELS_A_LINE, _DPI = 66, 45, 100
_HEAD, _FOOT = 44, 32
_COLOURS = ("#688ae8", "#c33d69", "#2ea597", "#8456ce", "#e07941", "#3759ce", "#962249", "#096f64")
_INK, _GREY, _LINE = "#16191f", "#545b64", "#d5dbdb"
# The widths of the table's columns in percent.
_COLUMNS = {
    "timestamp": 12,
    "cluster": 11,
    "workload": 12,
    "message": 33,
    "remedy": 13,
    "taskId": 19,
}
_ROWS, _ROW = 4, 44


@dataclass(frozen=True)
class Widget:
    """A widget of the dashboard.

    Attributes:
        title: The title.
        view: The kind of widget in CloudWatch: timeSeries, bar, pie or table.
        x: The first of the dashboard's 24 columns.
        y: The first line.
        width: The number of columns.
        height: The number of lines.
        query: The query, or None for a metric.
        is_stacked: Whether a graph stacks its areas.
    """

    title: str
    view: str
    x: int
    y: int
    width: int
    height: int
    query: str | None
    is_stacked: bool


def main(arguments: Sequence[str] | None = None) -> None:
    """Draw the picture of the events that the arguments name."""
    parser = argparse.ArgumentParser(
        prog="draw_dashboard.py",
        description="Draw the dashboard of EcsTaskEventLogger for ECS events.",
    )
    parser.add_argument(
        "files",
        metavar="FILE",
        nargs="*",
        type=Path,
        default=[_EXAMPLE],
        help="the events, one JSON object per line (default: the life of a failing task)",
    )
    parser.add_argument(
        "-o",
        "--output",
        metavar="PNG",
        type=Path,
        default=Path("dashboard.png"),
        help="the picture (default: dashboard.png)",
    )
    options = parser.parse_args(arguments)
    render(read_lines(options.files), options.output)


def read_lines(files: Sequence[Path]) -> list[Record]:
    """Return the records that a logger makes of the events in files, ordered by time."""
    from ecs_task_event_logger.handler.task_events.record import make_record

    events = [json.loads(line) for file in files for line in file.read_text().splitlines()]
    return sorted(map(make_record, events), key=lambda record: str(record.get("timestamp")))


def read_widgets() -> list[Widget]:
    """Return the widgets of a synthesized dashboard."""
    # Imported here, because it takes a second.
    import aws_cdk as cdk
    from aws_cdk import aws_ecs as ecs

    from ecs_task_event_logger import EcsTaskEventLogger

    stack = cdk.Stack(cdk.App(), "Stack")
    arn = "arn:aws:ecs:eu-west-1:111122223333:cluster/shop"
    cluster = ecs.Cluster.from_cluster_arn(stack, "Cluster", arn)
    dashboard = EcsTaskEventLogger(stack, "Log", cluster=cluster).create_dashboard()
    resource: Any = dashboard.node.default_child
    parts = stack.resolve(resource.dashboard_body)["Fn::Join"][1]
    # Leave out tokens, such as the log group's name.
    body = json.loads("".join(part if isinstance(part, str) else "" for part in parts))
    return [_widget(widget) for widget in body["widgets"]]


def _widget(widget: dict[str, Any]) -> Widget:
    properties = widget["properties"]
    query = properties.get("query")
    return Widget(
        title=properties["title"],
        view=properties["view"],
        **{key: widget[key] for key in ("x", "y", "width", "height")},
        query=query and query.partition(" | ")[2],
        is_stacked=properties.get("stacked", False),
    )


def render(lines: list[Record], output: Path) -> None:
    """Draw the dashboard of some records.

    Args:
        lines: The records, ordered by time.
        output: The file for the picture.
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    widgets = read_widgets()
    axis = _TimeAxis(lines)
    height = _HEAD + _FOOT + _PIXELS_A_LINE * max(each.y + each.height for each in widgets)
    width = _PIXELS_A_COLUMN * 24 + 16
    settings: Any = {"font.size": 11.5, "font.family": ["DejaVu Sans"], "text.color": _INK}
    settings |= {"axes.edgecolor": _LINE, "xtick.color": _GREY, "ytick.color": _GREY}
    with pyplot.rc_context(settings):
        figure = pyplot.figure(figsize=(width / _DPI, height / _DPI), dpi=_DPI, facecolor="white")
        page = _Page(figure, width, height)
        page.write(14, 11, "EcsTaskEventLogger", size=15, weight="bold")
        page.write(14, height - 26, axis.note, size=10.5, color=_GREY)
        for widget in widgets:
            _draw(page, widget, lines, axis)
        figure.savefig(output)
        pyplot.close(figure)
    _shrink(output)


def _shrink(picture: Path) -> None:
    """Reduce the colours of a picture, to less than half the file size."""
    from PIL import Image

    with Image.open(picture) as image:
        few = image.convert("RGB").quantize(256, kmeans=2)
    few.save(picture, optimize=True)


class _TimeAxis:
    """The time axis of the graphs: the bins, without those that have no events.

    Attributes:
        length: The length of a bin, as in a query.
        note: An explanation for the reader.
    """

    def __init__(self, lines: list[Record]) -> None:
        for length, seconds in _BINS.items():
            self.length, self._seconds = length, seconds
            query = f"stats count(*) as lines by bin({length})"
            self._bins = sorted(row[f"bin({length})"] for row in logs_insights.run(query, lines))
            if len(self._bins) <= _MAX_BINS:
                break
        first, last = (str(lines[i]["timestamp"])[:16].replace("T", " ") for i in (0, -1))
        self.note = (
            f"Drawn from {len(lines)} recorded ECS events, {first} to {last} UTC. "
            f"A bin is {self.length} long here, and 1h on the dashboard."
        )
        if self.gaps():
            self.note += " Dotted: time without events is left out."

    def position(self, start: str) -> int:
        return self._bins.index(start)

    def end(self) -> int:
        return len(self._bins) - 1

    def gaps(self) -> list[float]:
        """Return the positions of omitted time."""
        times = [datetime.fromisoformat(start) for start in self._bins]
        spans = [(b - a).total_seconds() for a, b in pairwise(times)]
        return [i + 0.5 for i, span in enumerate(spans) if span > self._seconds]

    def ticks(self) -> list[tuple[int, str]]:
        days = {start[:10] for start in self._bins}
        texts = [
            f"{start[11:16]}\n{start[5:10]}"
            if len(days) > 1 and (i == 0 or start[:10] != self._bins[i - 1][:10])
            else start[11:16]
            for i, start in enumerate(self._bins)
        ]
        return list(enumerate(texts))[:: max(len(texts) // 12, 1)]


@dataclass(frozen=True)
class _Page:
    """A figure with pixel coordinates from its upper left corner."""

    figure: Any
    width: int
    height: int

    def box(self, x: float, y: float, width: float, height: float) -> tuple[float, ...]:
        return (
            x / self.width,
            1 - (y + height) / self.height,
            width / self.width,
            height / self.height,
        )

    def write(self, x: float, y: float, text: str, **style: Any) -> None:
        self.figure.text(x / self.width, 1 - y / self.height, text, va="top", **style)


def _draw(page: _Page, widget: Widget, lines: list[Record], axis: _TimeAxis) -> None:
    left = 8 + widget.x * _PIXELS_A_COLUMN + 4
    top = _HEAD + widget.y * _PIXELS_A_LINE + 4
    width = widget.width * _PIXELS_A_COLUMN - 8
    height = widget.height * _PIXELS_A_LINE - 8
    card = page.figure.add_axes(page.box(left, top, width, height), facecolor="white")
    card.set(xticks=[], yticks=[])
    page.write(left + 12, top + 10, widget.title, size=13, weight="bold")
    query = widget.query and widget.query.replace("bin(1h)", f"bin({axis.length})")
    result = logs_insights.run(query, lines) if query else []
    if widget.view == "table":
        _draw_table(page, result, left + 12, top + 38, width - 24)
    elif widget.view == "pie":
        _draw_pie(page, result, left, top + 34, width, height - 44)
    elif widget.view == "bar":
        _draw_bars(page, result, left, top + 34, width, height - 48)
    else:
        box = page.box(left + 44, top + 46, width - 64, height - 46 - 76)
        _draw_graph(page.figure.add_axes(box), widget, result, axis)


def _draw_graph(plot: Any, widget: Widget, result: list[Record], axis: _TimeAxis) -> None:
    result = sorted(result, key=lambda row: str(row[f"bin({axis.length})"]))
    positions = [float(axis.position(row[f"bin({axis.length})"])) for row in result]
    names = list(dict.fromkeys(name for row in result for name in row if "(" not in name))
    series = {name: [row.get(name) for row in result] for name in names}
    nonzero = {name: values for name, values in series.items() if any(values)}
    if not nonzero:
        label = "nothing in the queue" if widget.query is None else "none"
        plot.plot([0, axis.end()], [0, 0], color=_COLOURS[2], linewidth=2, label=label)
    elif widget.is_stacked:
        _stack(plot, positions, nonzero)
    else:
        for colour, (name, values) in zip(cycle(_COLOURS), nonzero.items(), strict=False):
            plot.plot(positions, values, color=colour, marker="o", linewidth=2, label=name)
    top = plot.get_ylim()[1]
    plot.set(xlim=(-0.3, axis.end() + 0.3), ylim=(0, max(top * 1.08, 1)))
    _style_axes(plot, axis)


def _stack(plot: Any, positions: list[float], series: dict[str, list[Any]]) -> None:
    if len(positions) == 1:
        # The area of a single bin would have no width.
        positions = [positions[0] - 0.2, positions[0] + 0.2]
        series = {name: values * 2 for name, values in series.items()}
    plot.stackplot(positions, *series.values(), labels=list(series), colors=_COLOURS, alpha=0.75)


def _style_axes(plot: Any, axis: _TimeAxis) -> None:
    from matplotlib.ticker import MaxNLocator

    positions, texts = zip(*axis.ticks(), strict=True)
    plot.set_xticks(positions, texts, fontsize=10)
    plot.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    plot.grid(axis="y", color=_LINE, linewidth=0.8)
    plot.set_axisbelow(True)
    plot.tick_params(length=0)
    plot.spines[["top", "right", "left"]].set_visible(False)
    for gap in axis.gaps():
        plot.axvline(gap, color=_GREY, linewidth=1, linestyle=":")
    plot.legend(
        loc="upper left",
        bbox_to_anchor=(-0.02, -0.27),
        ncols=4,
        frameon=False,
        fontsize=11,
        handlelength=1.2,
        columnspacing=1.6,
    )


def _names_and_numbers(result: list[Record]) -> tuple[list[str], list[float]]:
    rows = [list(row.values()) for row in result]
    return [str(row[0]) for row in rows], [row[1] for row in rows]


def _draw_bars(page: _Page, result: list[Record], x: float, y: float, *size: float) -> None:
    width, height = size
    names, numbers = _names_and_numbers(result)
    margin = 30 + 9 * max(map(len, names), default=0)
    plot = page.figure.add_axes(page.box(x + margin, y, width - margin - 40, height))
    places = range(len(names))
    plot.barh(places, numbers, color=_COLOURS[0], height=0.6)
    for place, number in zip(places, numbers, strict=True):
        plot.text(number, place, f" {number}", va="center")
    plot.set_yticks(places, names, color=_INK)
    # Leave room for four bars, so that a single one is not as high as the plot.
    plot.set(ylim=(max(len(names), 4) - 0.5, -0.5), xlim=(0, max(numbers, default=1) * 1.1))
    plot.set_xticks([])
    plot.tick_params(length=0)
    plot.spines[["top", "right", "bottom"]].set_visible(False)


def _draw_pie(page: _Page, result: list[Record], x: float, y: float, *size: float) -> None:
    width, height = size
    names, numbers = _names_and_numbers(result)
    plot = page.figure.add_axes(page.box(x + width * 0.15, y, height, height))
    wedges, *_ = plot.pie(
        numbers, colors=_COLOURS, startangle=90, counterclock=False, wedgeprops={"ec": "white"}
    )
    total = sum(numbers) or 1
    texts = [f"{n}: {v} ({v / total:.0%})" for n, v in zip(names, numbers, strict=True)]
    plot.legend(
        wedges, texts, loc="center left", bbox_to_anchor=(1.1, 0.5), frameon=False, fontsize=12
    )


def _draw_table(page: _Page, result: list[Record], x: float, y: float, width: float) -> None:
    rows = result[:_ROWS]
    for number in range(len(rows)):
        rule = page.figure.add_axes(page.box(x, y + 23 + _ROW * number, width, 1), facecolor=_LINE)
        rule.set(xticks=[], yticks=[])
    for name, share in _COLUMNS.items():
        room = share * width / sum(_COLUMNS.values())
        page.write(x, y, name, size=11, weight="bold", color=_GREY)
        for number, row in enumerate(rows):
            # A letter is about 8 pixels wide.
            letters = int(room / 7.8)
            text = textwrap.wrap(str(row.get(name, "")), letters, max_lines=2, placeholder=" …")
            page.write(x, y + 29 + _ROW * number, "\n".join(text), size=10, linespacing=1.2)
        x += room


if __name__ == "__main__":
    main()
