"""Reads ECS events, or tasks, from a file of JSON objects, JSON lines or arrays."""

import json
import math
import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from ecs_tasks import event_of, failures_in, tasks_in

STANDARD_INPUT = "-"

_ACCEPTED = (
    "Write ECS events as JSON objects in UTF-8: one, several one after the other, or an array. The "
    "output of aws ecs describe-tasks --output json is accepted too."
)
# The text between two values. Joined files may have a byte order mark in between.
_GAP = re.compile("[\\s\ufeff]*")


class EventsFileError(ValueError):
    """The file cannot be read, or does not hold events."""


def read_events(source: str) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the events in a file, in its order, and what ECS says about tasks that it lacks.

    Args:
        source: The file's name, or ``-`` for standard input.

    Raises:
        EventsFileError: If the file cannot be read, or holds something other than events. The
            message names the place and the remedy.
    """
    name = "standard input" if source == STANDARD_INPUT else source
    try:
        return parse_events(_read(source))
    except OSError as error:
        raise EventsFileError(
            f"{name} cannot be read: {error.strerror}. Name a file, or - for standard input."
        ) from error
    except UnicodeDecodeError as error:
        raise EventsFileError(
            f"{name} is not UTF-8: byte {error.start + 1} is 0x{error.object[error.start]:02x}. "
            f"{_ACCEPTED}"
        ) from error
    except ValueError as error:
        raise EventsFileError(f"{name}, {error}. {_ACCEPTED}") from error


def parse_events(text: str) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the events in a text, in its order, and what ECS says about tasks that it lacks.

    Raises:
        ValueError: If it holds something else, or nothing. The message names the place.
    """
    objects = [
        (position, item)
        for position, value in _values(text)
        for item in _objects(text, position, value)
    ]
    events = [event for position, item in objects for event in _events(text, position, item)]
    if not events:
        raise _error(text, len(text), "there is no event")
    return events, [failure for _, item in objects for failure in failures_in(item)]


def _read(source: str) -> str:
    if source != STANDARD_INPUT:
        return _decode(Path(source).read_bytes())
    # Not sys.stdin, which is None if standard input is closed.
    with open(0, "rb", closefd=False) as standard_input:
        return _decode(standard_input.read())


def _decode(content: bytes) -> str:
    # `>` in Windows PowerShell 5.1 writes UTF-16.
    is_utf_16 = content.startswith((BOM_UTF16_LE, BOM_UTF16_BE))
    return content.decode("utf-16" if is_utf_16 else "utf-8")


def _values(text: str) -> Iterator[tuple[int, Any]]:
    """Yield the JSON values in a text, each with its position."""
    decoder = json.JSONDecoder(parse_constant=_reject_constant, parse_float=_finite)
    position = _skip_gap(text, 0)
    while position < len(text):
        try:
            value, end = decoder.raw_decode(text, position)
        except json.JSONDecodeError as error:
            raise _error(text, error.pos, f"malformed JSON: {error.msg}") from error
        except RecursionError as error:
            raise _error(text, position, "the value is nested too deeply") from error
        except ValueError as error:
            raise _error(text, position, f"the value is not JSON: {error}") from error
        yield position, value
        position = _skip_gap(text, end)


def _objects(text: str, position: int, value: Any) -> list[dict[str, Any]]:
    items = value if isinstance(value, list) else [value]
    for number, item in enumerate(items, 1):
        if not isinstance(item, dict):
            where = "" if item is value else f"item {number} of an array is "
            raise _error(text, position, f"{where}{_kind(item)}, which is not an event")
    return items


def _events(text: str, position: int, item: dict[str, Any]) -> list[dict[str, Any]]:
    """Return an event as it is, and tasks as their last events."""
    try:
        tasks = tasks_in(item)
        if tasks is not None:
            return [event_of(task) for task in tasks]
    except ValueError as error:
        raise _error(text, position, str(error)) from error
    if "detail-type" not in item:
        raise _error(text, position, "an object without detail-type is neither an event nor a task")
    return [item]


def _kind(value: Any) -> str:
    match value:
        case None | bool():
            return json.dumps(value)
        case str():
            return "a string"
        case list():
            return "an array"
        case _:
            return "a number"


def _skip_gap(text: str, position: int) -> int:
    gap = _GAP.match(text, position)
    return gap.end() if gap else position


def _reject_constant(literal: str) -> NoReturn:
    # Python's decoder accepts NaN and Infinity, but JSON and AWS do not.
    raise ValueError(f"it holds {literal}")


def _finite(literal: str) -> float:
    if math.isinf(number := float(literal)):
        raise ValueError(f"it holds {literal}, which is too large")
    return number


def _error(text: str, position: int, problem: str) -> ValueError:
    line = text.count("\n", 0, position) + 1
    column = position - text.rfind("\n", 0, position)
    return ValueError(f"line {line}, column {column}: {problem}")
