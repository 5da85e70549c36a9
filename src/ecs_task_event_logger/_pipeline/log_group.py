"""The log group: the one that is made here, or the caller's own."""

from dataclasses import dataclass, fields
from typing import cast

import jsii
from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct, IValidation

from .._common.environment import known_elsewhere
from .._common.validation import check_enum, check_removal_policy, checked_resource
from .encryption import allow_logs

# The oldest aws-cdk-lib that is supported has no member for it.
_DELIVERY = "DELIVERY"
_UNREADABLE = "whose lines CloudWatch Logs lets nobody query. Use STANDARD or INFREQUENT_ACCESS."


@dataclass(frozen=True)
class LogGroupSettings:
    """What configures the log group that is made here; None is what has its default.

    Raises:
        TypeError: If one of them is not what its type says.
        ValueError: If two of them contradict each other, or if nobody could read the lines.
    """

    log_retention: logs.RetentionDays | None
    log_group_class: logs.LogGroupClass | None
    deletion_protection: bool | None
    removal_policy: RemovalPolicy | None

    def __post_init__(self) -> None:
        """Check them."""
        check_enum("log_retention", self.log_retention, logs.RetentionDays.ONE_MONTH)
        check_enum("log_group_class", self.log_group_class, logs.LogGroupClass.INFREQUENT_ACCESS)
        check_removal_policy(self.removal_policy)
        if not isinstance(self.deletion_protection, bool | None):
            raise TypeError(
                f"deletion_protection must be True or False, got {self.deletion_protection!r}."
            )
        if self.log_group_class is not None and self.log_group_class.value == _DELIVERY:
            raise ValueError(f"log_group_class is DELIVERY, {_UNREADABLE}")
        if self.deletion_protection and self.removal_policy is RemovalPolicy.DESTROY:
            raise ValueError(
                "deletion_protection and removal_policy DESTROY contradict each other: the "
                "deletion of the stack would fail. Leave out one of them."
            )

    def given(self) -> list[str]:
        """Return the names of those that are not None, and that a log group alone has."""
        names = [each.name for each in fields(self) if getattr(self, each.name) is not None]
        return [name for name in names if name != "removal_policy"]


def provide_log_group(
    scope: Construct,
    own: logs.ILogGroup | None,
    settings: LogGroupSettings,
    encryption_key: kms.IKey | None,
    indexed_fields: list[str],
) -> logs.ILogGroup:
    """Return the caller's own log group, or make one.

    Raises:
        TypeError: If the caller's own is no log group.
        ValueError: If there are settings beside the caller's own; or if that is known to be in
            another account or region than the stack.
    """
    if own is None:
        return _make_log_group(scope, settings, encryption_key, indexed_fields)
    checked_resource(
        "log_group",
        own,
        "log_group_arn",
        "a logs.ILogGroup",
        "For a log group that exists already use logs.LogGroup.from_log_group_name or "
        "logs.LogGroup.from_log_group_arn.",
    )
    if given := " and ".join(settings.given()):
        raise ValueError(
            f"log_group was given together with {given}, which would configure a log group made "
            f"here. Leave out log_group, or set {given} where your log group is made."
        )
    if elsewhere := known_elsewhere(scope, own, own.log_group_arn):
        raise ValueError(
            f"log_group {own.log_group_arn} is in {elsewhere}, where the function cannot "
            "write. Use a log group of the stack's own account and region."
        )
    resource = own.node.default_child
    if isinstance(resource, logs.CfnLogGroup):
        if resource.log_group_class == _DELIVERY:
            raise ValueError(f"log_group {own.node.path} is of the class DELIVERY, {_UNREADABLE}")
        _check_filters(scope, resource)
    return own


def _make_log_group(
    scope: Construct,
    settings: LogGroupSettings,
    encryption_key: kms.IKey | None,
    indexed_fields: list[str],
) -> logs.LogGroup:
    is_infrequent = settings.log_group_class is logs.LogGroupClass.INFREQUENT_ACCESS
    log_group = logs.LogGroup(
        scope,
        "LogGroup",
        retention=settings.log_retention or logs.RetentionDays.ONE_MONTH,
        log_group_class=settings.log_group_class,
        removal_policy=settings.removal_policy,
        encryption_key=encryption_key,
        field_index_policies=(
            None if is_infrequent else [logs.FieldIndexPolicy(fields=indexed_fields)]
        ),
    )
    if encryption_key is not None:
        allow_logs(scope, encryption_key)
    if settings.deletion_protection is not None:
        # The oldest aws-cdk-lib that is supported has no property for it.
        resource = cast(logs.CfnLogGroup, log_group.node.default_child)
        resource.add_property_override("DeletionProtectionEnabled", settings.deletion_protection)
    if is_infrequent:
        _check_filters(scope, cast(logs.CfnLogGroup, log_group.node.default_child))
    return log_group


def _check_filters(scope: Construct, log_group: logs.CfnLogGroup) -> None:
    """Check at synthesis that a log group of Infrequent Access is not asked what it cannot do."""
    if log_group.log_group_class == logs.LogGroupClass.INFREQUENT_ACCESS.value:
        scope.node.add_validation(_InfrequentAccess(log_group))


@jsii.implements(IValidation)
class _InfrequentAccess:
    """Whether nothing is asked of a log group of the class Infrequent Access that it cannot do."""

    def __init__(self, log_group: logs.CfnLogGroup) -> None:
        """Hold the log group until it is synthesized."""
        self._log_group = log_group

    def validate(self) -> list[str]:
        """Return what it cannot do, if that is asked of it.

        https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch_Logs_Log_Classes.html
        """
        return [
            f"{child.node.path} is a {what}, which a log group of the class INFREQUENT_ACCESS "
            "cannot have. Leave out log_group_class, or the filter."
            for child in self._log_group.node.root.node.find_all()
            for kind, what in _STANDARD_ONLY.items()
            if isinstance(child, kind) and self._is_meant(child.log_group_name, Stack.of(child))
        ]

    def _is_meant(self, name: str, stack: Stack) -> bool:
        own, reference = Stack.of(self._log_group), self._log_group.ref
        if own.resolve(name) != own.resolve(reference):
            return False
        # Another stack may have a log group of the same logical ID.
        return stack is own or stack.resolve(name) != own.resolve(reference)


_STANDARD_ONLY = {
    logs.CfnMetricFilter: "metric filter",
    logs.CfnSubscriptionFilter: "subscription filter",
}
