"""Keep Amazon ECS task events in CloudWatch Logs, one understandable line an event.

What is in a line, and what of it may change: [the record](docs/record.md).
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .event_filter import LaunchType, StopCode, TaskStatus
    from .event_forwarder import EcsTaskEventForwarder
    from .event_logger import EcsTaskEventLogger
    from .event_types import EventType
    from .function.task_events.cause import Cause
    from .notifications import TaskMessage
    from .record_format import RecordFormat
else:
    # Imported once they are asked for: whoever brings events back needs neither CDK nor Node.js.
    _MODULES = {
        "Cause": "function.task_events.cause",
        "EcsTaskEventForwarder": "event_forwarder",
        "EcsTaskEventLogger": "event_logger",
        "EventType": "event_types",
        "LaunchType": "event_filter",
        "RecordFormat": "record_format",
        "StopCode": "event_filter",
        "TaskMessage": "notifications",
        "TaskStatus": "event_filter",
    }

    def __getattr__(name):
        from importlib import import_module

        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f".{_MODULES[name]}", __name__), name)

    def __dir__():
        return sorted({*globals(), *__all__})


__all__ = [
    "Cause",
    "EcsTaskEventForwarder",
    "EcsTaskEventLogger",
    "EventType",
    "LaunchType",
    "RecordFormat",
    "StopCode",
    "TaskMessage",
    "TaskStatus",
]
