"""The Lambda function that turns an event into one line."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from aws_cdk import Duration, IgnoreMode, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from .settings import FunctionSettings

# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
_MAX_ENVIRONMENT = 4096


def create_function(
    scope: Construct,
    settings: FunctionSettings,
    *,
    filter_environment: Mapping[str, str],
    role: iam.IRole,
    log_group: logs.ILogGroup,
    dead_letter_queue: sqs.IQueue,
) -> lambda_.Function:
    """Create the function."""
    settings.vpc.check_environment(scope)
    settings.container_logs.check_environment(scope)
    environment = {**settings.environment(), **filter_environment}
    _check_environment_length(environment)
    has_log_tail = settings.container_logs.is_on
    with _explain_bootstrapless(scope):
        function = lambda_.Function(
            scope,
            "Function",
            description="Logs ECS task events (ecs-task-event-logger)",
            runtime=settings.runtime or lambda_.Runtime.PYTHON_3_14,
            architecture=settings.architecture or lambda_.Architecture.ARM_64,
            code=lambda_.Code.from_asset(
                str(Path(__file__).parents[1] / "handler"),
                # Only modules. Other files, such as .pyc, would change the hash of the asset.
                exclude=["*", "!task_events", "!task_events/*.py"],
                ignore_mode=IgnoreMode.GIT,
            ),
            handler="task_events.main.handler",
            memory_size=settings.memory_size or (512 if has_log_tail else 128),
            timeout=settings.timeout or Duration.seconds(30 if has_log_tail else 10),
            environment=environment,
            reserved_concurrent_executions=settings.reserved_concurrent_executions,
            role=role,
            log_group=log_group,
            # Lambda stores lines as printed, and leaves out its own start, end and report lines.
            logging_format=lambda_.LoggingFormat.JSON,
            system_log_level_v2=lambda_.SystemLogLevel.WARN,
            vpc=settings.vpc.vpc,
            vpc_subnets=settings.vpc.vpc_subnets,
            security_groups=settings.vpc.security_groups and [*settings.vpc.security_groups],
            allow_all_outbound=settings.vpc.allow_all_outbound,
            # Lines do not pass through the VPC, so public subnets work as well.
            allow_public_subnet=None if settings.vpc.vpc is None else True,
        )
    if has_log_tail and settings.vpc.allow_all_outbound is False:
        function.connections.allow_to_any_ipv4(ec2.Port.tcp(443), "ECS and CloudWatch Logs")
    # As props of the function, CDK would add inline policies to the role.
    resource = cast(lambda_.CfnFunction, function.node.default_child)
    resource.dead_letter_config = lambda_.CfnFunction.DeadLetterConfigProperty(
        target_arn=dead_letter_queue.queue_arn
    )
    if settings.is_traced:
        resource.tracing_config = lambda_.CfnFunction.TracingConfigProperty(mode="Active")
    return function


@contextmanager
def _explain_bootstrapless(scope: Construct) -> Iterator[None]:
    """Say what to write instead if the synthesizer of the stack cannot upload the code."""
    try:
        yield
    except RuntimeError as error:
        if "BootstraplessSynthesizer" not in str(error):
            raise
        raise ValueError(
            f"The stack {Stack.of(scope).node.path} has a BootstraplessSynthesizer, which cannot "
            "upload the function's code. Use CliCredentialsStackSynthesizer(file_assets_bucket_name"
            "=…) with a bucket of your own."
        ) from error


def _check_environment_length(environment: Mapping[str, str]) -> None:
    length = len("".join(map("".join, environment.items())).encode())
    if length > _MAX_ENVIRONMENT:
        longest = max(environment, key=lambda name: len(environment[name])).lower()
        raise ValueError(
            f"{longest} makes the function's environment variables {length} bytes long, but Lambda "
            f"accepts {_MAX_ENVIRONMENT}. Shorten {longest}."
        )
