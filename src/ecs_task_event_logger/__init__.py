"""Keep Amazon ECS task events in CloudWatch Logs, one understandable line for each event.

``record.schema.json``, a file of this package, describes the keys of a line.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._insights.messages import FailureMessage
    from ._insights.webhooks import SlackWebhook, TeamsWebhook
    from .enums import EventType, LaunchType, RecordFormat, StopCode, TaskStatus
    from .event_forwarder import EcsTaskEventForwarder
    from .event_history import EcsEventHistory
    from .event_logger import EcsTaskEventLogger
    from .event_logger_props import EcsTaskEventLoggerProps
    from .event_rule import EcsTaskEventRule
    from .handler.task_events.cause import Cause
else:
    # Imported when they are used: the redrive command needs neither CDK nor Node.js.
    _MODULES = {
        "Cause": "handler.task_events.cause",
        "EcsEventHistory": "event_history",
        "EcsTaskEventForwarder": "event_forwarder",
        "EcsTaskEventLogger": "event_logger",
        "EcsTaskEventLoggerProps": "event_logger_props",
        "EcsTaskEventRule": "event_rule",
        "EventType": "enums",
        "FailureMessage": "_insights.messages",
        "LaunchType": "enums",
        "RecordFormat": "enums",
        "SlackWebhook": "_insights.webhooks",
        "StopCode": "enums",
        "TaskStatus": "enums",
        "TeamsWebhook": "_insights.webhooks",
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
    "EcsEventHistory",
    "EcsTaskEventForwarder",
    "EcsTaskEventLogger",
    "EcsTaskEventLoggerProps",
    "EcsTaskEventRule",
    "EventType",
    "FailureMessage",
    "LaunchType",
    "RecordFormat",
    "SlackWebhook",
    "StopCode",
    "TaskStatus",
    "TeamsWebhook",
]
