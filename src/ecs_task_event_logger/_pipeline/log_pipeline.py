"""What the rules of a logger invoke: the function, with its log group and its dead-letter queue."""

from collections.abc import Mapping, Sequence
from typing import Any

import jsii
from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from .._common.environment import any_rule, known_elsewhere, place_of
from .._common.validation import check_enum, checked_number, given, refuse_without_use
from .._insights.saved_queries import INDEXED_FIELDS
from .._rules.event_filter import EventFilter, NeededLines
from ..enums import RecordFormat
from .dead_letter_queue import (
    RetryPolicy,
    admit_rules,
    provide_queue,
    queue_for_rules,
)
from .encryption import check_key, warn_of_foreign_key
from .execution_role import make_policy, make_role
from .function import LoggingFunction, make_function
from .invoke_config import AsyncInvocation
from .log_group import LogGroupSettings, provide_log_group
from .settings import format_environment
from .vpc import network_props

_MAX_ENVIRONMENT = 4096


class LogTarget:
    """The function and what belongs to it: made for one logger, and shared by others."""

    def __init__(
        self,
        scope: Construct,
        *,
        event_filter: EventFilter,
        is_central: bool,
        record_format: RecordFormat | str | None,
        unredacted_environment: Sequence[str] | None,
        log_retention: logs.RetentionDays | None,
        log_group: logs.ILogGroup | None,
        log_group_class: logs.LogGroupClass | None,
        deletion_protection: bool | None,
        removal_policy: RemovalPolicy | None,
        dead_letter_queue: sqs.IQueue | None,
        max_event_age: Duration | None,
        retry_attempts: int | None,
        encryption_key: kms.IKey | None,
        reserved_concurrent_executions: int | None,
        tracing: lambda_.Tracing | None,
        vpc: ec2.IVpc | None,
        vpc_subnets: ec2.SubnetSelection | None,
        security_groups: Sequence[ec2.ISecurityGroup] | None,
    ) -> None:
        """Make them, as the props of ``EcsTaskEventLogger`` say.

        Beside these, ``event_filter`` says what is logged, and ``is_central`` whether it comes from
        several accounts and regions.
        """
        self.scope = scope
        self.is_central = is_central
        self.decisions = event_filter.environment()
        self._filters = [event_filter]
        self._retry_policy = RetryPolicy(max_event_age, retry_attempts)
        if log_group is not None and dead_letter_queue is not None:
            refuse_without_use(
                "log_group and dead_letter_queue",
                {"encryption_key": encryption_key, "removal_policy": removal_policy},
            )
        if encryption_key is not None:
            check_key(scope, encryption_key)
        self.log_group = provide_log_group(
            scope,
            log_group,
            LogGroupSettings(log_retention, log_group_class, deletion_protection, removal_policy),
            encryption_key,
            [*INDEXED_FIELDS, *(["account", "region"] if is_central else [])],
        )
        self.dead_letter_queue = provide_queue(
            scope, dead_letter_queue, removal_policy, encryption_key
        )
        queue_arn = self.dead_letter_queue.queue_arn
        check_enum("tracing", tracing, lambda_.Tracing.ACTIVE)
        is_traced = tracing is lambda_.Tracing.ACTIVE
        self._policy = make_policy(
            scope,
            log_group=self.log_group,
            log_group_key=encryption_key if log_group is None else None,
            may_create_log_group=log_group is None and removal_policy != RemovalPolicy.DESTROY,
            dead_letter_queue_arn=queue_arn,
            dead_letter_queue_key=(
                encryption_key
                if dead_letter_queue is None
                else dead_letter_queue.encryption_master_key
            ),
            is_in_vpc=vpc is not None,
            is_traced=is_traced,
        )
        environment = {
            **format_environment(record_format, unredacted_environment),
            **self.decisions,
        }
        _check_length(environment)
        role = make_role(scope, self._policy, "lambda.amazonaws.com")
        self.function = make_function(
            scope,
            role=role,
            log_group=self.log_group,
            dead_letter_queue_arn=queue_arn,
            is_traced=is_traced,
            environment=environment,
            reserved_concurrent_executions=checked_number(
                "reserved_concurrent_executions",
                reserved_concurrent_executions,
                1,
                None,
                "Lambda runs the function at least once at a time; with 0 nothing would be logged.",
            ),
            **network_props(vpc, vpc_subnets, security_groups),
        )
        self.function.target = self
        self._invocation = AsyncInvocation(scope, self.function, self._retry_policy)
        self._undelivered = queue_for_rules(scope, self.dead_letter_queue, dead_letter_queue)
        self._shared: events.IRuleTarget | None = None
        if encryption_key is not None:
            warn_of_foreign_key(scope, encryption_key, role)

    def of_rules(self) -> events.IRuleTarget:
        """Return the target for the logger's own rules, each of which may invoke the function."""
        return targets.LambdaFunction(
            self.function, dead_letter_queue=self._undelivered, **self._retry_policy.of_rule()
        )

    def _shared_by_rules(self) -> events.IRuleTarget:
        """Return the target for the rules of all loggers that share the function.

        They are let in together, as the rules of this account and region: a policy that names each
        of them would be full with some forty, as Lambda takes 20 kB.

        https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
        """
        if self._shared is None:
            self.function.add_permission(
                "SharingRules",
                principal=iam.ServicePrincipal("events.amazonaws.com"),
                source_arn=any_rule(self.scope),
            )
            if self._undelivered is self.dead_letter_queue:
                self._undelivered = admit_rules(self.scope, self.dead_letter_queue)
            self._shared = _SharedTarget(
                self.function.function_arn, self._undelivered.queue_arn, self._retry_policy
            )
        return self._shared

    def share(self, event_filter: EventFilter) -> events.IRuleTarget:
        """Return the target for the rules of another logger, which logs what a filter says."""
        self._filters.append(event_filter)
        return self._shared_by_rules()

    def refuse_unless_logged(self, what: str, needed: NeededLines) -> None:
        """Refuse what needs lines that no logger logs here.

        Raises:
            ValueError: If there is none that does.
        """
        reasons = [each.left_out(needed) for each in self._filters]
        if all(reasons):
            raise ValueError(f"{what} needs {reasons[0]}")

    def send_records_to_default_bus(self) -> None:
        """Have Lambda put on the default bus what the function returns."""
        bus = place_of(self.scope).stack.format_arn(
            service="events", resource="event-bus", resource_name="default"
        )
        if self._invocation.send_records_to(bus):
            self._policy.add_statements(
                iam.PolicyStatement(actions=["events:PutEvents"], resources=[bus])
            )


