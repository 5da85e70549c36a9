"""The container logs that the function may read, for the last lines of a failed task."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from aws_cdk import Stack
from aws_cdk import aws_logs as logs
from constructs import Construct

from .._common.encryption import regional_service
from .._common.environment import refuse_other_environment
from .._common.references import holds_token
from .._common.roles import Statement, allow
from .._common.validation import shown, validate_integer, validate_items

# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
_NAME = re.compile(r"[\w./#*-]{1,512}", re.ASCII)
_DEFAULT_LINES = 20
# An ARN without the name of its log group, and the characters of a policy that may be ARNs: IAM
# accepts 6,144 in all. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
_ARN_LENGTH = 70
_MAX_ARNS = 4_000


@dataclass(frozen=True)
class ContainerLogSettings:
    """The log groups of the containers, and how many lines are shown; None for the defaults."""

    log_groups: Sequence[logs.ILogGroup | str] | None
    lines: int | None

    def __post_init__(self) -> None:
        """Validate the settings."""
        validate_integer("container_log_lines", self.lines, 1, 100, "Write 1 to 100 lines.")
        if self.log_groups is None:
            if self.lines is not None:
                raise ValueError(
                    "container_log_lines cannot be used without container_log_groups. Name the log "
                    "groups of the containers too, such as container_log_groups=['/ecs/*']."
                )
            return
        accepted = "log groups or their names"
        for each in validate_items("container_log_groups", self.log_groups, accepted):
            _validate_name(each)
        self._validate_length()

    @property
    def is_on(self) -> bool:
        """Whether failed tasks show the last lines of their containers."""
        return self.log_groups is not None

    def environment(self) -> dict[str, str]:
        """Return the function's environment variables."""
        if not self.is_on:
            return {}
        environment = {"CONTAINER_LOG_GROUPS": ",".join(self._names)}
        if self.lines not in (None, _DEFAULT_LINES):
            environment["CONTAINER_LOG_LINES"] = str(self.lines)
        return environment

    def check_environment(self, scope: Construct) -> None:
        """Check that the function can read the log groups from its account and region."""
        for name in filter(holds_token, self._names):
            resolved = Stack.of(scope).resolve(name)
            if isinstance(resolved, dict) and "Arn" in resolved.get("Fn::GetAtt", ()):
                raise ValueError(
                    "container_log_groups holds the ARN of a log group, but names are needed. Pass "
                    "the log group itself, or its log_group_name."
                )
        for each in self._constructs:
            refuse_other_environment(
                scope,
                "the container log group",
                each,
                each.log_group_arn,
                "Container logs are read in the stack's account and region only. Leave it out.",
            )

    def statements(self, scope: Construct) -> list[Statement]:
        """Return what the function needs to read the log groups.

        ``ecs:DescribeTaskDefinition`` has no resources to limit this to:
        https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html
        """
        if not self.is_on:
            return []
        log_groups = Stack.of(scope).format_arn(service="logs", resource="log-group")
        streams = [f"{log_groups}:{name}:log-stream:*" for name in self._names]
        statements = [
            allow(["ecs:DescribeTaskDefinition"], ["*"]),
            allow(["logs:GetLogEvents"], streams),
        ]
        if keys := list(filter(None, map(_key_of, self._constructs))):
            via_logs = {"StringEquals": {"kms:ViaService": regional_service(scope, "logs")}}
            statements.append(allow(["kms:Decrypt"], keys, via_logs))
        return statements

    def _validate_length(self) -> None:
        length = sum(len(name) + _ARN_LENGTH for name in self._names)
        if length > _MAX_ARNS:
            raise ValueError(
                f"container_log_groups has {len(self._names)} names, which are too long together "
                "for the policy of the function. Use * in a name, such as '/ecs/*'."
            )

    @property
    def _constructs(self) -> list[logs.ILogGroup]:
        return [each for each in self.log_groups or () if not isinstance(each, str)]

    @cached_property
    def _names(self) -> list[str]:
        names = (
            each if isinstance(each, str) else each.log_group_name for each in self.log_groups or ()
        )
        return list(dict.fromkeys(names))


def _validate_name(value: Any) -> None:
    if not isinstance(value, str):
        if getattr(value, "log_group_name", None) is None:
            raise TypeError(
                f"container_log_groups holds {shown(value)}, which is no log group. Create a "
                "logs.LogGroup, and pass it here and to the log driver. Or write a name such as "
                "'/ecs/*'."
            )
    elif value.startswith("arn:"):
        raise ValueError(
            f"container_log_groups holds {value}, but names are needed. Write the part after "
            "log-group: and without :*, such as '/ecs/shop'."
        )
    elif not (holds_token(value) or _NAME.fullmatch(value)):
        raise ValueError(
            f"container_log_groups holds {value!r}, which is not the name of a log group. Names "
            "have 1 to 512 letters, digits and . _ - / #; * matches any text."
        )


def _key_of(log_group: logs.ILogGroup) -> str | None:
    """Return the ARN of the key of a log group of the app, or None."""
    resource = log_group.node.default_child
    return resource.kms_key_id if isinstance(resource, logs.CfnLogGroup) else None
