"""Tells what the lines of a log say, for people: a line or two for each event, and a picture."""

import json
from itertools import pairwise
from typing import Any

from rich.console import Console
from rich.text import Text

Record = dict[str, Any]

_STYLES = {"ERROR": "red", "WARN": "yellow"}
_WIDTH = 80
# The columns before the text: the time, and the task's status.
_INDENT = 25
# The phases of a task, from first to last. The image pull is a part of the start.
_PHASES = {
    "pull": ("▒", "cyan"),
    "start": ("░", "blue"),
    "run": ("█", "green"),
    "stop": ("░", "red"),
}


def tell(lines: list[str], console: Console) -> None:
    """Print the story of the lines."""
    records = [json.loads(line) for line in lines]
    width = min(console.width, _WIDTH)
    console.print("Times are in UTC.", style="dim")
    for before, record in pairwise([{}, *records]):
        if _subject(record) != _subject(before):
            console.print(Text(_subject(record), style="bold"), width=width)
        _tell_event(record, console, width)
    for record in records:
        if record.get("lastStatus") == "STOPPED" and "durations" in record:
            console.print()
            console.print(Text(_subject(record), style="bold"))
            console.print(picture(record, width))


def _subject(record: Record) -> str:
    """Return what a record is about: a task, a service, or else its type."""
    named = {"": "taskDefinition", "task ": "taskId", "service ": "service", "cluster ": "cluster"}
    names = [f"{kind}{record[key]}" for kind, key in named.items() if key in record]
    return ", ".join(names) or str(record.get("detailType", ""))


def _tell_event(record: Record, console: Console, width: int) -> None:
    style = _STYLES.get(record.get("level", ""), "")
    time = record.get("timestamp", "")[11:19]
    status = record.get("lastStatus") or record.get("level", "")
    message = _without_repetition(record)
    _print_row(f"{time:<10}{status:<15}", message, style, console, width)
    for line in record.get("logTail", [])[-1:]:
        _print_row("", f"last log line: {line}", "dim", console, width)
    if "remedy" in record and record.get("level") == "ERROR":
        _print_row("", f"→ {record['remedy']}", "bold", console, width)


def _without_repetition(record: Record) -> str:
    """Return the message without the names that stand before it already."""
    message = str(record.get("message", ""))
    for part in (record.get("taskDefinition"), record.get("lastStatus")):
        message = message.removeprefix(str(part)).lstrip(" :,")
    return message


def _print_row(head: str, text: str, style: str, console: Console, width: int) -> None:
    rows = Text(text, style=style).wrap(console, width - _INDENT)
    for number, row in enumerate(rows):
        start = head if number == 0 else ""
        console.print(Text.assemble((f"{start:<{_INDENT}}", style), row), no_wrap=True)


def picture(record: Record, width: int) -> Text:
    """Return a bar with the phases of a task, each as long as its share of the time."""
    seconds = dict(record["durations"])
    seconds["start"] = max(seconds.get("start", 0) - seconds.get("pull", 0), 0)
    phases = {name: seconds[name] for name in _PHASES if seconds.get(name)}
    total = sum(phases.values()) or 1
    bar = Text()
    legend = Text()
    for name, time in phases.items():
        mark, style = _PHASES[name]
        bar.append(mark * max(round(time / total * (width - len(phases))), 1), style=style)
        legend.append(f"{mark} {name} {time:g}s  ", style=style)
    return Text.assemble(bar, "\n", legend)
