"""The function that makes a line of an event, as a resource."""

from pathlib import Path
from typing import Any, cast

from aws_cdk import Duration, IgnoreMode
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct


class LoggingFunction(lambda_.Function):
    """The function of a logger.

    Attributes:
        target: What belongs to it (a ``LogTarget``), for loggers that share it.
    """

    target: Any


def make_function(
    scope: Construct,
    *,
    role: iam.IRole,
    log_group: logs.ILogGroup,
    dead_letter_queue_arn: str,
    is_traced: bool,
    **props: Any,
) -> LoggingFunction:
    """Make the function.

    Args:
        scope: The logger.
        role: What it may do.
        log_group: Where its lines go.
        dead_letter_queue_arn: Where events go that it fails on.
        is_traced: Whether X-Ray is to trace it.
        **props: What else ``lambda_.Function`` takes.
    """
    function = LoggingFunction(
        scope,
        "Function",
        description="Logs ECS task events (ecs-task-event-logger)",
        runtime=lambda_.Runtime.PYTHON_3_14,
        architecture=lambda_.Architecture.ARM_64,
        code=lambda_.Code.from_asset(
            str(Path(__file__).parents[1] / "handler"),
            # Modules only: what else a machine leaves here (.pyc files, say) would change the
            # asset's hash, and with it every user's template.
            exclude=["*", "!task_events", "!task_events/*.py"],
            ignore_mode=IgnoreMode.GIT,
        ),
        handler="task_events.main.handler",
        memory_size=128,
        timeout=Duration.seconds(10),
        role=role,
        log_group=log_group,
        # Lines are stored as printed, and the platform's own (start, end, report) are not.
        logging_format=lambda_.LoggingFormat.JSON,
        system_log_level_v2=lambda_.SystemLogLevel.WARN,
        **props,
    )
    # Not as props: with those CDK would add inline policies to the role.
    resource = cast(lambda_.CfnFunction, function.node.default_child)
    resource.dead_letter_config = lambda_.CfnFunction.DeadLetterConfigProperty(
        target_arn=dead_letter_queue_arn
    )
    if is_traced:
        resource.tracing_config = lambda_.CfnFunction.TracingConfigProperty(mode="Active")
    return function
