"""The Lambda handler: the only module with side effects."""

import sys
from os import environ

from .record import make_record
from .serialize import is_altered, to_line, to_record

TYPE_CHECKING = False  # like typing.TYPE_CHECKING, without its import cost
if TYPE_CHECKING:
    from .aliases import Json, Record

# The construct's props. A variable is left out if its prop has its default.
_FULL = environ.get("RECORD_FORMAT") == "FULL"
_UNREDACTED = frozenset(filter(None, environ.get("UNREDACTED_ENVIRONMENT", "").split(",")))
_OPTIONS = """
ONLY_FAILURES CAUSES SERVICES EXCLUDE_SERVICES TASK_FAMILIES EXCLUDE_TASK_FAMILIES
CONTAINER_LOG_GROUPS
""".split()  # noqa: SIM905
_LOG_GROUP = environ.get("LOG_GROUP_OF_NOTIFICATIONS")
_is_logged = None
if any(map(environ.__contains__, _OPTIONS)):
    from .options import make_options

    _is_logged = make_options(environ, _UNREDACTED)


def handler(event: "Json", context: object = None) -> "Record | None":
    """Log an event as one line of JSON and return the record that was logged.

    If the logger has notifications, the returned record has ``notification``, too. If the logger's
    filters drop the event, no line is logged and None is returned.
    """
    record: Record = {}
    part = "record"
    try:
        record = make_record(event, _FULL, _UNREDACTED)
        part = "options"
        if _is_logged and not _is_logged(event, record, context):
            return None
        part = "line"
        line = to_line(record)
        logged = to_record(line) if is_altered(line) else record
    except Exception as error:
        from .fallback import log_anyway

        line, logged = log_anyway(part, error, event, _UNREDACTED, record)
    # One write per line: Lambda may log several writes as several log events.
    sys.stdout.write(line + "\n")
    if _LOG_GROUP:
        from .notification import add_notification

        add_notification(logged, _LOG_GROUP)
    return logged
