"""The function's execution role: one IAM statement for each need."""

from typing import Any

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from .dead_letter_queue import QueueSettings
from .encryption import regional_service
from .log_group import LogGroupSettings
from .settings import FunctionSettings

# A statement in IAM's own terms.
Statement = dict[str, Any]


def create_role(scope: Construct, policy: iam.ManagedPolicy, service: str) -> iam.Role:
    """Create a role for a service, with one policy.

    CDK would create inline policies, which many security reviews refuse. Its policy for a function
    would also allow writing to every log group.
    """
    return iam.Role(
        scope,
        "Role",
        # The service may assume the role for resources of this account only.
        assumed_by=iam.ServicePrincipal(
            service,
            conditions={"StringEquals": {"aws:SourceAccount": Stack.of(scope).account}},
        ),
        managed_policies=[policy],
    )


def create_policy(
    scope: Construct,
    *,
    log_group: logs.ILogGroup,
    log_group_settings: LogGroupSettings,
    queue: sqs.IQueue,
    queue_settings: QueueSettings,
    function_settings: FunctionSettings,
) -> iam.ManagedPolicy:
    """Create the policy of the function's role."""
    statements = [
        _write_lines(log_group, log_group_settings.may_be_recreated),
        _send_dead_letters(queue),
    ]
    if log_group_settings.key is not None:
        statements.append(_encrypt_lines(scope, log_group_settings.key))
    if queue_settings.key is not None:
        statements.append(_encrypt_dead_letters(scope, queue_settings.key, queue))
    if function_settings.vpc.vpc is not None:
        statements += _use_vpc(scope)
    if function_settings.is_traced:
        statements.append(_send_traces())
    return iam.ManagedPolicy(
        scope,
        "Policy",
        description="What the function may do (ecs-task-event-logger)",
        # One JSON document, because each statement would be an object in Node.js.
        document=iam.PolicyDocument.from_json({"Statement": statements}),
    )


def _allow(
    actions: list[str], resources: list[str], conditions: dict[str, Any] | None = None
) -> Statement:
    statement: Statement = {"Effect": "Allow", "Action": actions, "Resource": resources}
    return statement | {"Condition": conditions} if conditions else statement


def _write_lines(log_group: logs.ILogGroup, may_recreate: bool) -> Statement:
    """Let Lambda write the lines that the function prints.

    Lambda can create a deleted log group again. Without that permission the line is lost.
    """
    actions = ["logs:CreateLogStream", "logs:PutLogEvents"]
    if may_recreate:
        actions.insert(0, "logs:CreateLogGroup")
    return _allow(actions, [log_group.log_group_arn])


def _send_dead_letters(queue: sqs.IQueue) -> Statement:
    """Let Lambda send the events that the function failed on."""
    return _allow(["sqs:SendMessage"], [queue.queue_arn])


def _encrypt_lines(scope: Construct, key: kms.IKey) -> Statement:
    """Let the function use the key of the log group that it writes to.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    """
    actions = [
        "kms:Decrypt",
        "kms:DescribeKey",
        "kms:Encrypt",
        "kms:GenerateDataKey",
        "kms:GenerateDataKeyWithoutPlaintext",
        "kms:ReEncryptFrom",
        "kms:ReEncryptTo",
    ]
    via_logs = {"StringEquals": {"kms:ViaService": regional_service(scope, "logs")}}
    return _allow(actions, [key.key_arn], via_logs)


def _encrypt_dead_letters(scope: Construct, key: kms.IKey, queue: sqs.IQueue) -> Statement:
    """Let Lambda use the key of the queue that it sends to.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
    """
    via_sqs = {
        "StringEquals": {
            "kms:ViaService": regional_service(scope, "sqs"),
            "kms:EncryptionContext:aws:sqs:arn": queue.queue_arn,
        }
    }
    return _allow(["kms:Decrypt", "kms:GenerateDataKey"], [key.key_arn], via_sqs)


def _use_vpc(scope: Construct) -> list[Statement]:
    """Let Lambda manage network interfaces, and deny that to the function's own code.

    AWS requires these actions on all resources:
    https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
    """
    actions = [
        "ec2:AssignPrivateIpAddresses",
        "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSubnets",
        "ec2:UnassignPrivateIpAddresses",
    ]
    any_function = Stack.of(scope).format_arn(
        service="lambda",
        resource="function",
        resource_name="*",
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )
    return [
        _allow(actions, ["*"]),
        {
            "Effect": "Deny",
            "Action": [*actions, "ec2:DetachNetworkInterface"],
            "Resource": ["*"],
            "Condition": {"ArnLike": {"lambda:SourceFunctionArn": any_function}},
        },
    ]


def _send_traces() -> Statement:
    """Let Lambda send traces. X-Ray has no resources to limit this to."""
    return _allow(["xray:PutTelemetryRecords", "xray:PutTraceSegments"], ["*"])
