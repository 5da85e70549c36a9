"""Encryption at rest with the caller's own key: who must be allowed to use it, and for what."""

from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from .._common.environment import any_rule, known_elsewhere, place_of
from .._common.validation import checked_resource
from .policy_warnings import warn_of_policy


def check_key(scope: Construct, key: kms.IKey) -> None:
    """Check the caller's key.

    Raises:
        TypeError: If it is no key.
        ValueError: If it is an alias, or is known to be in another region than the stack.
    """
    checked_resource(
        "encryption_key",
        key,
        "key_arn",
        "a kms.IKey",
        "For a key that exists already use kms.Key.from_key_arn.",
    )
    check_no_alias("encryption_key", key)
    if elsewhere := known_elsewhere(scope, key, key.key_arn, whatever_account=True):
        raise ValueError(
            f"encryption_key {key.key_arn} is in {elsewhere}. Use a key of the stack's own region."
        )


def check_no_alias(what: str, key: kms.IKey) -> None:
    """Check that a key is no alias of one.

    Raises:
        ValueError: If it is an alias: no IAM policy can name a key by that.
    """
    if hasattr(key, "alias_name"):
        raise ValueError(
            f"{what}, {key.node.path}, is an alias, by which no IAM policy can name a key. Use the "
            "key itself: kms.Key.from_key_arn or kms.Key.from_lookup for one that exists already."
        )


def allow_logs(scope: Construct, key: kms.IKey) -> None:
    """Let CloudWatch Logs encrypt the log groups of this account and region with the key.

    The condition names no single log group: that would be a circle, since the log group itself
    names the key.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    """
    log_groups = place_of(scope).stack.format_arn(service="logs", resource="log-group")
    statement = iam.PolicyStatement(
        principals=[iam.ServicePrincipal(regional_service(scope, "logs"))],
        actions=[
            "kms:Decrypt",
            "kms:DescribeKey",
            "kms:Encrypt",
            "kms:GenerateDataKey*",
            "kms:ReEncrypt*",
        ],
        resources=["*"],  # In the policy of a key, that is this key.
        conditions={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": f"{log_groups}:*"}},
    )
    _add(scope, "keyForLogs", key, statement, "CloudFormation fails to make the log group")


def allow_rules(scope: Construct, key: kms.IKey) -> None:
    """Let EventBridge send to queues that are encrypted with the key, for this account's rules.

    The condition names no single rule: that would be a circle, since the rule names the queue, and
    the queue the key.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
    """
    statement = iam.PolicyStatement(
        principals=[iam.ServicePrincipal("events.amazonaws.com")],
        actions=["kms:Decrypt", "kms:GenerateDataKey"],
        resources=["*"],
        conditions={"ArnLike": {"aws:SourceArn": any_rule(scope)}},
    )
    _add(scope, "keyForRules", key, statement, "EventBridge loses what it cannot deliver")


def regional_service(scope: Construct, name: str) -> str:
    """Return what a service is called in the stack's region, by ``kms:ViaService`` for one."""
    here = place_of(scope)
    return f"{name}.{here.region}.{here.stack.url_suffix}"


def warn_of_foreign_key(scope: Construct, key: kms.IKey, role: iam.IRole) -> None:
    """Warn that a key of another account must allow the function's role by its own policy."""
    if known_elsewhere(scope, key, key.key_arn):
        statement = iam.PolicyStatement(
            principals=[iam.ArnPrincipal(role.role_arn)],
            actions=["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"],
            resources=["*"],
        )
        warn_of_policy(
            scope,
            "keyForRole",
            f"The key {key.node.path}",
            "Lambda loses what the function fails on",
            [statement],
        )


def _add(
    scope: Construct, what: str, key: kms.IKey, statement: iam.PolicyStatement, consequence: str
) -> None:
    if not key.add_to_resource_policy(statement).statement_added:
        warn_of_policy(scope, what, f"The key {key.node.path}", consequence, [statement])
