"""The dashboard: failures, starts, interruptions and capacity, for people on call.

CloudWatch runs its queries when the dashboard is opened, so it needs no metrics.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_logs as logs

from ..enums import EventType
from ..handler.task_events.cause import Cause
from ..handler.task_events.filters import FAILURE_LEVEL
from .failures import FAILED_TASKS
from .saved_queries import WORKLOAD, recent_failures

View = cloudwatch.LogQueryVisualizationType

_FULL_WIDTH = 24
_HALF_WIDTH = 12
_HEIGHT = 6

# Those of tasks. A request that was refused makes no task.
_FAILURES = [cause for cause in Cause if cause.failed and cause is not Cause.REQUEST_REFUSED]
_INTERRUPTIONS = [Cause.SPOT_INTERRUPTION, Cause.HOST_FAILURE, Cause.MAINTENANCE]


def _count_by_cause(causes: Sequence[Cause], level: str = "") -> str:
    """Return a column for each cause.

    A filter would drop hours without any of these causes, and the graph needs their zeros.
    """
    return ",\n  ".join(
        f'sum(strcontains(verdict, "{level} {cause}")) as {cause}' for cause in causes
    )


@dataclass(frozen=True)
class LogWidget:
    """A widget with the results of a query. Its width is in columns of 24."""

    title: str
    view: View
    query: str
    width: int = _HALF_WIDTH


def log_widgets(origin: str = "") -> list[LogWidget]:
    """Return the graphs."""
    return [
        LogWidget(
            "Failed tasks an hour, by cause",
            View.STACKEDAREA,
            f"""\
fields concat(level, " ", cause) as verdict
| filter lastStatus = "STOPPED"
| stats {_count_by_cause(_FAILURES, FAILURE_LEVEL)}
  by bin(1h)""",
        ),
        LogWidget(
            "Failed tasks, by service",
            View.BAR,
            f"""\
fields {WORKLOAD}
| filter {FAILED_TASKS}
| stats count_distinct(taskId) as tasks by {origin}workload
| sort tasks desc
| limit 10""",
        ),
        LogWidget(
            "Seconds to start, and of that to pull images",
            View.LINE,
            """\
filter lastStatus = "RUNNING" and not ispresent(desiredStatus)
| stats pct(durations.start, 50) as startP50, pct(durations.start, 95) as startP95,
  pct(durations.pull, 50) as pullP50, pct(durations.pull, 95) as pullP95
  by bin(1h)""",
        ),
        LogWidget(
            "Interrupted tasks an hour: Spot, hosts, maintenance",
            View.LINE,
            f"""\
fields concat(level, " ", cause) as verdict
| filter lastStatus = "STOPPED"
| stats {_count_by_cause(_INTERRUPTIONS)}
  by bin(1h)""",
        ),
        LogWidget(
            "Started tasks, by capacity",
            View.PIE,
            """\
fields coalesce(capacityProviderName, launchType) as capacity
| filter lastStatus = "RUNNING"
| stats count_distinct(taskId) as tasks by capacity""",
        ),
    ]


def other_failures(event_types: Sequence[EventType]) -> LogWidget:
    """Return the graph of failures that are not about tasks."""
    columns = ",\n  ".join(
        f'sum(strcontains(verdict, "{FAILURE_LEVEL} {each.detail_type}")) as {each}'
        for each in event_types
    )
    return LogWidget(
        "Failures an hour of services, deployments and instances",
        View.STACKEDAREA,
        f"""\
fields concat(level, " ", detailType) as verdict
| stats {columns}
  by bin(1h)""",
        _FULL_WIDTH,
    )


def failures_table(origin: str = "", has_log_tail: bool = False) -> LogWidget:
    """Return the table of the latest failures."""
    query = recent_failures(origin, has_log_tail)
    return LogWidget("Last failures", View.TABLE, query, _FULL_WIDTH)


def create_widgets(
    log_group: logs.ILogGroup,
    region: str,
    undelivered: cloudwatch.IMetric,
    origin: str,
    has_log_tail: bool,
    event_types: Sequence[EventType],
) -> list[cloudwatch.IWidget]:
    """Return the widgets in rows of 24 columns."""
    others = [each for each in event_types if each is not EventType.TASK_STATE_CHANGE]
    table = failures_table(origin, has_log_tail)
    tables = [other_failures(others), table] if others else [table]
    return [
        *(_create_log_widget(widget, log_group, region) for widget in log_widgets(origin)),
        cloudwatch.GraphWidget(
            title="Undelivered events in the dead-letter queue",
            left=[undelivered],
            left_y_axis=cloudwatch.YAxisProps(min=0, label="events", show_units=False),
            width=_HALF_WIDTH,
            height=_HEIGHT,
        ),
        *(_create_log_widget(widget, log_group, region) for widget in tables),
    ]


def _create_log_widget(
    widget: LogWidget, log_group: logs.ILogGroup, region: str
) -> cloudwatch.LogQueryWidget:
    return cloudwatch.LogQueryWidget(
        title=widget.title,
        view=widget.view,
        query_string=widget.query,
        log_group_names=[log_group.log_group_name],
        region=region,
        width=widget.width,
        height=_HEIGHT,
    )
