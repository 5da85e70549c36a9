"""Roles, and what the function may do: statement by statement, and nothing else."""

from typing import Any

from aws_cdk import ArnFormat
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct

from .._common.environment import place_of
from .encryption import regional_service

# Of a policy, in IAM's own words.
Statement = dict[str, Any]


def make_role(scope: Construct, policy: iam.ManagedPolicy, service: str) -> iam.Role:
    """Make a role for a service, with one policy.

    The policies of roles that CDK would make are inline ones, which many a security review refuses,
    and that of a function would let it write to every log group there is.
    """
    return iam.Role(
        scope,
        "Role",
        # The service may take on the role for resources of this account only.
        assumed_by=iam.ServicePrincipal(
            service,
            conditions={"StringEquals": {"aws:SourceAccount": place_of(scope).account}},
        ),
        managed_policies=[policy],
    )


def make_policy(
    scope: Construct,
    *,
    log_group: logs.ILogGroup,
    log_group_key: kms.IKey | None,
    may_create_log_group: bool,
    dead_letter_queue_arn: str,
    dead_letter_queue_key: kms.IKey | None,
    is_in_vpc: bool,
    is_traced: bool,
) -> iam.ManagedPolicy:
    """Make the policy of the function's role."""
    statements = [_log(log_group, may_create_log_group), _send(dead_letter_queue_arn)]
    if log_group_key is not None:
        statements.append(_encrypt_lines(scope, log_group_key))
    if dead_letter_queue_key is not None:
        statements.append(_encrypt_messages(scope, dead_letter_queue_key, dead_letter_queue_arn))
    if is_in_vpc:
        statements += _use_network(scope)
    if is_traced:
        statements.append(_trace())
    return iam.ManagedPolicy(
        scope,
        "Policy",
        description="What the function may do (ecs-task-event-logger)",
        # One document of JSON: each statement would be an object in Node.js, and take its time.
        document=iam.PolicyDocument.from_json({"Statement": statements}),
    )


def _allow(
    actions: list[str], resources: list[str], conditions: dict[str, Any] | None = None
) -> Statement:
    statement: Statement = {"Effect": "Allow", "Action": actions, "Resource": resources}
    return statement | {"Condition": conditions} if conditions else statement


def _log(log_group: logs.ILogGroup, may_create: bool) -> Statement:
    """Lambda writes, in the function's name, what the function prints.

    If somebody has deleted the log group, Lambda makes it anew if it may, and else loses the line.
    """
    actions = ["logs:CreateLogStream", "logs:PutLogEvents"]
    if may_create:
        actions.insert(0, "logs:CreateLogGroup")
    return _allow(actions=actions, resources=[log_group.log_group_arn])


def _send(queue_arn: str) -> Statement:
    """Lambda sends, in the function's name, the events that the function failed on."""
    return _allow(actions=["sqs:SendMessage"], resources=[queue_arn])


def _encrypt_lines(scope: Construct, key: kms.IKey) -> Statement:
    """Who writes to an encrypted log group must be allowed to use its key.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    """
    return _allow(
        actions=[
            "kms:Decrypt",
            "kms:DescribeKey",
            "kms:Encrypt",
            "kms:GenerateDataKey",
            "kms:GenerateDataKeyWithoutPlaintext",
            "kms:ReEncryptFrom",
            "kms:ReEncryptTo",
        ],
        resources=[key.key_arn],
        conditions={"StringEquals": {"kms:ViaService": regional_service(scope, "logs")}},
    )


def _encrypt_messages(scope: Construct, key: kms.IKey, queue_arn: str) -> Statement:
    """Who sends to an encrypted queue must be allowed to use its key.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
    """
    return _allow(
        actions=["kms:Decrypt", "kms:GenerateDataKey"],
        resources=[key.key_arn],
        conditions={
            "StringEquals": {
                "kms:ViaService": regional_service(scope, "sqs"),
                "kms:EncryptionContext:aws:sqs:arn": queue_arn,
            }
        },
    )


def _use_network(scope: Construct) -> list[Statement]:
    """Lambda manages network interfaces in the function's name; the function's code may not.

    AWS wants these actions allowed on all resources:
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
    any_function = place_of(scope).stack.format_arn(
        service="lambda",
        resource="function",
        resource_name="*",
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )
    return [
        _allow(actions=actions, resources=["*"]),
        {
            "Effect": "Deny",
            "Action": [*actions, "ec2:DetachNetworkInterface"],
            "Resource": ["*"],
            "Condition": {"ArnLike": {"lambda:SourceFunctionArn": any_function}},
        },
    ]


def _trace() -> Statement:
    """X-Ray knows no resource that sending to it could be limited to."""
    return _allow(actions=["xray:PutTelemetryRecords", "xray:PutTraceSegments"], resources=["*"])
