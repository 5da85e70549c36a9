"""Metrics from the lines of the log. Each is created when it is asked for."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypedDict, cast
from urllib.parse import quote

from aws_cdk import Duration, Token
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_logs as logs
from constructs import Construct

from .._common.environment import REGION
from .._common.naming import logger_name
from .._common.validation import shown, suggestion
from .._rules.central_bus import validate_account
from .._rules.event_pattern import validate_name
from .._rules.required_events import RequiredEvents
from ..enums import EventType, TaskStatus
from ..handler.task_events.filters import FAILURE_LEVEL

if TYPE_CHECKING:
    from aws_cdk import aws_cloudwatch as cloudwatch

NAMESPACE = "EcsTaskEvents"

# The dimensions, with the fields of a line that hold their values.
_FIELDS = {
    "EventType": "$.detailType",
    "Cause": "$.cause",
    "Service": "$.service",
    "Cluster": "$.cluster",
    "Account": "$.account",
    "Region": "$.region",
    "Instance": "$.ec2InstanceId",
}
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/MonitoringPolicyExamples.html
_MAX_DIMENSIONS = 3
_MAX_NAME = 255
_AGENT = "$.agentConnected"
_STATUS = "$.instanceStatus"
# The other arguments of methods that return metrics of lines.
_ARGUMENTS = ("cause", "service", "event_type")


class _Options(TypedDict, total=False):
    account: str
    """The account of the metric, in a dashboard of another one. By default the deployment's."""

    color: str
    """The color in graphs, such as ``#00ff00``. By default CloudWatch chooses it."""

    id: str
    """The metric's ID in a widget. By default it has none."""

    label: str
    """The label in graphs. By default the metric's name and dimensions."""

    period: Duration
    """The time that a value covers. By default five minutes."""

    region: str
    """The region of the metric, in a dashboard of another one. By default the deployment's."""

    stack_account: str
    """The account of the stack that the metric is attached to. By default the deployment's."""

    stack_region: str
    """The region of the stack that the metric is attached to. By default the deployment's."""

    statistic: str
    """The statistic, such as ``Sum`` or ``p95``. Each method names its default."""

    unit: cloudwatch.Unit
    """Only values of this unit. By default values of any unit."""

    visible: bool
    """Whether graphs show the metric. By default they do."""


class MetricOptions(_Options, total=False):
    """The keywords of CDK's own ``metric_…`` methods.

    Source: MetricOptions of the AWS CDK,
    <https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_cloudwatch.MetricOptions.html>.
    """

    dimensions_map: Mapping[str, str]
    """Further dimensions. By default there are none."""


class QueryOptions(TypedDict, total=False):
    """The keywords of metrics that are queries for many resources."""

    cluster: str | ecs.ICluster
    """Look at this cluster. By default at every cluster that is logged."""

    color: str
    """The color in graphs, such as ``#00ff00``. By default CloudWatch chooses it."""

    label: str
    """The label in graphs. By default that of the query."""

    period: Duration
    """The time that a value covers. Each method names its default."""


class LineMetricOptions(_Options, total=False):
    """The keywords of metrics of lines. Dimensions are named instead of mapped."""

    cluster: str | ecs.ICluster
    """Look at this cluster. By default at every cluster that is logged."""

    source_account: str
    """Look at events of this account. By default of every account that is logged."""

    source_region: str
    """Look at events of this region. By default of every region that is logged."""


@dataclass(frozen=True)
class LineMetric:
    """A metric that some lines publish.

    Attributes:
        name: The metric's name.
        status: The task status in these lines; None for lines of any kind.
        only_failures: Whether these lines report failures.
        value: The field with the value. By default each line counts as one.
    """

    name: str
    status: str | None = None
    only_failures: bool = False
    value: str | None = None

    def required_events(
        self,
        event_type: EventType | None = None,
        causes: Sequence[str] | None = None,
        have_service: bool = False,
    ) -> RequiredEvents:
        """Return the events that the metric depends on."""
        types = None if event_type is None else [event_type]
        if self.status is not None:
            types = [EventType.TASK_STATE_CHANGE]
        return RequiredEvents(
            types,
            self.status or TaskStatus.STOPPED,
            causes,
            self.only_failures,
            have_service=have_service,
        )

    def filter_pattern(self, dimensions: Collection[str]) -> logs.IFilterPattern:
        """Return the pattern of the lines that publish it with these dimensions."""
        conditions = [] if self.status is None else [_is_text("$.lastStatus", self.status)]
        if self.only_failures:
            conditions.append(_is_text("$.level", FAILURE_LEVEL))
        if self.value:
            conditions.append(logs.FilterPattern.exists(self.value))
        if self.status == "RUNNING":
            # A RUNNING task with a desired status is about to stop, and started long ago.
            conditions.append(logs.FilterPattern.not_exists("$.desiredStatus"))
        conditions += [logs.FilterPattern.exists(_FIELDS[name]) for name in dimensions]
        return logs.FilterPattern.all(*conditions)


