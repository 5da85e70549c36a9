"""Metrics: the numbers that CloudWatch takes from the lines, once somebody asks for them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypedDict, cast

from aws_cdk import Duration, Token
from aws_cdk import aws_logs as logs
from constructs import Construct

from .._common.environment import REGION
from .._common.naming import readable_name
from .._rules.central_bus import check_account
from .._rules.event_pattern import check_name

if TYPE_CHECKING:
    from aws_cdk import aws_cloudwatch as cloudwatch

NAMESPACE = "EcsTaskEvents"

# The dimensions that a metric may have, and where a line says them.
_FIELDS = {
    "Cause": "$.cause",
    "Service": "$.service",
    "Cluster": "$.cluster",
    "Account": "$.account",
    "Region": "$.region",
}
_OPTIONS = {"cluster": "Cluster", "source_account": "Account", "source_region": "Region"}
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/MonitoringPolicyExamples.html
_MAX_DIMENSIONS = 3


class _Options(TypedDict, total=False):
    account: str
    color: str
    id: str
    label: str
    period: Duration
    region: str
    stack_account: str
    stack_region: str
    statistic: str
    unit: cloudwatch.Unit
    visible: bool


class MetricOptions(_Options, total=False):
    """The keywords that every ``metric_…`` method of CDK's takes (``cloudwatch.MetricOptions``)."""

    dimensions_map: Mapping[str, str]


class TaskMetricOptions(_Options, total=False):
    """Those for metrics of tasks, whose dimensions are chosen by name: of which tasks alone."""

    cluster: str
    source_account: str
    source_region: str


def _check_region(region: Any) -> None:
    if not isinstance(region, str):
        raise TypeError(f"source_region must be a string, got {region!r}.")
    if not (REGION.fullmatch(region) or Token.is_unresolved(region)):
        raise ValueError(
            f"source_region is {region!r}, which is no AWS region: eu-west-1, for example."
        )


@dataclass(frozen=True)
class TaskMetric:
    """A number that some lines say.

    Attributes:
        name: What it is called.
        status: The status of the task in the lines that say it.
        level: The level of these lines, if they must have a certain one.
        value: Where in the line it is; by default each line counts as one.
    """

    name: str
    status: str
    level: str | None = None
    value: str | None = None

    def pattern(self, dimensions: Mapping[str, str]) -> logs.IFilterPattern:
        """Return which lines say it, and what it is about."""
        conditions = [logs.FilterPattern.string_value("$.lastStatus", "=", self.status)]
        if self.level:
            conditions.append(logs.FilterPattern.string_value("$.level", "=", self.level))
        if self.value:
            conditions.append(logs.FilterPattern.exists(self.value))
        if self.status == "RUNNING":
            # A task that is to stop may be RUNNING for a while, and has started long ago.
            conditions.append(logs.FilterPattern.not_exists("$.desiredStatus"))
        conditions += [logs.FilterPattern.exists(_FIELDS[name]) for name in dimensions]
        return logs.FilterPattern.all(*conditions)


FAILURES = TaskMetric("Failures", "STOPPED", level="ERROR")
STOPPED_TASKS = TaskMetric("StoppedTasks", "STOPPED")
START_DURATION = TaskMetric("StartDuration", "RUNNING", value="$.durations.start")
IMAGE_PULL_DURATION = TaskMetric("ImagePullDuration", "RUNNING", value="$.durations.pull")
RUN_DURATION = TaskMetric("RunDuration", "STOPPED", value="$.durations.run")


class TaskMetrics:
    """The metrics of one logger, each with one metric filter however often it is asked for."""

    def __init__(self, scope: Construct, log_group: logs.ILogGroup) -> None:
        """Hold where the lines are."""
        self._scope = scope
        self._log_group = log_group
        self._published: set[str] = set()

    def metric(
        self,
        metric: TaskMetric,
        dimensions: Mapping[str, str | None],
        options: TaskMetricOptions,
    ) -> cloudwatch.Metric:
        """Return a metric, and make what publishes it unless that is there.

        Args:
            metric: What is to be known.
            dimensions: What it is to be known of, by the names of the dimensions; None of what it
                is not to be split by.
            options: What ``cloudwatch.MetricOptions`` takes, and further dimensions.

        Raises:
            TypeError: If one of the dimensions is no string.
            ValueError: If one of the dimensions is not accepted; if the log group is of a class
                that has no metric filters; if there are dimensions among the options; or if there
                are too many of them.
        """
        from aws_cdk import aws_cloudwatch as cloudwatch

        if "dimensions_map" in options:
            raise ValueError(
                "dimensions_map is given, but CloudWatch has these numbers by what the method "
                "takes alone. Use cause=, service=, cluster=, source_account= and source_region=."
            )
        told = {**options}
        further = {name: told.pop(option, None) for option, name in _OPTIONS.items()}
        if (cluster := further["Cluster"]) is not None:
            check_name("cluster", cluster)
        if (account := further["Account"]) is not None:
            check_account("source_account", account)
        if (region := further["Region"]) is not None:
            _check_region(region)
        wanted = {name: str(v) for name, v in {**dimensions, **further}.items() if v is not None}
        if len(wanted) > _MAX_DIMENSIONS:
            raise ValueError(
                f"{metric.name} is asked for by {', '.join(wanted)}, and CloudWatch Logs splits "
                f"numbers by at most {_MAX_DIMENSIONS} of them. Leave some out."
            )
        # All loggers share the namespace: by their paths they do not add to each other's numbers.
        name = re.sub(r"[:*$]", "-", f"{readable_name(self._scope)}/{metric.name}")[-255:]
        defaults: MetricOptions = {"statistic": "p95" if metric.value else "Sum"}
        whole = cast(MetricOptions, {**defaults, **told})
        if wanted:
            whole["dimensions_map"] = wanted
        # Attached to the logger's account and region, so that alarms in other stacks find it.
        made = cloudwatch.Metric(namespace=NAMESPACE, metric_name=name, **whole)
        self._publish(name, metric, wanted)
        return made.attach_to(self._scope)

    def _publish(self, name: str, metric: TaskMetric, dimensions: Mapping[str, str]) -> None:
        from aws_cdk import aws_cloudwatch as cloudwatch

        filter_id = f"{metric.name}By{''.join(dimensions)}" if dimensions else metric.name
        if filter_id in self._published:
            return
        resource = self._log_group.node.default_child
        if isinstance(resource, logs.CfnLogGroup):
            log_class = resource.log_group_class
            if log_class not in (None, "STANDARD"):
                raise ValueError(
                    f"{self._log_group.node.path} is a log group of the class {log_class}, which "
                    "has no metric filters. Leave out log_group_class, or ask the log itself: the "
                    "saved queries and the dashboard need no metrics."
                )
        self._published.add(filter_id)
        logs.MetricFilter(
            self._scope,
            f"Metric{filter_id}",
            log_group=self._log_group,
            filter_pattern=metric.pattern(dimensions),
            metric_namespace=NAMESPACE,
            metric_name=name,
            metric_value=metric.value or "1",
            unit=cloudwatch.Unit.SECONDS if metric.value else cloudwatch.Unit.COUNT,
            # CloudWatch has no default value for metrics with dimensions.
            default_value=None if dimensions or metric.value else 0,
            dimensions={each: _FIELDS[each] for each in dimensions} or None,
        )
