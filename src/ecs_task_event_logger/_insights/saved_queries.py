"""The CloudWatch Logs Insights queries that ship with a logger: what people ask of the log.

They are saved where people look for them: under Saved queries in the console, in a folder that is
named after the logger.
"""

from aws_cdk import aws_logs as logs
from constructs import Construct

from .._common.naming import readable_name

# Whose task it is: the service's, or that of what else started it.
WORKLOAD = "coalesce(service, group, taskDefinition) as workload"

# Columns that tell tasks apart where events come from several accounts and regions.
ORIGIN = "account, region, "


def recent_failures(origin: str = "") -> str:
    """Return the query for what failed last.

    Args:
        origin: ``ORIGIN`` where events come from several accounts and regions.
    """
    # A task says that it fails before it stops, too; services and the like say it once.
    return f"""\
fields timestamp, {origin}cluster, {WORKLOAD}, message, remedy, taskId
| filter level = "ERROR" and (lastStatus = "STOPPED" or eventType != "TASK_STATE_CHANGE")
| sort timestamp desc
| limit 100"""


def make_queries(origin: str = "") -> dict[str, str]:
    """Return the queries by their names.

    Args:
        origin: ``ORIGIN`` where events come from several accounts and regions.
    """
    return {
        "Recent failures": recent_failures(origin),
        "Life of one task": """\
# Put the task's ID between the quotes.
fields timestamp, lastStatus, message, stoppedReason, version
| filter taskId = ""
| sort version asc
| limit 100""",
        "Failures by service and cause": f"""\
fields {WORKLOAD}
| filter level = "ERROR" and lastStatus = "STOPPED"
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
# A service that is not scaled or deployed, and whose tasks stop all the same, is flapping.
filter lastStatus = "STOPPED" and ispresent(service) and cause != "SCHEDULER_STOPPED"
| stats count_distinct(taskId) as restarts, latest(message) as latestMessage
  by {origin}cluster, service, bin(1h)
| sort restarts desc""",
        "Unparsed events and errors": f"""\
# What was not understood is logged all the same; what is no line of an event is an error's.
fields @timestamp, {origin}level, message, eventId, @message
| filter ispresent(unparsed.source) or not ispresent(eventId)
| sort @timestamp desc
| limit 100""",
    }


# What people look up by: with an index, CloudWatch Logs need not read the whole log for that.
INDEXED_FIELDS = ["taskId", "service", "cause", "cluster"]


def save_queries(scope: Construct, log_group: logs.ILogGroup, origin: str) -> None:
    """Save the queries, each of which is about one log group."""
    folder, log_group_names = readable_name(scope), [log_group.log_group_name]
    for name, text in make_queries(origin).items():
        logs.CfnQueryDefinition(
            scope,
            name.title().replace(" ", ""),
            name=f"{folder}/{name}"[-255:],
            query_string=text,
            log_group_names=log_group_names,
        )
