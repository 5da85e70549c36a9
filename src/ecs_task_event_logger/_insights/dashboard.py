"""The dashboard: what whoever is on call wants to see first.

All of it but the queue is asked of the log itself, when somebody looks, so it needs no metrics.
"""

from dataclasses import dataclass

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_logs as logs

from ..handler.task_events.cause import Cause
from .saved_queries import WORKLOAD, recent_failures

View = cloudwatch.LogQueryVisualizationType

_HALF, _WHOLE = 12, 24
_HEIGHT = 6

_INTERRUPTIONS = [Cause.SPOT_INTERRUPTION, Cause.HOST_FAILURE, Cause.MAINTENANCE]


def _counted(causes: list[Cause], level: str = "") -> str:
    """Return a column for each cause, which is a line in a graph over time.

    Not by a filter: an hour in which tasks stopped, but none of these, is to have a zero.
    """
    return ",\n  ".join(
        f'sum(strcontains(verdict, "{level} {cause}")) as {cause}' for cause in causes
    )


@dataclass(frozen=True)
class LogWidget:
    """A part of the dashboard that is asked of the log.

    Attributes:
        title: What it says above it.
        view: How the answer is shown.
        query: What is asked.
        width: How wide it is, of the 24 that a dashboard is.
    """

    title: str
    view: View
    query: str
    width: int = _HALF


def log_widgets(origin: str = "") -> list[LogWidget]:
    """Return the widgets that are graphs.

    Args:
        origin: ``ORIGIN`` where events come from several accounts and regions.
    """
    return [
        LogWidget(
            "Failed tasks an hour, by cause",
            View.STACKEDAREA,
            f"""\
fields concat(level, " ", cause) as verdict
| filter lastStatus = "STOPPED"
| stats {_counted([cause for cause in Cause if cause.failed], "ERROR")}
  by bin(1h)""",
        ),
        LogWidget(
            "Failed tasks, by service",
            View.BAR,
            f"""\
fields {WORKLOAD}
| filter level = "ERROR" and lastStatus = "STOPPED"
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
| stats {_counted(_INTERRUPTIONS)}
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


def last_failures(origin: str = "") -> LogWidget:
    """Return the table of what failed last."""
    return LogWidget("Last failures", View.TABLE, recent_failures(origin), _WHOLE)


def make_widgets(
    log_group: logs.ILogGroup, region: str, undelivered: cloudwatch.IMetric, origin: str
) -> list[cloudwatch.IWidget]:
    """Return the widgets, in rows of 24.

    Args:
        log_group: The log group to ask.
        region: Where it is: the dashboard may be elsewhere.
        undelivered: How many events wait in the dead-letter queue.
        origin: ``ORIGIN`` where events come from several accounts and regions.
    """
    return [
        *(_make_log_widget(widget, log_group, region) for widget in log_widgets(origin)),
        cloudwatch.GraphWidget(
            title="Undelivered events in the dead-letter queue",
            left=[undelivered],
            left_y_axis=cloudwatch.YAxisProps(min=0, label="events", show_units=False),
            width=_HALF,
            height=_HEIGHT,
        ),
        _make_log_widget(last_failures(origin), log_group, region),
    ]


def _make_log_widget(
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
