"""Keep Amazon ECS task events in CloudWatch Logs, one understandable line an event.

What is in a line, and what of it may change: [the record](docs/record.md).
"""

from .event_filter import LaunchType, StopCode, TaskStatus
from .event_forwarder import EcsTaskEventForwarder
from .event_logger import EcsTaskEventLogger
from .event_types import EventType
from .function.task_events.cause import Cause
from .notifications import TaskMessage
from .record_format import RecordFormat

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
