"""Tells what the lines of a log say, for people: a line or two for each event, and a picture."""

import json
from itertools import pairwise
from typing import Any

from rich.cells import set_cell_size
from rich.console import Console
from rich.text import Text

from ecs_task_event_logger.handler.task_events.message import in_words

Record = dict[str, Any]

_STYLES = {"ERROR": "red", "WARN": "yellow"}
_WIDTH = 80
_NARROWEST = 40
# The columns before a message: the time, and the task's status. What follows it stands below the
# status.
_INDENT = 25
_SMALL_INDENT = 10
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
    width = max(min(console.width, _WIDTH), _NARROWEST)
    for before, record in pairwise([{}, *records]):
        if _date(record) != _date(before):
            console.print(f"{_date(record)}, times in UTC", style="dim")
        if _subject(record) != _subject(before):
            _print_subject(record, console, width)
        _tell_event(record, console, width)
    stopped = {each.get("taskId"): each for each in records if each.get("lastStatus") == "STOPPED"}
    for record in stopped.values():
        if phases := _phases(record.get("durations", {})):
            console.print()
            _print_subject(record, console, width)
            console.print(picture(phases, width), width=width)


def _date(record: Record) -> str:
    return str(record.get("timestamp", ""))[:10]


def _print_subject(record: Record, console: Console, width: int) -> None:
    console.print(Text(_subject(record), style="bold"), width=width)


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
    _print_rows(f"{time:<10}{status:<15}", _INDENT, Text(message, style), console, width)
    for line in record.get("logTail", [])[-1:]:
        last = Text(f"last log line: {line}", "dim")
        last.truncate(width - _SMALL_INDENT, overflow="ellipsis")
        _print_rows("", _SMALL_INDENT, last, console, width)
    if "remedy" in record and record.get("level") == "ERROR":
        remedy = Text(f"→ {record['remedy']}", "bold")
        _print_rows("", _SMALL_INDENT, remedy, console, width)


def _without_repetition(record: Record) -> str:
    """Return the message without the names that stand before it already."""
    message = str(record.get("message", ""))
    for part in (record.get("taskDefinition"), record.get("lastStatus")):
        message = message.removeprefix(str(part)).lstrip(" :,")
    return message


def _print_rows(head: str, indent: int, text: Text, console: Console, width: int) -> None:
    for number, row in enumerate(text.wrap(console, width - indent)):
        start = set_cell_size(head if number == 0 else "", indent)
        line = Text.assemble((start, text.style), row)
        console.print(line, no_wrap=True, crop=False, overflow="ignore")


def picture(phases: dict[str, float], width: int) -> Text:
    """Return a bar with the phases of a task, each as long as its share of the time."""
    total = sum(phases.values())
    bar = Text()
    legend = Text()
    for name, seconds in phases.items():
        mark, style = _PHASES[name]
        bar.append(mark * max(round(seconds / total * (width - len(phases))), 1), style=style)
        legend.append(f"{mark} {name} {in_words(seconds)}  ", style=style)
    return Text.assemble(bar, "\n", legend)


def _phases(durations: dict[str, float]) -> dict[str, float]:
    """Return the seconds of each phase that a task went through, in their order."""
    seconds = dict(durations)
    if not {"start", "run"} & seconds.keys():  # it was starting until it was stopped
        seconds["start"] = seconds.get("total", 0) - seconds.get("stop", 0)
    seconds["start"] = round(seconds.get("start", 0) - seconds.get("pull", 0), 1)
    return {name: seconds[name] for name in _PHASES if seconds.get(name, 0) > 0}
