"""Roles, and what the function may do: statement by statement, and nothing else."""

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from .encryption import regional_service


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
            conditions={"StringEquals": {"aws:SourceAccount": Stack.of(scope).account}},
        ),
        managed_policies=[policy],
    )


def make_policy(
    scope: Construct,
    *,
    log_group: logs.ILogGroup,
    log_group_key: kms.IKey | None,
    may_create_log_group: bool,
    dead_letter_queue: sqs.IQueue,
    is_in_vpc: bool,
    is_traced: bool,
) -> iam.ManagedPolicy:
    """Make the policy of the function's role."""
    statements = [_log(log_group, may_create_log_group), _send(dead_letter_queue)]
    if log_group_key is not None:
        statements.append(_encrypt_lines(scope, log_group_key))
    if dead_letter_queue.encryption_master_key is not None:
        key = dead_letter_queue.encryption_master_key
        statements.append(_encrypt_messages(scope, key, dead_letter_queue))
    if is_in_vpc:
        statements += _use_network(scope)
    if is_traced:
        statements.append(_trace())
    return iam.ManagedPolicy(
        scope,
        "Policy",
        description="What the function may do (ecs-task-event-logger)",
        statements=statements,
    )


def _log(log_group: logs.ILogGroup, may_create: bool) -> iam.PolicyStatement:
    """Lambda writes, in the function's name, what the function prints.

    If somebody has deleted the log group, Lambda makes it anew if it may, and else loses the line.
    """
    actions = ["logs:CreateLogStream", "logs:PutLogEvents"]
    if may_create:
        actions.insert(0, "logs:CreateLogGroup")
    return iam.PolicyStatement(actions=actions, resources=[log_group.log_group_arn])


def _send(queue: sqs.IQueue) -> iam.PolicyStatement:
    """Lambda sends, in the function's name, the events that the function failed on."""
    return iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[queue.queue_arn])


def _encrypt_lines(scope: Construct, key: kms.IKey) -> iam.PolicyStatement:
    """Who writes to an encrypted log group must be allowed to use its key.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    """
    return iam.PolicyStatement(
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


def _encrypt_messages(scope: Construct, key: kms.IKey, queue: sqs.IQueue) -> iam.PolicyStatement:
    """Who sends to an encrypted queue must be allowed to use its key.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
    """
    return iam.PolicyStatement(
        actions=["kms:Decrypt", "kms:GenerateDataKey"],
        resources=[key.key_arn],
        conditions={
            "StringEquals": {
                "kms:ViaService": regional_service(scope, "sqs"),
                "kms:EncryptionContext:aws:sqs:arn": queue.queue_arn,
            }
        },
    )


def _use_network(scope: Construct) -> list[iam.PolicyStatement]:
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
    any_function = Stack.of(scope).format_arn(
        service="lambda",
        resource="function",
        resource_name="*",
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )
    return [
        iam.PolicyStatement(actions=actions, resources=["*"]),
        iam.PolicyStatement(
            effect=iam.Effect.DENY,
            actions=[*actions, "ec2:DetachNetworkInterface"],
            resources=["*"],
            conditions={"ArnLike": {"lambda:SourceFunctionArn": any_function}},
        ),
    ]


def _trace() -> iam.PolicyStatement:
    """X-Ray knows no resource that sending to it could be limited to."""
    return iam.PolicyStatement(
        actions=["xray:PutTelemetryRecords", "xray:PutTraceSegments"], resources=["*"]
    )
