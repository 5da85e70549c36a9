"""Points in time of a task, and the spans between them.

A passing status needs none of it, so this is imported when it is needed.
"""

from datetime import datetime

TYPE_CHECKING = False  # as in typing, which is not imported for its cost
if TYPE_CHECKING:
    from typing import Any

_PHASES = (
    ("pull", "pullStartedAt", "pullStoppedAt"),
    ("start", "createdAt", "startedAt"),
    ("run", "startedAt", "executionStoppedAt"),
    ("stop", "stoppingAt", "stoppedAt"),
    ("total", "createdAt", "stoppedAt"),
)


# ECS tells that a task is RUNNING again and again, whenever anything about it changes.
_JUST_STARTED = 60


def durations(detail: "dict[str, Any]") -> dict[str, float]:
    """Return what is known of a task's phases, in seconds.

    How long a task took to start is said when it has just started and when it has stopped, and not
    each time that it is still running: whoever adds up would count it many times.
    """
    seconds: dict[str, float] = {}
    if detail.get("lastStatus") == "RUNNING":
        since = seconds_between(detail.get("startedAt"), detail.get("updatedAt"))
        if since is not None and since > _JUST_STARTED:
            return seconds
    for phase, begin, end in _PHASES:
        if begin in detail and end in detail:
            span = seconds_between(detail[begin], detail[end])
            # ECS may note a start after the end of a container that ended at once: no span at all.
            if span is not None and span >= 0:
                seconds[phase] = span
    return seconds


def seconds_between(begin: "Any", end: "Any") -> float | None:
    """Return the seconds between two points in time, or None if one of them is none."""
    try:
        span = datetime.fromisoformat(end) - datetime.fromisoformat(begin)
    except (TypeError, ValueError):
        return None
    return round(span.total_seconds(), 1)
