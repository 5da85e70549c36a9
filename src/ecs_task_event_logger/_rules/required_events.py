"""Checks at synthesis: can a metric or a notification ever fire?"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..enums import EventType, TaskStatus
from ..handler.task_events.cause import Cause
from .event_filter import EventFilter, holds_tokens
from .event_types import lack_cause, lack_service

_TASK = EventType.TASK_STATE_CHANGE
_CALL = EventType.RUN_TASK_FAILURE


@dataclass(frozen=True)
class RequiredEvents:
    """The events that a metric or notification depends on.

    Attributes:
        types: Their types; None for any that is logged.
        status: The status of the tasks among them. RUNNING stands for tasks that are not asked to
            stop.
        causes: The causes of the tasks among them; None for any.
        only_failures: Whether they are failures.
        are_away: Whether they say that an agent is away, which is no failure.
        have_service: Whether they name a service.
    """

    types: Sequence[EventType] | None = None
    status: str = TaskStatus.STOPPED
    causes: Sequence[str] | None = None
    only_failures: bool = False
    are_away: bool = False
    have_service: bool = False


def check_events_are_logged(
    what: str, required: RequiredEvents, event_filters: Sequence[EventFilter]
) -> None:
    """Check that the filters can let a required event through, and one of each required type."""
    parts = [required]
    if required.types is not None:
        parts = [replace(required, types=[each]) for each in required.types]
    for part in parts:
        reasons = [explain_dropped(each, part) for each in event_filters]
        if all(reasons):
            raise ValueError(f"{what} needs {reasons[0]}")


def explain_dropped(event_filter: EventFilter, required: RequiredEvents) -> str | None:
    """Return why a filter drops all required events, or None if some may pass.

    A token may stand for any value.
    """
    if required.are_away and event_filter.only_failures:
        return "events that are no failures, which only_failures leaves out. Leave it out."
    wanted = [*(required.types or EventType)]
    if required.causes and set(required.causes) == {Cause.REQUEST_REFUSED}:
        wanted = [each for each in wanted if each is not _TASK]  # It is never the cause of a stop.
    lacking = [*(lack_cause(wanted) if required.causes else [])]
    lacking += lack_service(wanted) if required.have_service else []
    wanted = [each for each in wanted if each not in lacking]
    types = [each for each in wanted if each in event_filter.types]
    if not types:
        return _explain_missing(wanted[:1] if required.causes else wanted)
    if lack_cause(types):
        return None
    by_status = _dropped_by_status(event_filter, required) if types == [_TASK] else None
    return by_status or _dropped_by_cause(event_filter, required)


def _explain_missing(types: Sequence[EventType]) -> str:
    name = types[0].removesuffix("_STATE_CHANGE").replace("_", " ").lower()
    if types[0] is _CALL:
        name = "RunTask failure"
    events = f"{name} events" if len(types) == 1 else "events of services"
    return (
        f"{events}, which the logger does not log. Add {' or '.join(types)} to the event_types of "
        "the logger, or of an EcsTaskEventRule before this."
    )


def _dropped_by_status(event_filter: EventFilter, required: RequiredEvents) -> str | None:
    statuses = event_filter.statuses
    if statuses and required.status not in statuses and not holds_tokens(statuses):
        return (
            f"tasks in status {required.status}, but statuses has only {', '.join(statuses)}. "
            f"Add {required.status} to statuses."
        )
    stop_filters = event_filter.stop_filters
    if required.status == TaskStatus.RUNNING and stop_filters:
        return (
            f"tasks that start, but only tasks that stop can match {stop_filters}. "
            f"Leave out {stop_filters}."
        )
    return None


def _dropped_by_cause(event_filter: EventFilter, required: RequiredEvents) -> str | None:
    causes = required.causes
    if causes is None and required.only_failures:
        causes = [cause for cause in Cause if cause.failed]
    if not causes or holds_tokens(causes) or any(map(event_filter.logs_cause, causes)):
        return None
    tasks, missing = "tasks that failed", "a cause that is a failure"
    if required.causes:
        tasks = f"tasks with cause {' or '.join(required.causes)}"
        missing = " or ".join(required.causes)
    if event_filter.causes:
        left_out = f"{tasks}, but causes has only {', '.join(event_filter.causes)}."
        return f"{left_out} Add {missing} to causes."
    return f"{tasks}, which only_failures leaves out. Leave out only_failures."
