"""Names for types. Only type checkers import this module, because `typing` is slow to import."""

from typing import Any

from .cause import Cause

Json = Any
"""Any value that JSON can hold."""

Record = dict[str, Any]
"""An event, its record, or a JSON object within either."""

Finding = tuple[Cause | None, str, Record | None]
"""A cause, the text that shows it, and the container with that text (None: the task itself)."""

Evidence = tuple[str, Record | None, list[Record]]
"""The text that shows a cause, the container with that text, and all containers of the task."""

Meanings = dict[str, tuple[str, str]]
"""By the name of an event or status: its level, if the name decides it, and what happened."""
