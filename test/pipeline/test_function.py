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


def test_runs_where_the_defaults_are_missing(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    EcsTaskEventLogger(
        stack,
        "Log",
        cluster=cluster,
        runtime=lambda_.Runtime.PYTHON_3_11,
        architecture=lambda_.Architecture.X86_64,
        memory_size=256,
        timeout=cdk.Duration.minutes(1),
    )
    Template.from_stack(stack).has_resource_properties(
        "AWS::Lambda::Function",
        {
            "Runtime": "python3.11",
            "Architectures": ["x86_64"],
            "MemorySize": 256,
            "Timeout": 60,
        },
    )


def test_accepts_a_runtime_by_its_name(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    # A newer one would be the newest to cdk-nag, for all tests in this process.
    runtime = lambda_.Runtime("python3.12", lambda_.RuntimeFamily.PYTHON)
    EcsTaskEventLogger(stack, "Log", cluster=cluster, runtime=runtime)
    assert only(Template.from_stack(stack), "AWS::Lambda::Function")["Runtime"] == "python3.12"


@pytest.mark.parametrize(
    ("props", "error", "message"),
    [
        ({"runtime": "python3.13"}, TypeError, "must be a lambda_.Runtime, got 'python3.13'"),
        ({"runtime": lambda_.Runtime.PYTHON_3_10}, ValueError, "is 'python3.10', but .* 3.11 or"),
        ({"runtime": lambda_.Runtime.NODEJS_22_X}, ValueError, "is 'nodejs22.x', but"),
        ({"architecture": "x86_64"}, TypeError, "must be a lambda_.Architecture, got 'x86_64'"),
        ({"memory_size": 64}, ValueError, "memory_size is 64. Write 128 to 10240 MB"),
        ({"memory_size": cdk.Size.mebibytes(256)}, TypeError, "must be a whole number, got a Size"),
        ({"timeout": 30}, TypeError, "must be a Duration, got 30.*Duration.seconds"),
        ({"timeout": cdk.Duration.hours(1)}, ValueError, "is 3600 seconds. Write 1 second to 15"),
        ({"tracing": "ACTIVE"}, TypeError, "must be a lambda_.Tracing, got 'ACTIVE'"),
        ({"reserved_concurrent_executions": 0}, ValueError, "Use 1 or more. With 0 Lambda never"),
        ({"reserved_concurrent_executions": "5"}, TypeError, "must be a whole number, got '5'"),
    ],
)
def test_rejects_settings_that_lambda_refuses(
    stack: cdk.Stack, cluster: ecs.ICluster, props: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        EcsTaskEventLogger(stack, "Log", cluster=cluster, **props)


def test_rejects_a_stack_that_cannot_upload_code() -> None:
    synthesizer = cdk.BootstraplessSynthesizer()
    stack = cdk.Stack(cdk.App(), "Stack", synthesizer=synthesizer)
    with pytest.raises(ValueError, match="The stack Stack has a BootstraplessSynthesizer, which"):
        EcsTaskEventLogger.for_all_clusters(stack, "Log")


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
