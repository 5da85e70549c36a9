"""The function: its properties, concurrency, tracing, and the length of its environment."""

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_lambda as lambda_
from aws_cdk.assertions import Match, Template

from ecs_task_event_logger import EcsTaskEventLogger
from templates import only


def test_function_runs_the_handler_and_writes_to_the_log_group(
    stack: cdk.Stack, cluster: ecs.ICluster
) -> None:
    EcsTaskEventLogger(stack, "Log", cluster=cluster)
    template = Template.from_stack(stack)
    (log_group,) = template.find_resources("AWS::Logs::LogGroup")
    template.has_resource_properties(
        "AWS::Lambda::Function",
        {
            "Runtime": "python3.14",
            "Architectures": ["arm64"],
            "Handler": "task_events.main.handler",
            "MemorySize": 128,
            "Timeout": 10,
            "LoggingConfig": {
                "LogFormat": "JSON",
                "LogGroup": {"Ref": log_group},
                "SystemLogLevel": "WARN",
            },
            "Environment": Match.absent(),
        },
    )


def test_default_reserves_no_concurrency_and_sends_no_traces(
    stack: cdk.Stack, cluster: ecs.ICluster
) -> None:
    EcsTaskEventLogger(stack, "Log", cluster=cluster)
    function = only(Template.from_stack(stack), "AWS::Lambda::Function")
    assert "ReservedConcurrentExecutions" not in function
    assert "TracingConfig" not in function


def test_reserves_concurrent_executions(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    EcsTaskEventLogger(stack, "Log", cluster=cluster, reserved_concurrent_executions=5)
    function = only(Template.from_stack(stack), "AWS::Lambda::Function")
    assert function["ReservedConcurrentExecutions"] == 5


def test_sends_traces(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    EcsTaskEventLogger(stack, "Log", cluster=cluster, tracing=lambda_.Tracing.ACTIVE)
    function = only(Template.from_stack(stack), "AWS::Lambda::Function")
    assert function["TracingConfig"] == {"Mode": "Active"}


@pytest.mark.parametrize(
    ("props", "error", "message"),
    [
        ({"tracing": "ACTIVE"}, TypeError, "must be a lambda_.Tracing, got 'ACTIVE'"),
        ({"reserved_concurrent_executions": 0}, ValueError, "Use 1 or more. With 0 Lambda never"),
        ({"reserved_concurrent_executions": "5"}, TypeError, "must be a whole number, got '5'"),
    ],
)
def test_rejects_unusable_concurrency_and_tracing(
    stack: cdk.Stack, cluster: ecs.ICluster, props: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        EcsTaskEventLogger(stack, "Log", cluster=cluster, **props)


@pytest.mark.parametrize(
    "props",
    [
        {"services": ["*"], "exclude_services": [f"service-{each}" for each in range(500)]},
        {"unredacted_environment": ["A" * 4076]},
        {"unredacted_environment": ["ü" * 2038]},
    ],
)
def test_rejects_environment_variables_that_are_too_long(
    stack: cdk.Stack, cluster: ecs.ICluster, props: Any
) -> None:
    longest = list(props)[-1]
    with pytest.raises(ValueError, match=f"^{longest} makes the function's .* accepts 4096"):
        EcsTaskEventLogger(stack, "Log", cluster=cluster, **props)
