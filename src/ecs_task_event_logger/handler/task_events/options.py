"""Apply the logger's options to a record: its filters, and the end of a container's log.

By default a logger has none of these, so `main` imports this module on demand.
"""

from .filters import FAILURE_LEVEL, make_selection

TYPE_CHECKING = False  # like typing.TYPE_CHECKING, without its import cost
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from .aliases import Record


def make_options(
    settings: "Mapping[str, str]", unredacted: "Collection[str]"
) -> "Callable[[Record, Record, object], bool]":
    """Return a function that completes a record and says whether it is logged.

    Its arguments are the event, its record and Lambda's context.

    Args:
        settings: The environment variables of ``make_selection``, and ``CONTAINER_LOG_GROUPS``.
        unredacted: Names of environment variables whose values may be logged.
    """
    is_selected = make_selection(settings)
    has_log_tail = "CONTAINER_LOG_GROUPS" in settings

    def is_logged(event: "Record", record: "Record", context: object) -> bool:
        if not is_selected(record):
            return False
        if has_log_tail and record.get("failed") and record["level"] == FAILURE_LEVEL:
            from .container_logs import add_log_tail

            add_log_tail(event, record, unredacted, context)
        return True

    return is_logged
