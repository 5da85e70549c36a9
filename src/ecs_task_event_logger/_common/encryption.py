"""Encryption at rest with the caller's own key: the statements that its policy needs."""

from typing import Any

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from .environment import any_rule_arn, describe_mismatch, refuse_other_environment
from .policy_warnings import warn_of_missing_statements
from .validation import import_line, validate_resource

_ENCRYPT = ("kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*")


def validate_key(scope: Construct, key: kms.IKey) -> None:
    """Check the caller's own key."""
    validate_resource(
        "encryption_key",
        key,
        "key_arn",
        "a kms.IKey",
        _import_line(key),
    )
    refuse_alias("encryption_key", key)
    refuse_other_environment(
        scope,
        "encryption_key",
        key,
        key.key_arn,
        "Use a key in the stack's region.",
        any_account=True,
    )


def _import_line(key: Any) -> str:
    """Return the line to write for a key whose ID, ARN or alias was given."""
    if isinstance(key, str) and key.startswith("alias/"):
        return f"For an existing Key write kms.Key.from_lookup(self, 'Key', alias_name={key!r})."
    return import_line("kms.Key.from_key_arn", key, "kms:{self.region}:{self.account}:key/")


def refuse_alias(what: str, key: kms.IKey) -> None:
    """Check that a key is not an alias, which IAM policies cannot name."""
    if hasattr(key, "alias_name"):
        raise ValueError(
            f"{what}, {key.node.path}, is an alias, but IAM policies need the key itself. Use "
            "kms.Key.from_key_arn or kms.Key.from_lookup for an existing key."
        )


def allow_logs_to_encrypt(scope: Construct, key: kms.IKey) -> None:
    """Let CloudWatch Logs use the key for the log groups of the account and region.

    The condition cannot name the log group: the log group names the key, and CloudFormation refuses
    circular references.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    """
    log_groups = Stack.of(scope).format_arn(service="logs", resource="log-group")
    statement = iam.PolicyStatement(
        principals=[iam.ServicePrincipal(regional_service(scope, "logs"))],
        actions=["kms:Decrypt", "kms:DescribeKey", *_ENCRYPT],
        resources=["*"],  # In a key policy, * is the key.
        conditions={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": f"{log_groups}:*"}},
    )
    _add(scope, "keyForLogs", key, statement, "CloudFormation fails to create the log group")


def allow_rules_to_encrypt(scope: Construct, key: kms.IKey) -> None:
    """Let EventBridge use the key for queues that rules of the account and region send to.

    The condition cannot name the rule: the rule names the queue, and the queue names the key.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
    """
    statement = iam.PolicyStatement(
        principals=[iam.ServicePrincipal("events.amazonaws.com")],
        actions=["kms:Decrypt", "kms:GenerateDataKey"],
        resources=["*"],
        conditions={"ArnLike": {"aws:SourceArn": any_rule_arn(scope)}},
    )
    _add(scope, "keyForRules", key, statement, "EventBridge loses undelivered events")


def regional_service(scope: Construct, name: str) -> str:
    """Return the name of a service in the stack's region, as ``kms:ViaService`` has it."""
    stack = Stack.of(scope)
    return f"{name}.{stack.region}.{stack.url_suffix}"


def warn_of_other_accounts_key(scope: Construct, key: kms.IKey, role: iam.IRole) -> None:
    """Warn that the policy of a key in another account must allow the function's role."""
    if describe_mismatch(scope, key, key.key_arn):
        statement = iam.PolicyStatement(
            principals=[iam.ArnPrincipal(role.role_arn)],
            actions=["kms:Decrypt", *_ENCRYPT],
            resources=["*"],
        )
        warn_of_missing_statements(
            scope,
            "keyForRole",
            f"The key {key.node.path}",
            "Lambda loses events that the function fails on",
            [statement.to_statement_json()],
        )


def _add(
    scope: Construct, id: str, key: kms.IKey, statement: iam.PolicyStatement, consequence: str
) -> None:
    if not key.add_to_resource_policy(statement).statement_added:
        warn_of_missing_statements(
            scope, id, f"The key {key.node.path}", consequence, [statement.to_statement_json()]
        )