FAILURES = LineMetric("Failures", only_failures=True)
TASK_FAILURES = LineMetric("TaskFailures", "STOPPED", only_failures=True)
STOPPED_TASKS = LineMetric("StoppedTasks", "STOPPED")
START_DURATION = LineMetric("StartDuration", "RUNNING", value="$.durations.start")
IMAGE_PULL_DURATION = LineMetric("ImagePullDuration", "RUNNING", value="$.durations.pull")
RUN_DURATION = LineMetric("RunDuration", "STOPPED", value="$.durations.run")


class LineMetrics:
    """The metrics of one logger. Each has one metric filter for each set of dimensions."""

    def __init__(self, scope: Construct, log_group: logs.ILogGroup, is_central: bool) -> None:
        """Keep the log group for later."""
        self._scope = scope
        self._is_central = is_central
        self._log_group = log_group
        self._published: set[str] = set()

    def metric(
        self,
        metric: LineMetric,
        options: LineMetricOptions,
        *,
        event_type: EventType | None = None,
        cause: str | None = None,
        service: str | None = None,
    ) -> cloudwatch.Metric:
        """Return a metric, and create its metric filter if there is none yet."""
        from aws_cdk import aws_cloudwatch as cloudwatch

        _check_options(metric.name, options, LineMetricOptions.__optional_keys__, _ARGUMENTS)
        further, plain_options = _split_dimensions(self._scope, options)
        named = {
            "EventType": None if event_type is None else event_type.detail_type,
            "Cause": cause,
            "Service": service,
            **further,
        }
        dimensions = {name: value for name, value in named.items() if value is not None}
        if len(dimensions) > _MAX_DIMENSIONS:
            raise ValueError(
                f"{metric.name} is split by {', '.join(dimensions)}, but CloudWatch Logs splits "
                f"a metric by at most {_MAX_DIMENSIONS} dimensions. Leave some out."
            )
        name = self._name(metric.name)
        defaults: MetricOptions = {"statistic": "p95" if metric.value else "Sum"}
        keywords = cast(MetricOptions, {**defaults, **plain_options})
        if dimensions:
            keywords["dimensions_map"] = dimensions
        result = cloudwatch.Metric(namespace=NAMESPACE, metric_name=name, **keywords)
        self._publish(
            metric.name,
            metric.filter_pattern(dimensions),
            dimensions,
            value=metric.value or "1",
            unit=cloudwatch.Unit.SECONDS if metric.value else cloudwatch.Unit.COUNT,
            # CloudWatch has no default value for metrics with dimensions.
            default_value=None if dimensions or metric.value else 0,
        )
        # Attached, so that alarms in other stacks look in the logger's account and region.
        return result.attach_to(self._scope)

    def task_failures_by_service(self, options: QueryOptions) -> cloudwatch.MathExpression:
        """Return the number of failed tasks of each service; on a central bus, of each account."""
        from aws_cdk import aws_cloudwatch as cloudwatch

        keys = ["Account"] * self._is_central + ["Cluster", "Service"]
        query = self._query("SUM", TASK_FAILURES.name, keys, options)
        pattern, count = TASK_FAILURES.filter_pattern(keys), cloudwatch.Unit.COUNT
        self._publish(TASK_FAILURES.name, pattern, keys, value="1", unit=count)
        return query

    def disconnected_agents(self, options: QueryOptions) -> cloudwatch.MathExpression:
        """Return 1 for each instance whose lines all say that its agent is away, or else 0.

        CloudWatch has no statistic for the last value. The minimum is 0 in a period with both.
        """
        keys = ["Cluster", "Instance"]
        query = self._query("MIN", "AgentDisconnected", keys, options)
        is_connected = logs.FilterPattern.boolean_value(_AGENT, True)
        is_away = logs.FilterPattern.boolean_value(_AGENT, False)
        # An instance that joins or leaves the cluster is expected to have no agent.
        is_active = _is_text(_STATUS, "ACTIVE")
        is_other = logs.FilterPattern.string_value(_STATUS, "!=", "ACTIVE")
        exist = [
            logs.FilterPattern.exists(_STATUS),
            *(logs.FilterPattern.exists(_FIELDS[key]) for key in keys),
        ]
        for id, value, condition in (
            ("AgentDisconnected", "1", logs.FilterPattern.all(is_away, is_active)),
            ("AgentConnected", "0", logs.FilterPattern.any(is_connected, is_other)),
        ):
            pattern = logs.FilterPattern.all(condition, *exist)
            self._publish(id, pattern, keys, value=value, name="AgentDisconnected")
        return query

    def _query(
        self, function: str, metric: str, keys: Sequence[str], options: QueryOptions
    ) -> cloudwatch.MathExpression:
        """Return the query of Metrics Insights for a time series of each value of the keys.

        https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Create_Metrics_Insights_Alarm.html
        """
        from aws_cdk import aws_cloudwatch as cloudwatch

        _check_options(metric, options, QueryOptions.__optional_keys__)
        others: dict[str, Any] = {**options}
        cluster = others.pop("cluster", None)
        condition = ""
        if cluster is not None:
            condition = f" WHERE Cluster = '{validate_name(self._scope, 'cluster', cluster)}'"
        names = ", ".join(keys)
        return cloudwatch.MathExpression(
            expression=f'SELECT {function}("{self._name(metric)}") '
            f"FROM SCHEMA({NAMESPACE}, {names}){condition} "
            f"GROUP BY {names} ORDER BY {function}() DESC",
            **others,
        )

    def _name(self, name: str) -> str:
        """Return the name in CloudWatch. Loggers share the namespace, and their names differ."""
        return _metric_name(f"{logger_name(self._scope)}/{name}")

    def _publish(
        self,
        id: str,
        pattern: logs.IFilterPattern,
        dimensions: Collection[str],
        *,
        value: str,
        name: str | None = None,
        unit: cloudwatch.Unit | None = None,
        default_value: int | None = None,
    ) -> None:
        filter_id = f"{id}By{''.join(dimensions)}" if dimensions else id
        if filter_id in self._published:
            return
        self._check_log_group_class()
        self._published.add(filter_id)
        logs.MetricFilter(
            self._scope,
            f"Metric{filter_id}",
            log_group=self._log_group,
            filter_pattern=pattern,
            metric_namespace=NAMESPACE,
            metric_name=self._name(name or id),
            metric_value=value,
            unit=unit,
            default_value=default_value,
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


def _is_text(field: str, value: str) -> logs.JsonPattern:
    return logs.FilterPattern.string_value(field, "=", value)


def _metric_name(name: str) -> str:
    """Return a name that CloudWatch Logs accepts: ASCII without ``:``, ``*`` and ``$``.

    Other characters are written as in a URL, so that different loggers keep different names.

    https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_MetricTransformation.html
    """
    return quote(name, safe=" !#&'()+,/;<=>?@[\\]^`{|}")[-_MAX_NAME:]


def _check_options(
    metric: str,
    options: Mapping[str, Any],
    accepted: Collection[str],
    arguments: Sequence[str] = (),
) -> None:
    if "dimensions_map" in options:
        raise ValueError(
            "dimensions_map is not supported. Use event_type=, cause=, service=, cluster=, "
            "source_account= and source_region=."
        )
    for name in options:
        if name not in accepted:
            others = {*accepted, *arguments} - {name}
            raise TypeError(
                f"{metric} has no option {name!r}.{suggestion(others, name)} The options are "
                f"{', '.join(sorted(accepted))}."
            )


def _split_dimensions(
    scope: Construct, options: LineMetricOptions
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
