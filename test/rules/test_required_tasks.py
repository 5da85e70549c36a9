"""Metrics and notifications need lines: what no line will ever say is refused at synthesis."""

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ecs as ecs

from ecs_task_event_logger import EcsTaskEventLogger

Asked = Callable[[EcsTaskEventLogger], object]


def token() -> str:
    return cdk.Fn.import_value("Name")


@pytest.mark.parametrize(
    ("props", "asked", "message"),
    [
        (
            {"causes": ["OUT_OF_MEMORY"]},
            lambda log: log.metric_failures(cause="SECRETS"),
            "Failures needs tasks that stop for SECRETS, which causes leaves out: OUT_OF_MEMORY",
        ),
        (
            {"causes": ["COMPLETED", "USER_STOPPED"]},
            lambda log: log.metric_failures(),
            "Failures needs tasks that fail, which causes leaves out: COMPLETED, USER_STOPPED",
        ),
        (
            {"only_failures": True},
            lambda log: log.metric_stopped_tasks(cause="COMPLETED"),
            "StoppedTasks needs tasks that stop for COMPLETED, and only_failures leaves out",
        ),
        (
            {"stop_codes": ["UserInitiated"]},
            lambda log: log.metric_failures(),
            "needs tasks that fail, with which no task stops .* stop_codes: UserInitiated",
        ),
        (
            {"services": ["shop-*", "web"]},
            lambda log: log.metric_start_duration(service="billing"),
            r"StartDuration needs tasks of the service billing, .* leaves out: shop-\*, web",
        ),
        (
            {"exclude_services": ["bill*"]},
            lambda log: log.metric_run_duration(service="billing"),
            r"tasks of the service billing, which exclude_services excludes: bill\*",
        ),
        (
            {"only_failures": True},
            lambda log: log.metric_start_duration(),
            "StartDuration needs tasks that start: with only_failures only those pass that stop",
        ),
        (
            {"causes": ["SECRETS"], "stop_codes": ["TaskFailedToStart"]},
            lambda log: log.metric_image_pull_duration(),
            "tasks that start: with causes and stop_codes only those pass that stop. Leave",
        ),
        (
            {"services": ["shop-*"], "exclude_services": ["shop-a"]},
            lambda log: log.on_task_failure("Tell", services=["shop-a", "web"]),
            "the service shop-a or web, which exclude_services excludes: shop-a",
        ),
        (
            {"causes": ["OUT_OF_MEMORY"]},
            lambda log: log.on_task_failure("Tell", causes=["SECRETS", "NETWORK"]),
            "The notification Tell needs tasks that stop for SECRETS or NETWORK, which causes",
        ),
        (
            {"causes": ["COMPLETED"]},
            lambda log: log.on_task_failure("Tell"),
            "needs tasks that fail, which causes leaves out: COMPLETED",
        ),
        (
            {"services": ["web"]},
            lambda log: log.on_task_stopped("Tell", services=["billing", "shop"]),
            "tasks of the service billing or shop, which services leaves out: web",
        ),
    ],
)
def test_what_the_loggers_filters_leave_out_is_refused(
    stack: cdk.Stack, cluster: ecs.ICluster, props: dict[str, Any], asked: Asked, message: str
) -> None:
    log = EcsTaskEventLogger(stack, "Log", cluster=cluster, **props)
    with pytest.raises(ValueError, match=message):
        asked(log)
    assert log.node.try_find_child("Notifications") is None


@pytest.mark.parametrize(
    ("props", "asked"),
    [
        ({"causes": ["OUT_OF_MEMORY"]}, lambda log: log.metric_failures()),
        ({"causes": ["OUT_OF_MEMORY", token()]}, lambda log: log.metric_failures(cause="SECRETS")),
        ({"causes": ["COMPLETED"]}, lambda log: log.metric_stopped_tasks()),
        ({"causes": ["COMPLETED"]}, lambda log: log.metric_stopped_tasks(cause=token())),
        ({"stop_codes": ["SpotInterruption"]}, lambda log: log.metric_failures()),
        ({"stop_codes": [token()]}, lambda log: log.metric_failures()),
        ({"services": ["shop-*"]}, lambda log: log.metric_failures(service="shop-a")),
        ({"services": ["shop-*"]}, lambda log: log.metric_failures(service=token())),
        ({"services": [token()]}, lambda log: log.metric_failures(service="billing")),
        ({"statuses": ["RUNNING"]}, lambda log: log.metric_start_duration()),
        (
            {"services": ["shop-*"], "exclude_services": ["shop-a"]},
            lambda log: log.on_task_failure("Tell", services=["shop-a", "shop-b"]),
        ),
        # Tasks of a family are logged whatever service they are of.
        (
            {"services": ["shop"], "task_families": ["bill"]},
            lambda log: log.metric_failures(service="billing"),
        ),
        ({"exclude_services": [token()]}, lambda log: log.metric_failures(service="billing")),
        ({"services": ["web"]}, lambda log: log.on_task_failure("Tell", services=["bill*"])),
        ({"services": ["web"]}, lambda log: log.on_task_failure("Tell", services=["web", "b"])),
        (
            {"causes": ["SECRETS"]},
            lambda log: log.on_task_failure("Tell", causes=["SECRETS", "NETWORK"]),
        ),
    ],
)
def test_what_some_of_them_may_let_pass_is_not(
    stack: cdk.Stack, cluster: ecs.ICluster, props: dict[str, Any], asked: Asked
) -> None:
    assert asked(EcsTaskEventLogger(stack, "Log", cluster=cluster, **props))


def test_what_a_sharer_logs_is_there_too(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    log = EcsTaskEventLogger(stack, "Log", cluster=cluster, services=["web"])
    with pytest.raises(ValueError, match="services leaves out: web"):
        log.metric_failures(service="billing")
    EcsTaskEventLogger(
        stack, "Sharing", cluster=cluster, services=["billing"], function=log.function
    )
    assert log.metric_failures(service="billing")