def _check_length(environment: Mapping[str, str]) -> None:
    """Check that Lambda takes the function's environment variables.

    https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html

    Raises:
        ValueError: If they are too long.
    """
    if len("".join(map("".join, environment.items())).encode()) > _MAX_ENVIRONMENT:
        longest = max(environment, key=lambda name: len(environment[name]))
        raise ValueError(
            f"{longest.lower()} and what else the function is told are longer than the "
            f"{_MAX_ENVIRONMENT} bytes that its environment may have. Shorten {longest.lower()}, "
            "with * in names for example."
        )


@jsii.implements(events.IRuleTarget)
class _SharedTarget:
    """A function and a queue whose policies let in all rules already, so that CDK adds nothing."""

    def __init__(self, function_arn: str, queue_arn: str, retry_policy: RetryPolicy) -> None:
        """Hold what is the same for every rule."""
        self._config = events.RuleTargetConfig(
            arn=function_arn,
            dead_letter_config=events.CfnRule.DeadLetterConfigProperty(arn=queue_arn),
            retry_policy=retry_policy.of_target(),
        )

    def bind(self, rule: Any, id: str | None = None) -> events.RuleTargetConfig:
        """Return what every rule is told."""
        return self._config


def shared_target(
    scope: Construct,
    function: Any,
    event_filter: EventFilter,
    is_central: bool,
    props: Mapping[str, Any],
) -> LogTarget:
    """Return what belongs to the function of another logger, for a logger that is to share it.

    Args:
        scope: The logger that is to share it.
        function: The other one's function.
        event_filter: What this logger is to log.
        is_central: Whether that comes from several accounts and regions.
        props: The props that are about what is shared.

    Raises:
        TypeError: If the function is no logger's.
        ValueError: If it is known to be in another account or region than the stack; if one of the
            props is given; if the function decides otherwise than this logger asks; or if what is
            made of its lines does not tell accounts apart, and this logger's must.
    """
    if not isinstance(function, LoggingFunction):
        raise TypeError(
            f"function must be that of another EcsTaskEventLogger, got {function!r}. Write "
            "function=log.function."
        )
    target: LogTarget = function.target
    owner = target.scope.node.path
    if elsewhere := known_elsewhere(scope, function, function.function_arn):
        raise ValueError(
            f"The function of {owner} is in {elsewhere}. Leave out function, or send the events "
            "there with an EcsTaskEventForwarder."
        )
    if names := given(props):
        raise ValueError(
            f"{names} given together with function, which is shared as it is. Leave out {names}, "
            f"or set it for {owner}, whose function it is."
        )
    if is_central and not target.is_central:
        raise ValueError(
            f"{scope.node.path} listens on a central bus, and the queries and the dashboard of "
            f"{owner} do not tell accounts and regions apart. Share the function of a logger on "
            "the central bus: that can be used on the default bus, too."
        )
    decisions = event_filter.environment()
    every = sorted({*decisions, *target.decisions})
    if other := [each for each in every if decisions.get(each) != target.decisions.get(each)]:
        raise ValueError(
            f"The function of {owner} is told to decide otherwise than this logger asks: "
            f"{' and '.join(map(str.lower, other))}, for which EventBridge has no words. Ask the "
            "same of both, or leave out function."
        )
    return target
