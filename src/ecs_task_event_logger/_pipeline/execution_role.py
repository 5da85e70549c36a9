"""The function's execution role: one IAM statement for each need."""

from functools import cached_property
from typing import Any, cast

import jsii
from aws_cdk import (
    ArnFormat,
    CfnDeletionPolicy,
    ICfnResourceOptions,
    IResolveContext,
    IStringProducer,
    Lazy,
    Stack,
)
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from .._common.encryption import regional_service
from .._common.environment import ACCOUNT, refuse_missing_env
from .._common.policy_warnings import warn_of_missing_statements
from .._common.roles import Statement, allow, create_policy, create_role
from .._common.validation import import_line, validate_resource
from .dead_letter_queue import QueueSettings
from .log_group import LogGroupSettings
from .settings import FunctionSettings

_POLICY = "What the function may do"


class ExecutionRole:
    """The function's role, and the policy with what the function needs.

    Attributes:
        role: The caller's own role, or a new one.
    """

    def __init__(
        self, scope: Construct, own_role: iam.IRole | None, statements: list[Statement]
    ) -> None:
        """Create the policy, and the role unless the caller has one.

        A warning names the statements if the caller's role must not be changed.
        """
        self._scope = scope
        self._is_own = own_role is not None
        self._policy: iam.ManagedPolicy | None = None
        if own_role is None:
            self._policy = create_policy(scope, _POLICY, statements)
            self.role: iam.IRole = create_role(scope, self._policy, "lambda.amazonaws.com")
            return
        _check_role(scope, own_role)
        self.role = own_role
        if _is_immutable(own_role):
            self._warn("role", "the function cannot write lines", statements)
        else:
            self._policy = create_policy(scope, _POLICY, statements)
            self._policy.attach_to_role(own_role)

    def attach_before(self, function: lambda_.Function) -> None:
        """Attach the policy before the function is created. A new role has it from the start."""
        if self._is_own and self._policy is not None:
            function.node.add_dependency(self._policy)

    def allow_to_put_events(self, bus_arn: str) -> None:
        """Let the function put events on a bus."""
        statement = allow(["events:PutEvents"], [bus_arn])
        if self._policy is None:
            self._warn("roleForNotifications", "there are no notifications", [statement])
        else:
            self._policy.add_statements(iam.PolicyStatement.from_json(statement))

    def _warn(self, id: str, consequence: str, statements: list[Statement]) -> None:
        warn_of_missing_statements(
            self._scope,
            id,
            f"role {self.role.node.path}",
            consequence,
            statements,
            state="must not be changed",
        )


def required_statements(
    scope: Construct,
    *,
    log_group: logs.ILogGroup,
    log_group_settings: LogGroupSettings,
    queue: sqs.IQueue,
    queue_settings: QueueSettings,
    function_settings: FunctionSettings,
) -> list[Statement]:
    """Return the statements that the function needs."""
    statements = [
        _write_lines(log_group, log_group_settings),
        _send_dead_letters(queue),
    ]
    if log_group_settings.key is not None:
        statements.append(_encrypt_lines(scope, log_group_settings.key))
    if queue_settings.key is not None:
        statements.append(_encrypt_dead_letters(scope, queue_settings.key, queue))
    statements += function_settings.container_logs.statements(scope)
    if function_settings.vpc.vpc is not None:
        statements += _use_vpc(scope)
    if function_settings.is_traced:
        statements.append(_send_traces())
    return statements


def _check_role(scope: Construct, role: Any) -> None:
    arn = validate_resource(
        "role",
        role,
        "role_arn",
        "an iam.IRole",
        import_line("iam.Role.from_role_arn", role, "iam::{self.account}:role/"),
    )
    stack, account = Stack.of(scope), role.env.account
    is_placeholder = "/DUMMY_ARN" in arn  # of iam.Role.from_lookup, before the look-up
    known = ACCOUNT.fullmatch(account) and ACCOUNT.fullmatch(stack.account)
    if known and account != stack.account and not is_placeholder:
        raise ValueError(
            f"role {role.node.path} is in account {account}, but the stack {stack.node.path} is in "
            f"{stack.account}. Use a role in the stack's account."
        )
    refuse_missing_env(scope, "role", role, arn)


def _is_immutable(role: iam.IRole) -> bool:
    """Return whether the caller does not want the role's policies to change.

    Such a role wraps another one. CDK tells that only by the IDs of the two.
    """
    id, parent = role.node.id, role.node.scope
    wrapped = (f"MutableRole{id}", id.removeprefix("ImmutableRole"))  # by each way to make one
    return parent is not None and any(
        each != id and parent.node.try_find_child(each) is not None for each in wrapped
    )


def _write_lines(log_group: logs.ILogGroup, settings: LogGroupSettings) -> Statement:
    """Let Lambda write the lines that the function prints.

    Lambda can create a deleted log group again. Without that permission the line is lost.
    """
    actions = ["logs:CreateLogStream", "logs:PutLogEvents"]
    if settings.log_group is None:
        actions.insert(0, Lazy.uncached_string(_CreateLogGroup(log_group)))
    return allow(actions, [log_group.log_group_arn])


@jsii.implements(IStringProducer)
class _CreateLogGroup:
    """The action that creates a log group again, unless the stack deletes it.

    Aspects may still change the removal policy. So it is read at synthesis.
    """

    def __init__(self, log_group: logs.ILogGroup) -> None:
        """Keep the log group for synthesis."""
        self._log_group = log_group

    @cached_property
    def _options(self) -> ICfnResourceOptions:
        """The resource's options: only the policy in them changes."""
        return cast(logs.CfnLogGroup, self._log_group.node.default_child).cfn_options

    def produce(self, context: IResolveContext) -> str | None:
        """Return the action, or None to leave it out."""
        is_deleted = self._options.deletion_policy is CfnDeletionPolicy.DELETE
        return None if is_deleted else "logs:CreateLogGroup"


def _send_dead_letters(queue: sqs.IQueue) -> Statement:
    """Let Lambda send the events that the function failed on."""
    return allow(["sqs:SendMessage"], [queue.queue_arn])


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
    return allow(actions, [key.key_arn], via_logs)


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
    return allow(["kms:Decrypt", "kms:GenerateDataKey"], [key.key_arn], via_sqs)


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
        allow(actions, ["*"]),
        {
            "Effect": "Deny",
            "Action": [*actions, "ec2:DetachNetworkInterface"],
            "Resource": ["*"],
            "Condition": {"ArnLike": {"lambda:SourceFunctionArn": any_function}},
        },
    ]


def _send_traces() -> Statement:
    """Let Lambda send traces. X-Ray has no resources to limit this to."""
    return allow(["xray:PutTelemetryRecords", "xray:PutTraceSegments"], ["*"])
