"""Compute how long a task's phases took.

Statuses that a task only passes through need none of it, so `task` imports this module on demand.
"""

from datetime import datetime, timedelta
from functools import lru_cache

TYPE_CHECKING = False  # like typing.TYPE_CHECKING, without its import cost
if TYPE_CHECKING:
    from .aliases import Json, Record

# By phase, when it begins and when it ends.
_PHASES = {
    "pull": ("pullStartedAt", "pullStoppedAt"),
    "start": ("createdAt", "startedAt"),
    "run": ("startedAt", "executionStoppedAt"),
    "stop": ("stoppingAt", "stoppedAt"),
    "total": ("createdAt", "stoppedAt"),
}

_TENTH = timedelta(seconds=0.1)

# ECS sends RUNNING again at every change of a running task. Its start is logged only in the first
# minute: a query that adds up start times would otherwise count it many times.
_JUST_STARTED = 60


def add_durations(detail: "Record", record: "Record") -> None:
    """Add the seconds of each phase of a task whose times are known."""
    if detail.get("lastStatus") == "RUNNING":
        since = seconds_between(detail.get("startedAt"), detail.get("updatedAt"))
        if since is not None and since > _JUST_STARTED:
            return
    seconds: dict[str, float] = {}
    for phase, (begin, end) in _PHASES.items():
        if end in detail:
            duration = seconds_between(detail.get(begin), detail[end])
            # If a container ends at once, ECS may date its start after its end.
            if duration is not None and duration >= 0:
                seconds[phase] = duration
    if seconds:
        record["durations"] = seconds


def seconds_between(begin: "Json", end: "Json") -> float | None:
    """Return the seconds between two ISO 8601 times, or None if either is not a time."""
    try:
        return round((_time(end) - _time(begin)) / _TENTH) / 10
    except (TypeError, ValueError):
        return None


# Two phases of a task share each time.
_time = lru_cache(maxsize=8)(datetime.fromisoformat)
