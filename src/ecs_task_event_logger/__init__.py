"""Keep Amazon ECS task events in CloudWatch Logs, one understandable line an event."""

from .event_filter import TaskStatus
from .event_logger import EcsTaskEventLogger

__all__ = ["EcsTaskEventLogger", "TaskStatus"]
