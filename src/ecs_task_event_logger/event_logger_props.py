"""The props of a logger by name, for type checkers and editors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs

from .enums import EventType, LaunchType, RecordFormat, StopCode, TaskStatus
from .handler.task_events.cause import Cause


class LoggerProps(TypedDict, total=False):
    """What ``EcsTaskEventLogger`` takes beside the cluster; what each means, it says there."""

    statuses: Sequence[TaskStatus | str] | None
    services: Sequence[str] | None
    task_families: Sequence[str] | None
    exclude_services: Sequence[str] | None
    exclude_task_families: Sequence[str] | None
    launch_types: Sequence[LaunchType | ecs.LaunchType | str] | None
    stop_codes: Sequence[StopCode | str] | None
    causes: Sequence[Cause | str] | None
    only_failures: bool
    event_types: Sequence[EventType | str] | None
    event_bus: events.IEventBus | None
    accounts: Sequence[str] | None
    organization: str | None
    function: lambda_.Function | None
    log_retention: logs.RetentionDays | None
    log_group: logs.ILogGroup | None
    log_group_class: logs.LogGroupClass | None
    deletion_protection: bool | None
    removal_policy: RemovalPolicy | None
    record_format: RecordFormat | str | None
    unredacted_environment: Sequence[str] | None
    dead_letter_queue: sqs.IQueue | None
    max_event_age: Duration | None
    retry_attempts: int | None
    encryption_key: kms.IKey | None
    reserved_concurrent_executions: int | None
    tracing: lambda_.Tracing | None
    vpc: ec2.IVpc | None
    vpc_subnets: ec2.SubnetSelection | None
    security_groups: Sequence[ec2.ISecurityGroup] | None
    saved_queries: bool
