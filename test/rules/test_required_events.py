"""Metrics and notifications that could never fire are rejected at synthesis."""

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ecs as ecs

from ecs_task_event_logger import EcsTaskEventLogger, EcsTaskEventRule

Ask = Callable[[EcsTaskEventLogger], object]


def token() -> str:
    return cdk.Fn.import_value("Name")


@pytest.mark.parametrize(
    ("props", "ask", "message"),
    [
        (
            {"event_types": ["SERVICE_ACTION"]},
            lambda log: log.metric_stopped_tasks(),
            "StoppedTasks needs task events, which the logger does not log. Add TASK_STATE",
        ),
        (
            {},
            lambda log: log.metric_failures(event_type="DEPLOYMENT_STATE_CHANGE"),
            "Failures needs deployment events, .* Add DEPLOYMENT_STATE_CHANGE to the",
        ),
        (
            {"event_types": ["TASK_STATE_CHANGE", "SERVICE_ACTION"]},
            lambda log: log.on_failure(
                "Tell", event_types=["SERVICE_ACTION", "HOOK_STATE_CHANGE", "TASK_STATE_CHANGE"]
            ),
            "The notification Tell needs hook events, .* Add HOOK_STATE_CHANGE to the",
        ),
        (
            {"event_types": ["DAEMON_SERVICE_ACTION"]},
            lambda log: log.on_failure("Tell", services=["web"]),
            "Tell needs events of services, .* Add TASK_STATE_CHANGE or SERVICE_ACTION or DEPL",
        ),
        (
            {"event_types": ["CONTAINER_INSTANCE_HEALTH_CHANGE"]},
            lambda log: log.metric_failures(service="web"),
            "Failures needs events of services, which the logger does not log",
        ),
        (
            {"event_types": ["SERVICE_ACTION"]},
            lambda log: log.metric_task_failures_by_service(),
            "TaskFailures needs task events, which the logger does not log",
        ),
        (
            {"causes": ["COMPLETED"]},
            lambda log: log.on_failure("Tell"),
            "Tell needs tasks that failed, but causes has only COMPLETED",
        ),
        (
            {},
            lambda log: log.on_agent_disconnected("Away"),
            "Away needs container instance events, .* Add CONTAINER_INSTANCE_STATE_CHANGE to",
        ),
        (
            {"event_types": ["CONTAINER_INSTANCE_STATE_CHANGE"], "only_failures": True},
            lambda log: log.on_agent_disconnected("Away"),
            "Away needs events that are no failures, which only_failures leaves out",
        ),
        (
            {"event_types": ["CONTAINER_INSTANCE_STATE_CHANGE"], "only_failures": True},
            lambda log: log.metric_agent_disconnected(),
            "AgentDisconnected needs events that are no failures, which only_failures leaves out",
        ),
        (
            {"statuses": ["RUNNING", "PENDING"]},
            lambda log: log.metric_failures(),
            "tasks in status STOPPED, but statuses has only RUNNING, PENDING. Add STOPPED",
        ),
        (
            {"causes": ["OUT_OF_MEMORY"]},
            lambda log: log.metric_failures(cause="SECRETS"),
            "Failures needs tasks with cause SECRETS, but causes has only OUT_OF_MEMORY",
        ),
        (
            {"causes": ["COMPLETED", "USER_STOPPED"]},
            lambda log: log.metric_failures(),
            "Failures needs tasks that failed, but causes has only COMPLETED, USER_STOPPED",
        ),
        (
            {"only_failures": True},
            lambda log: log.metric_stopped_tasks(cause="COMPLETED"),
            "StoppedTasks needs tasks with cause COMPLETED, which only_failures leaves out",
        ),
        (
            {"only_failures": True},
            lambda log: log.metric_start_duration(),
            "StartDuration needs tasks that start, but only tasks that stop can match only_",
        ),
        (
            {"causes": ["SECRETS"], "stop_codes": ["TaskFailedToStart"]},
            lambda log: log.metric_image_pull_duration(),
            "but only tasks that stop can match causes and stop_codes. Leave out causes",
        ),
        (
            {"causes": ["OUT_OF_MEMORY"]},
            lambda log: log.on_task_failure("Tell", causes=["SECRETS", "NETWORK"]),
            "The notification Tell needs tasks with cause SECRETS or NETWORK, but causes",
        ),
        (
            {"causes": ["COMPLETED"]},
            lambda log: log.on_task_failure("Tell"),
            "tasks that failed, but causes has only COMPLETED. Add a cause that is",
        ),
    ],
)
def test_rejects_a_metric_or_notification_that_the_filters_keep_silent(
    stack: cdk.Stack, cluster: ecs.ICluster, props: dict[str, Any], ask: Ask, message: str
) -> None:
    if "event_types" in props:
        log = EcsTaskEventLogger.for_all_clusters(stack, "Log", **props)
    else:
        log = EcsTaskEventLogger(stack, "Log", cluster=cluster, **props)
    with pytest.raises(ValueError, match=message):
        ask(log)
    assert log.node.try_find_child("Notifications") is None


