"""The conditions of a failure for CloudWatch Logs Insights.

A line reports a failure if its level is ``FAILURE_LEVEL``. Each failure has one such line: that of
a task is its STOPPED line. Filters, metrics, notifications, queries and dashboard agree.
"""

from ..handler.task_events.filters import FAILURE_LEVEL

FAILED_LINES = f'level = "{FAILURE_LEVEL}"'
FAILED_TASKS = f'{FAILED_LINES} and lastStatus = "STOPPED"'
