"""The Lambda handler: the only module with side effects."""

import sys
from os import environ

from .line import to_line
from .record import make_record

TYPE_CHECKING = False  # as in typing, which is not imported for its cost
if TYPE_CHECKING:
    from typing import Any

# The construct's props, each absent where it has its default.
_FULL = environ.get("RECORD_FORMAT") == "FULL"
_UNREDACTED = frozenset(environ.get("UNREDACTED_ENVIRONMENT", "").split(","))


def handler(event: "Any", context: object = None) -> "dict[str, Any]":
    """Log an event as one line of JSON, and return the record that was logged."""
    record = make_record(event, _FULL, _UNREDACTED)
    # One write a line: what is written piecemeal may be logged piecemeal.
    sys.stdout.write(to_line(record) + "\n")
    return record
