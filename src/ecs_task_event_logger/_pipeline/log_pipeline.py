"""The log pipeline: the target of a logger's rules, and of the further rules that feed it."""

import json
from typing import Any

import jsii
from aws_cdk import Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from .._common.environment import any_rule_arn, describe_mismatch, is_in_same_environment
from .._common.queues import allow_rules_to_send
from .._rules.event_filter import EventFilter
from .._rules.required_events import RequiredEvents, check_events_are_logged
from ..enums import EventType
from .dead_letter_queue import QueueSettings, target_queue
from .execution_role import ExecutionRole
from .invoke_config import InvokeConfig
from .retry_policy import RetryPolicy


class LogPipeline:
    """A logger's function, log group and dead-letter queue, and the rules that feed them.

    Attributes:
        function: The function.
        log_group: The log group of its lines.
        dead_letter_queue: The queue for events that could not be delivered or logged.
    """

    def __init__(
        self,
        scope: Construct,
        *,
        event_filter: EventFilter,
        is_central: bool,
        log_group: logs.ILogGroup,
        queue: sqs.IQueue,
        queue_settings: QueueSettings,
        role: ExecutionRole,
        function: lambda_.Function,
        retry_policy: RetryPolicy,
    ) -> None:
        """Connect the parts."""
        self.function = function
        self.log_group = log_group
        self.dead_letter_queue = queue
        self._scope = scope
        self._is_central = is_central
        self._event_filter = event_filter
        self._event_filters = [event_filter]
        self._role = role
        self._retry_policy = retry_policy
        self._invoke_config = InvokeConfig(scope, function, retry_policy)
        self._target_queue = target_queue(scope, queue, queue_settings)
        self._further_target: events.IRuleTarget | None = None

    def rule_target(self) -> events.IRuleTarget:
        """Return the target for the logger's own rules. Each may invoke the function."""
        return targets.LambdaFunction(
            self.function,
            dead_letter_queue=self._target_queue,
            max_event_age=self._retry_policy.max_event_age,
            retry_attempts=self._retry_policy.retry_attempts,
        )

    def further_rule_target(
        self, scope: Construct, event_filter: EventFilter, is_central: bool
    ) -> events.IRuleTarget:
        """Return the target for the rules of another construct, which feed this pipeline too."""
        owner = self._scope.node.path
        if not is_in_same_environment(scope, self.function):
            stack = Stack.of(scope).node.path
            mismatch = describe_mismatch(scope, self.function, self.function.function_arn)
            raise ValueError(
                f"The function of {owner} is in {mismatch or f'another env than the stack {stack}'}"
                ". EventBridge rules invoke functions of their own account and region. Give both "
                "stacks the same env, send the events there with an EcsTaskEventForwarder, or "
                "create a logger here."
            )
        if is_central and not self._is_central:
            raise ValueError(
                f"{scope.node.path} listens on a central bus, but the queries and the dashboard of "
                f"{owner} do not show accounts and regions. Use a logger with event_bus: rules on "
                "the default bus may feed it too."
            )
        self._check_function_filters(event_filter)
        self._event_filters.append(event_filter)
        if self._further_target is None:
            self._further_target = self._create_further_target()
        return self._further_target

    def check_events_are_logged(self, what: str, required: RequiredEvents) -> None:
        """Check that a rule lets through the events that a metric or notification depends on."""
        check_events_are_logged(what, required, self._event_filters)

    def logged_types(self) -> list[EventType]:
        """Return the types of events that some rule lets through."""
        return [each for each in EventType if any(each in f.types for f in self._event_filters)]

    def send_records_to_default_bus(self) -> None:
        """Let Lambda put the function's return values on the default event bus."""
        bus = Stack.of(self._scope).format_arn(
            service="events", resource="event-bus", resource_name="default"
        )
        if self._invoke_config.send_records_to(bus):
            self._role.allow_to_put_events(bus)
            # The function then adds what messages say, with links to the lines.
            name = self.log_group.log_group_name
            self.function.add_environment("LOG_GROUP_OF_NOTIFICATIONS", name)

    def _check_function_filters(self, event_filter: EventFilter) -> None:
        applied = self._event_filter.function_environment()
        ours, theirs = self._event_filter.function_values(), event_filter.function_values()
        names = {*applied, *event_filter.function_environment()}
        if not (event_filter.types.has_others or event_filter.types.has_calls):
            names -= {"SERVICES"}  # not applied to tasks
        if not event_filter.types.has_calls:
            names -= {"TASK_FAMILIES"}  # only applied to calls of RunTask
            if not event_filter.types.has_tasks:
                names -= {"CAUSES", "EXCLUDE_TASK_FAMILIES"}  # only applied to both
        different = [
            name.lower()
            for name in sorted(names)
            if name not in applied or self._texts_of(ours[name]) != self._texts_of(theirs[name])
        ]
        if different:
            raise ValueError(
                f"{' and '.join(different)} must be the same as on {self._scope.node.path}: its "
                "function applies what EventBridge cannot, to all of its events. Set the same "
                "filters and event_types on both, or create a second logger."
            )

    def _texts_of(self, values: list[str]) -> set[str]:
        """Return values to compare. Two tokens may stand for the same text."""
        return {json.dumps(each) for each in Stack.of(self._scope).resolve(values)}

    def _create_further_target(self) -> events.IRuleTarget:
        """Return a target that every rule of the account and region may invoke.

        A statement for each rule would fill the function's policy, 20 kB, with some forty rules.

        https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
        """
        self.function.add_permission(
            "SharingRules",
            principal=iam.ServicePrincipal("events.amazonaws.com"),
            source_arn=any_rule_arn(self._scope),
        )
        if self._target_queue is self.dead_letter_queue:
            self._target_queue = allow_rules_to_send(self._scope, self.dead_letter_queue)
        return _PermittedTarget(self.function, self._target_queue, self._retry_policy)


@jsii.implements(events.IRuleTarget)
class _PermittedTarget:
    """A function and a queue that every rule may use already, so CDK adds no permissions."""

    def __init__(
        self, function: lambda_.Function, queue: sqs.IQueue, retry_policy: RetryPolicy
    ) -> None:
        """Keep the configuration, which is the same for every rule."""
        self._config = events.RuleTargetConfig(
            arn=function.function_arn,
            dead_letter_config=events.CfnRule.DeadLetterConfigProperty(arn=queue.queue_arn),
            retry_policy=retry_policy.target_property,
        )

    def bind(self, rule: Any, id: str | None = None) -> events.RuleTargetConfig:
        """Return the configuration."""
        return self._config
