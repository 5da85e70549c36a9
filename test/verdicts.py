"""What the handler finds out about a stop, as an object."""

from types import SimpleNamespace
from typing import Any

from ecs_task_event_logger.handler.task_events.cause import Cause
from ecs_task_event_logger.handler.task_events.diagnosis import add_diagnosis


class Verdict(SimpleNamespace):
    """The keys of a record that say why a task stopped. A key that is left out is None."""

    cause: Cause
    level: str
    failed: bool | None
    culprit: str | None
    remedy: str | None


def diagnose(detail: dict[str, Any]) -> Verdict | None:
    """Return the verdict on a task, or None as long as its event does not show it."""
    record: dict[str, Any] = {"timestamp": "", "level": "INFO", "message": ""}
    add_diagnosis(detail, record)
    if "cause" not in record:
        return None
    keys = ("level", "failed", "culprit", "remedy")
    return Verdict(cause=Cause[record["cause"]], **{key: record.get(key) for key in keys})
