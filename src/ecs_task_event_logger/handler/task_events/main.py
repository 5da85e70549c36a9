"""The Lambda handler: the only module with side effects."""

import sys
from os import environ

from .record import make_record
from .serialize import is_altered, to_line, to_record

TYPE_CHECKING = False  # as in typing, which is not imported for its cost
if TYPE_CHECKING:
    from typing import Any

# The construct's props, each absent where it has its default.
_FULL = environ.get("RECORD_FORMAT") == "FULL"
_UNREDACTED = frozenset(filter(None, environ.get("UNREDACTED_ENVIRONMENT", "").split(",")))
_is_selected = None
if any(
    name in environ
    for name in (
        "ONLY_FAILURES",
        "CAUSES",
        "SERVICES",
        "EXCLUDE_SERVICES",
        "EXCLUDE_TASK_FAMILIES",
    )
):
    from .filters import make_selection

    _is_selected = make_selection(environ)


def handler(event: "Any", context: object = None) -> "dict[str, Any] | None":
    """Log an event as one line of JSON, and return the record that was logged.

    An event that the logger's filter drops leaves no line, and returns None.
    """
    record = make_record(event, _FULL, _UNREDACTED)
    if _is_selected and not _is_selected(record):
        return None
    line = to_line(record)
    # One write a line: what is written piecemeal may be logged piecemeal.
    sys.stdout.write(line + "\n")
    return to_record(line) if is_altered(line) else record
