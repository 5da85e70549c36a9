"""What may be asked of a metric: the properties of ``cloudwatch.MetricOptions``, as keywords."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypedDict

from aws_cdk import Duration

if TYPE_CHECKING:
    from aws_cdk import aws_cloudwatch as cloudwatch


class MetricOptions(TypedDict, total=False):
    """The keywords that every ``metric_…`` method takes, as every one of CDK's own does."""

    account: str
    color: str
    dimensions_map: Mapping[str, str]
    id: str
    label: str
    period: Duration
    region: str
    stack_account: str
    stack_region: str
    statistic: str
    unit: cloudwatch.Unit
    visible: bool


class TaskMetricOptions(MetricOptions, total=False):
    """And those of the methods for metrics of tasks: of which tasks alone."""

    cluster: str
    source_account: str
    source_region: str
