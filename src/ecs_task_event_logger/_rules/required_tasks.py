"""Checks at synthesis: can a metric or a notification ever fire?"""

from collections.abc import Sequence
from dataclasses import dataclass

from ..enums import TaskStatus
from ..handler.task_events.cause import Cause
from .event_filter import EventFilter, holds_tokens


@dataclass(frozen=True)
class RequiredTasks:
    """The tasks that a metric or notification depends on. None stands for every cause.

    RUNNING stands for tasks that are not asked to stop.
    """

    status: str
    causes: Sequence[str] | None = None
    only_failures: bool = False


def check_tasks_are_logged(
    what: str, required: RequiredTasks, event_filters: Sequence[EventFilter]
) -> None:
    """Check that at least one filter can let a required task through."""
    reasons = [explain_dropped(each, required) for each in event_filters]
    if all(reasons):
        raise ValueError(f"{what} needs {reasons[0]}")


def explain_dropped(event_filter: EventFilter, required: RequiredTasks) -> str | None:
    """Return why a filter drops all required tasks, or None if some may pass.

    A token may stand for any value.
    """
    if not event_filter.types.has_tasks:
        return "task events, which event_types leaves out. Add TASK_STATE_CHANGE to event_types."
    return _dropped_by_status(event_filter, required) or _dropped_by_cause(event_filter, required)


def _dropped_by_status(event_filter: EventFilter, required: RequiredTasks) -> str | None:
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


def _dropped_by_cause(event_filter: EventFilter, required: RequiredTasks) -> str | None:
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
