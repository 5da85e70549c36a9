"""The conditions of a failure for CloudWatch Logs Insights.

A line reports a failure if its level is ``FAILURE_LEVEL``. Several lines may report the failure of
one task, so its STOPPED line counts. Filters, metrics, notifications and dashboard agree.
"""

from ..handler.task_events.filters import FAILURE_LEVEL

_FAILED = f'level = "{FAILURE_LEVEL}"'
FAILED_TASKS = f'{_FAILED} and lastStatus = "STOPPED"'
FAILED_LINES = f'{_FAILED} and (lastStatus = "STOPPED" or eventType != "TASK_STATE_CHANGE")'