@pytest.mark.parametrize(
    ("props", "ask"),
    [
        ({"causes": ["OUT_OF_MEMORY"]}, lambda log: log.metric_failures()),
        ({"event_types": ["SERVICE_ACTION"]}, lambda log: log.metric_failures()),
        (
            {"event_types": ["SERVICE_ACTION"], "only_failures": True},
            lambda log: log.on_failure("Tell", services=["web"]),
        ),
        (
            {"event_types": ["TASK_STATE_CHANGE", "HOOK_STATE_CHANGE"]},
            lambda log: log.on_failure("Tell", event_types=["HOOK_STATE_CHANGE"]),
        ),
        ({"causes": ["OUT_OF_MEMORY", token()]}, lambda log: log.metric_failures(cause="SECRETS")),
        ({"causes": ["COMPLETED"]}, lambda log: log.metric_stopped_tasks()),
        ({"causes": ["COMPLETED"]}, lambda log: log.metric_stopped_tasks(cause=token())),
        ({"stop_codes": ["SpotInterruption"]}, lambda log: log.metric_failures()),
        ({"stop_codes": [token()]}, lambda log: log.metric_failures()),
        ({"statuses": [token()]}, lambda log: log.metric_failures()),
        ({"statuses": ["RUNNING"]}, lambda log: log.metric_start_duration()),
        ({"services": ["shop-*"]}, lambda log: log.metric_failures(service=token())),
        ({"services": ["web"]}, lambda log: log.on_task_failure("Tell", services=["bill*"])),
        (
            {"causes": ["SECRETS"]},
            lambda log: log.on_task_failure("Tell", causes=["SECRETS", "NETWORK"]),
        ),
    ],
)
def test_accepts_a_metric_or_notification_that_may_fire(
    stack: cdk.Stack, cluster: ecs.ICluster, props: dict[str, Any], ask: Ask
) -> None:
    assert ask(EcsTaskEventLogger(stack, "Log", cluster=cluster, **props))


def test_accepts_a_metric_of_tasks_that_a_further_rule_catches(
    stack: cdk.Stack, cluster: ecs.ICluster
) -> None:
    log = EcsTaskEventLogger(stack, "Log", cluster=cluster, statuses=["RUNNING"])
    with pytest.raises(ValueError, match="but statuses has only RUNNING"):
        log.metric_stopped_tasks()
    EcsTaskEventRule(stack, "Further", logger=log, cluster=cluster, statuses=["STOPPED"])
    assert log.metric_stopped_tasks()


def test_accepts_a_type_that_a_further_rule_catches(
    stack: cdk.Stack, cluster: ecs.ICluster
) -> None:
    log = EcsTaskEventLogger(stack, "Log", cluster=cluster)
    EcsTaskEventRule(stack, "Further", logger=log, cluster=cluster, event_types=["SERVICE_ACTION"])
    log.on_failure("Tell", event_types=["SERVICE_ACTION", "TASK_STATE_CHANGE"])
    assert log.metric_failures(event_type="SERVICE_ACTION", service="web")


def test_each_asked_type_must_be_able_to_fire(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    log = EcsTaskEventLogger(stack, "Log", cluster=cluster, statuses=["RUNNING"])
    EcsTaskEventRule(stack, "Further", logger=log, cluster=cluster, event_types=["SERVICE_ACTION"])
    log.on_failure("Any")
    with pytest.raises(ValueError, match="The notification Both needs tasks in status STOPPED"):
        log.on_failure("Both", event_types=["SERVICE_ACTION", "TASK_STATE_CHANGE"])
