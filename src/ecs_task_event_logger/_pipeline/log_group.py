"""The log group: the caller's own, or a new one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import jsii
from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct, IValidation

from .._common.encryption import allow_logs_to_encrypt
from .._common.environment import refuse_other_environment
from .._common.validation import (
    given_names,
    import_line,
    validate_bool,
    validate_cdk_enum,
    validate_removal_policy,
    validate_resource,
)

# The oldest supported aws-cdk-lib has no member for it.
_DELIVERY = "DELIVERY"
_NO_QUERIES = "whose lines CloudWatch Logs cannot query. Use STANDARD or INFREQUENT_ACCESS."


@dataclass(frozen=True)
class LogGroupSettings:
    """The caller's own log group, or the settings of a new one; None for the defaults."""

    log_group: logs.ILogGroup | None
    log_retention: logs.RetentionDays | None
    log_group_class: logs.LogGroupClass | None
    deletion_protection: bool | None
    removal_policy: RemovalPolicy | None
    encryption_key: kms.IKey | None
    indexed_fields: Sequence[str]

    def __post_init__(self) -> None:
        """Validate the settings."""
        validate_cdk_enum("log_retention", self.log_retention, logs.RetentionDays.ONE_MONTH)
        validate_cdk_enum(
            "log_group_class", self.log_group_class, logs.LogGroupClass.INFREQUENT_ACCESS
        )
        validate_removal_policy(self.removal_policy)
        if self.deletion_protection is not None:
            validate_bool("deletion_protection", self.deletion_protection)
        if self.log_group_class is not None and self.log_group_class.value == _DELIVERY:
            raise ValueError(f"log_group_class is DELIVERY, {_NO_QUERIES}")
        if self.deletion_protection and self.removal_policy is RemovalPolicy.DESTROY:
            raise ValueError(
                "deletion_protection and removal_policy DESTROY contradict each other: deleting "
                "the stack would fail. Leave out one of them."
            )
        if self.log_group is not None:
            self._refuse_settings_of_a_new_one()

    @property
    def key(self) -> kms.IKey | None:
        """The key that the function needs to write lines, if it is known."""
        return self.encryption_key if self.log_group is None else None

    def _refuse_settings_of_a_new_one(self) -> None:
        names = given_names(
            {
                "log_retention": self.log_retention,
                "log_group_class": self.log_group_class,
                "deletion_protection": self.deletion_protection,
            }
        )
        if names:
            raise ValueError(
                f"{names} cannot be used with log_group: the logger does not configure your own "
                f"log group. Leave out log_group, or set {names} where you create it."
            )


def log_group_or_default(scope: Construct, settings: LogGroupSettings) -> logs.ILogGroup:
    """Return the caller's own log group, or a new one."""
    if settings.log_group is None:
        return _create_log_group(scope, settings)
    _check_log_group(scope, settings.log_group)
    return settings.log_group


def _check_log_group(scope: Construct, log_group: logs.ILogGroup) -> None:
    kind = "arn" if isinstance(log_group, str) and log_group.startswith("arn:") else "name"
    validate_resource(
        "log_group",
        log_group,
        "log_group_arn",
        "a logs.ILogGroup",
        import_line(f"logs.LogGroup.from_log_group_{kind}", log_group),
    )
    refuse_other_environment(
        scope,
        "log_group",
        log_group,
        log_group.log_group_arn,
        "Use a log group in the stack's account and region.",
    )
    resource = log_group.node.default_child
    name: str | None = log_group.log_group_name
    if isinstance(resource, logs.CfnLogGroup):
        name = resource.log_group_name
        if resource.log_group_class == _DELIVERY:
            raise ValueError(f"log_group {log_group.node.path} is of class DELIVERY, {_NO_QUERIES}")
        _add_class_validation(scope, resource)
    if name is not None and name.startswith("aws/"):
        raise ValueError(
            f"log_group {log_group.node.path} has the name {name}, but CloudWatch Logs reserves "
            "names that begin with aws/. Use another name, such as /shop/tasks."
        )


def _create_log_group(scope: Construct, settings: LogGroupSettings) -> logs.LogGroup:
    is_infrequent = settings.log_group_class is logs.LogGroupClass.INFREQUENT_ACCESS
    log_group = logs.LogGroup(
        scope,
        _construct_id(settings.log_group_class),
        retention=settings.log_retention or logs.RetentionDays.ONE_MONTH,
        log_group_class=settings.log_group_class,
        removal_policy=settings.removal_policy or RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
        encryption_key=settings.encryption_key,
        field_index_policies=(
            None if is_infrequent else [logs.FieldIndexPolicy(fields=[*settings.indexed_fields])]
        ),
    )
    if settings.encryption_key is not None:
        allow_logs_to_encrypt(scope, settings.encryption_key)
    if settings.deletion_protection is not None:
        # The oldest supported aws-cdk-lib has no property for it.
        resource = cast(logs.CfnLogGroup, log_group.node.default_child)
        resource.add_property_override("DeletionProtectionEnabled", settings.deletion_protection)
    if is_infrequent:
        _add_class_validation(scope, cast(logs.CfnLogGroup, log_group.node.default_child))
    return log_group


def _construct_id(log_group_class: logs.LogGroupClass | None) -> str:
    """Return the ID of the new log group, another one for each class.

    CloudFormation can neither change the class of a log group nor replace the log group for that.
    With another ID, it creates another log group and keeps the old one.
    """
    if log_group_class in (None, logs.LogGroupClass.STANDARD):
        return "LogGroup"
    return f"LogGroup{log_group_class.value.title().replace('_', '')}"


def _add_class_validation(scope: Construct, log_group: logs.CfnLogGroup) -> None:
    """Check at synthesis that nothing uses features that an Infrequent Access group lacks."""
    if log_group.log_group_class == logs.LogGroupClass.INFREQUENT_ACCESS.value:
        scope.node.add_validation(_InfrequentAccess(log_group))


@jsii.implements(IValidation)
class _InfrequentAccess:
    """Reports metric and subscription filters on a log group of class Infrequent Access."""

    def __init__(self, log_group: logs.CfnLogGroup) -> None:
        """Keep the log group for synthesis."""
        self._log_group = log_group

    def validate(self) -> list[str]:
        """Return the problems, if there are any.

        https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch_Logs_Log_Classes.html
        """
        return [
            f"{child.node.path} is a {what}, which log groups of class INFREQUENT_ACCESS do not "
            "support. Leave out log_group_class, or the filter."
            for child in self._log_group.node.root.node.find_all()
            for kind, what in _STANDARD_ONLY.items()
            if isinstance(child, kind) and self._is_name(child.log_group_name, Stack.of(child))
        ]

    def _is_name(self, name: str, stack: Stack) -> bool:
        own, reference = Stack.of(self._log_group), self._log_group.ref
        if own.resolve(name) != own.resolve(reference):
            return False
        # Another stack may have a log group with the same logical ID.
        return stack is own or stack.resolve(name) != own.resolve(reference)


_STANDARD_ONLY = {
    logs.CfnMetricFilter: "metric filter",
    logs.CfnSubscriptionFilter: "subscription filter",
}
