"""The one definition of a failure, in the terms of each service that looks for failures.

A line reports a failure if its level is ``ERROR``. Several lines may report the failure of one
task, so its STOPPED line counts. Filters, metrics, notifications, queries and dashboard agree.
"""

from ..handler.task_events.filters import FAILURE_LEVEL

# For CloudWatch Logs Insights.
_FAILED = f'level = "{FAILURE_LEVEL}"'
FAILED_TASKS = f'{_FAILED} and lastStatus = "STOPPED"'
FAILURES = f'{_FAILED} and (lastStatus = "STOPPED" or eventType != "TASK_STATE_CHANGE")'
