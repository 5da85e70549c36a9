"""Checks of where the lines are to go: in the caller's words, before anything is made."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_logs as logs
from constructs import Construct

from .vocabulary import known_elsewhere


def check_log_group(
    scope: Construct,
    log_group: logs.ILogGroup | None,
    log_retention: logs.RetentionDays | None,
    removal_policy: RemovalPolicy | None,
) -> None:
    """Check the caller's own log group, or what configures the one that is made.

    Raises:
        TypeError: If ``log_group`` is no log group, or ``log_retention`` no retention.
        ValueError: If both are given, or if the log group is known to be in another account or
            region than the stack.
    """
    if log_retention is not None and not isinstance(log_retention, logs.RetentionDays):
        raise TypeError(
            f"log_retention must be a logs.RetentionDays, got {log_retention!r}. "
            "Write logs.RetentionDays.ONE_MONTH, for example."
        )
    if log_group is None:
        return
    if isinstance(log_group, type) or not hasattr(log_group, "log_group_arn"):
        raise TypeError(
            f"log_group must be a logs.ILogGroup, got {log_group!r}. For a log group that exists "
            "already use logs.LogGroup.from_log_group_name or logs.LogGroup.from_log_group_arn."
        )
    props = {"log_retention": log_retention, "removal_policy": removal_policy}
    given = " and ".join(name for name, value in props.items() if value is not None)
    if given:
        raise ValueError(
            f"log_group was given together with {given}, which would configure a log group made "
            f"here. Leave out log_group, or set {given} where your log group is made."
        )
    elsewhere = known_elsewhere(scope, log_group)
    if elsewhere:
        raise ValueError(
            f"log_group {log_group.log_group_arn} is in {elsewhere}, where the function cannot "
            "write. Use a log group of the stack's own account and region."
        )
