"""Names for types. Only type checkers import this module, because `typing` is slow to import."""

from collections.abc import Callable
from typing import Any

Json = Any
"""Any value that JSON can hold."""

Record = dict[str, Any]
"""An event, its record, or a JSON object within either."""

Part = Callable[[Record, Record], bool | None]
"""Adds a part of a task's record, and returns False if the detail is not as ECS documents it."""

Meanings = dict[str, tuple[str, str]]
"""By the name of an event or status: its level, if the name decides it, and what happened."""

Span = tuple[int, int]
"""The positions at which a part of a text begins and ends."""
