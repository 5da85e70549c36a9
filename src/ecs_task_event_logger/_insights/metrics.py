"""Metrics from the lines of the log. Each is created when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypedDict, cast
from urllib.parse import quote

from aws_cdk import Duration, Token
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_logs as logs
from constructs import Construct

from .._common.environment import REGION
from .._common.naming import logger_name
from .._common.validation import shown
from .._rules.central_bus import validate_account
from .._rules.event_pattern import validate_name
from ..handler.task_events.filters import FAILURE_LEVEL

if TYPE_CHECKING:
    from aws_cdk import aws_cloudwatch as cloudwatch

NAMESPACE = "EcsTaskEvents"

# The dimensions, with the fields of a line that hold their values.
_FIELDS = {
    "Cause": "$.cause",
    "Service": "$.service",
    "Cluster": "$.cluster",
    "Account": "$.account",
    "Region": "$.region",
}
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/MonitoringPolicyExamples.html
_MAX_DIMENSIONS = 3
_MAX_NAME = 255


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
    """The keywords of CDK's own ``metric_…`` methods (``cloudwatch.MetricOptions``)."""

    dimensions_map: Mapping[str, str]


class TaskMetricOptions(_Options, total=False):
    """The keywords of metrics of tasks. Dimensions are named instead of mapped."""

    cluster: str | ecs.ICluster
    source_account: str
    source_region: str


@dataclass(frozen=True)
class TaskMetric:
    """A metric that some lines publish.

    Attributes:
        name: The metric's name.
        status: The task status in these lines.
        only_failures: Whether these lines report failures.
        value: The field with the value. By default each line counts as one.
    """

    name: str
    status: str
    only_failures: bool = False
    value: str | None = None

    def filter_pattern(self, dimensions: Mapping[str, str]) -> logs.IFilterPattern:
        """Return the pattern of the lines that publish it with these dimensions."""
        conditions = [logs.FilterPattern.string_value("$.lastStatus", "=", self.status)]
        if self.only_failures:
            conditions.append(logs.FilterPattern.string_value("$.level", "=", FAILURE_LEVEL))
        if self.value:
            conditions.append(logs.FilterPattern.exists(self.value))
        if self.status == "RUNNING":
            # A RUNNING task with a desired status is about to stop, and started long ago.
            conditions.append(logs.FilterPattern.not_exists("$.desiredStatus"))
        conditions += [logs.FilterPattern.exists(_FIELDS[name]) for name in dimensions]
        return logs.FilterPattern.all(*conditions)


FAILURES = TaskMetric("Failures", "STOPPED", only_failures=True)
STOPPED_TASKS = TaskMetric("StoppedTasks", "STOPPED")
START_DURATION = TaskMetric("StartDuration", "RUNNING", value="$.durations.start")
IMAGE_PULL_DURATION = TaskMetric("ImagePullDuration", "RUNNING", value="$.durations.pull")
RUN_DURATION = TaskMetric("RunDuration", "STOPPED", value="$.durations.run")


class TaskMetrics:
    """The metrics of one logger. Each has one metric filter for each set of dimensions."""

    def __init__(self, scope: Construct, log_group: logs.ILogGroup) -> None:
        """Keep the log group for later."""
        self._scope = scope
        self._log_group = log_group
        self._published: set[str] = set()

    def metric(
        self,
        metric: TaskMetric,
        options: TaskMetricOptions,
        *,
        cause: str | None,
        service: str | None,
    ) -> cloudwatch.Metric:
        """Return a metric, and create its metric filter if there is none yet."""
        from aws_cdk import aws_cloudwatch as cloudwatch

        if "dimensions_map" in options:
            raise ValueError(
                "dimensions_map is not supported. Use cause=, service=, cluster=, source_account= "
                "and source_region=."
            )
        further, plain_options = _split_dimensions(self._scope, options)
        all_dimensions = {"Cause": cause, "Service": service, **further}
        dimensions = {name: value for name, value in all_dimensions.items() if value is not None}
        if len(dimensions) > _MAX_DIMENSIONS:
            raise ValueError(
                f"{metric.name} is split by {', '.join(dimensions)}, but CloudWatch Logs splits "
                f"a metric by at most {_MAX_DIMENSIONS} dimensions. Leave some out."
            )
        # All loggers share the namespace, and their names keep their values apart.
        name = _metric_name(f"{logger_name(self._scope)}/{metric.name}")
        defaults: MetricOptions = {"statistic": "p95" if metric.value else "Sum"}
        keywords = cast(MetricOptions, {**defaults, **plain_options})
        if dimensions:
            keywords["dimensions_map"] = dimensions
        result = cloudwatch.Metric(namespace=NAMESPACE, metric_name=name, **keywords)
        self._publish(name, metric, dimensions)
        # Attached, so that alarms in other stacks look in the logger's account and region.
        return result.attach_to(self._scope)

    def _publish(self, name: str, metric: TaskMetric, dimensions: Mapping[str, str]) -> None:
        from aws_cdk import aws_cloudwatch as cloudwatch

        filter_id = f"{metric.name}By{''.join(dimensions)}" if dimensions else metric.name
        if filter_id in self._published:
            return
        self._check_log_group_class()
        self._published.add(filter_id)
        logs.MetricFilter(
            self._scope,
            f"Metric{filter_id}",
            log_group=self._log_group,
            filter_pattern=metric.filter_pattern(dimensions),
            metric_namespace=NAMESPACE,
            metric_name=name,
            metric_value=metric.value or "1",
            unit=cloudwatch.Unit.SECONDS if metric.value else cloudwatch.Unit.COUNT,
            # CloudWatch has no default value for metrics with dimensions.
            default_value=None if dimensions or metric.value else 0,
            dimensions={each: _FIELDS[each] for each in dimensions} or None,
        )

    def _check_log_group_class(self) -> None:
        resource = self._log_group.node.default_child
        if not isinstance(resource, logs.CfnLogGroup):
            return
        if resource.log_group_class not in (None, "STANDARD"):
            raise ValueError(
                f"{self._log_group.node.path} is a log group of class {resource.log_group_class}, "
                "which has no metric filters. Leave out log_group_class, or use the saved queries "
                "and the dashboard, which need no metrics."
            )


def _metric_name(name: str) -> str:
    """Return a name that CloudWatch Logs accepts: ASCII without ``:``, ``*`` and ``$``.

    Other characters are written as in a URL, so that different loggers keep different names.

    https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_MetricTransformation.html
    """
    return quote(name, safe=" !\"#&'()+,/;<=>?@[\\]^`{|}")[-_MAX_NAME:]


def _split_dimensions(
    scope: Construct, options: TaskMetricOptions
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the dimensions among the options, validated, and the other options."""
    others: dict[str, Any] = {**options}
    cluster, account, region = (
        others.pop(name, None) for name in ("cluster", "source_account", "source_region")
    )
    return {
        "Cluster": None if cluster is None else validate_name(scope, "cluster", cluster),
        "Account": None if account is None else validate_account("source_account is", account),
        "Region": None if region is None else _validate_region(region),
    }, others


def _validate_region(region: Any) -> str:
    is_text = isinstance(region, str)
    if not is_text or not (REGION.fullmatch(region) or Token.is_unresolved(region)):
        raise ValueError(
            f"source_region is {shown(region)}, which is not an AWS region. Write eu-west-1, for "
            "example."
        )
    return str(region)
