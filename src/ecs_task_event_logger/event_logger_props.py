"""The props of a logger as a typed dictionary."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs

from ._rules.event_filter import EventFilterProps
from .enums import RecordFormat


class AllClustersProps(EventFilterProps, total=False):
    """The props of ``EcsTaskEventLogger.for_all_clusters``."""

    event_bus: events.IEventBus | None
    source_accounts: Sequence[str] | None
    organization_id: str | None
    log_retention: logs.RetentionDays | None
    log_group: logs.ILogGroup | None
    log_group_class: logs.LogGroupClass | None
    deletion_protection: bool | None
    removal_policy: RemovalPolicy | None
    record_format: RecordFormat | str | None
    unredacted_environment: Sequence[str] | None
    container_log_groups: Sequence[logs.ILogGroup | str] | None
    container_log_lines: int | None
    dead_letter_queue: sqs.IQueue | None
    max_event_age: Duration | None
    retry_attempts: int | None
    encryption_key: kms.IKey | None
    role: iam.IRole | None
    memory_size: int | None
    timeout: Duration | None
    runtime: lambda_.Runtime | None
    architecture: lambda_.Architecture | None
    reserved_concurrent_executions: int | None
    tracing: lambda_.Tracing | None
    vpc: ec2.IVpc | None
    vpc_subnets: ec2.SubnetSelection | None
    security_groups: Sequence[ec2.ISecurityGroup] | None
    saved_queries: bool


class EcsTaskEventLoggerProps(AllClustersProps, total=False):
    """The props of ``EcsTaskEventLogger``, with the meanings and defaults that it describes.

    Use it to type a construct of your own that passes its props on:

    ```python
    from typing import Unpack

    from constructs import Construct


    class TeamLogger(EcsTaskEventLogger):
        def __init__(
            self, scope: Construct, id: str, **props: Unpack[EcsTaskEventLoggerProps]
        ) -> None:
            props.setdefault("only_failures", True)
            super().__init__(scope, id, **props)
    ```
    """

    cluster: ecs.ICluster | None
