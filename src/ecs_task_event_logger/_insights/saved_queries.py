"""The saved queries for CloudWatch Logs Insights.

The console shows them under Saved queries, in a folder with the logger's name.
"""

from aws_cdk import aws_logs as logs
from constructs import Construct

from .._common.naming import logger_name
from .failures import FAILED_LINES, FAILED_TASKS

# The column for the owner of a task: its service, or else its group or task definition.
WORKLOAD = "coalesce(service, group, taskDefinition) as workload"

# The columns that tell tasks of several accounts and regions apart.
ORIGIN = "account, region, "


# Finds the last item of the list. A line of the log cannot end it: JSON escapes its quotes.
_LAST_LOG_LINE = r'"logTail":\[(?:"(?:[^"\\]|\\.)*",)*"(?<lastLogLine>(?:[^"\\]|\\.)*)"\]'


def recent_failures(origin: str = "", has_log_tail: bool = False) -> str:
    """Return the query for the latest failures."""
    columns, last_line = "message, remedy, taskId", ""
    if has_log_tail:
        columns, last_line = f"{columns}, logStream", f"\n| parse @message /{_LAST_LOG_LINE}/"
    return f"""\
fields timestamp, {origin}cluster, {WORKLOAD}, {columns}
| filter {FAILED_LINES}{last_line}
| sort timestamp desc
| limit 100"""


def all_queries(origin: str = "", has_log_tail: bool = False) -> dict[str, str]:
    """Return the queries by their names."""
    return {
        "Recent failures": recent_failures(origin, has_log_tail),
        "Life of one task": """\
# Put the task's ID between the quotes.
fields timestamp, lastStatus, message, stoppedReason, version
| filter taskId = ""
| sort version asc
| limit 100""",
        "Failures by service and cause": f"""\
fields {WORKLOAD}
| filter {FAILED_TASKS}
| stats count_distinct(taskId) as tasks, latest(message) as latestMessage
  by {origin}workload, cause
| sort tasks desc""",
        "Slowest starts and image pulls": f"""\
fields timestamp, {origin}cluster, {WORKLOAD},
  durations.start, durations.pull, launchType, taskId
| filter lastStatus = "RUNNING" and not ispresent(desiredStatus) and ispresent(durations.start)
| sort durations.start desc
| dedup taskId
| limit 50""",
        "Restarts by service": f"""\
# Tasks should only stop when the service is scaled or deployed. These stopped for other reasons.
filter lastStatus = "STOPPED" and ispresent(service) and cause != "SCHEDULER_STOPPED"
| stats count_distinct(taskId) as restarts, latest(message) as latestMessage
  by {origin}cluster, service, bin(1h)
| sort restarts desc""",
        "Unparsed events and errors": f"""\
# Events that could not be parsed, and lines that Lambda or an exception wrote.
fields @timestamp, {origin}level, message, eventId, @message
| filter ispresent(unparsed.source) or not ispresent(detailType)
| sort @timestamp desc
| limit 100""",
    }


# The fields that people look up. An index spares CloudWatch Logs from reading the whole log.
INDEXED_FIELDS = ["taskId", "service", "cause", "cluster"]
ORIGIN_FIELDS = ["account", "region"]


def create_saved_queries(
    scope: Construct, log_group: logs.ILogGroup, origin: str, has_log_tail: bool
) -> None:
    """Create the saved queries for one log group."""
    folder, log_group_names = logger_name(scope), [log_group.log_group_name]
    for name, text in all_queries(origin, has_log_tail).items():
        logs.CfnQueryDefinition(
            scope,
            name.title().replace(" ", ""),
            name=f"{folder}/{name}"[-255:],
            query_string=text,
            log_group_names=log_group_names,
        )
