"""Notifications: the finished record of an event, sent to an EventBridge target.

Lambda puts the function's return value on the default event bus, as an event of its own. A rule
there sends the wanted records to a target.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import jsii
from aws_cdk import CfnResource, SecretValue, Stack
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct, IValidation

from .._common.environment import refuse_missing_env
from .._common.references import has_aws_managed_key, path_of, resource_behind
from .._common.validation import refuse_tokens, validate_members, validate_resource
from .._rules.central_bus import validate_accounts
from .._rules.event_filter import refuse_successes
from .._rules.event_pattern import any_of, validate_name_patterns
from .._rules.event_types import lack_cause, lack_service
from .._rules.pattern_limits import add_limit_validation, check_wildcards
from .._rules.required_events import RequiredEvents
from ..enums import EventType, TaskStatus
from ..handler.task_events.cause import Cause
from ..handler.task_events.filters import FAILURE_LEVEL
from .messages import FailureMessage
from .webhooks import Webhook, check_webhook

_TASK = EventType.TASK_STATE_CHANGE


@dataclass(frozen=True)
class NotificationFilter:
    """What a notification is about; None for any.

    Attributes:
        events: The events, as the logger's filters must let them through.
        services: Services or their names.
        clusters: Clusters or their names.
        source_accounts: The IDs of accounts.
    """

    events: RequiredEvents
    services: Sequence[str | ecs.IService] | None = None
    clusters: Sequence[str | ecs.ICluster] | None = None
    source_accounts: Sequence[str] | None = None

    def pattern(self, scope: Construct) -> dict[str, list[Any]]:
        """Return the pattern that the wanted records match."""
        types, causes = self.events.types, self.events.causes
        is_about_tasks, is_about_agents = types == [_TASK], self.events.are_away
        conditions: dict[str, list[Any] | None] = {
            "detailType": (
                None if types is None or is_about_tasks else [each.detail_type for each in types]
            ),
            "lastStatus": [TaskStatus.STOPPED.value] if is_about_tasks else None,
            "level": [FAILURE_LEVEL] if self.events.only_failures else None,
            "agentConnected": [False] if is_about_agents else None,
            "instanceStatus": ["ACTIVE"] if is_about_agents else None,  # not if it leaves
            "cause": None if causes is None else [*causes],
            "service": _name_matchers(scope, "services", self.services, "service"),
            "cluster": _name_matchers(scope, "clusters", self.clusters, "cluster"),
            "account": validate_accounts("source_accounts", self.source_accounts),
        }
        return {key: each for key, each in conditions.items() if each is not None}


# Agents of instances that stay in the cluster.
DISCONNECTED_AGENTS = RequiredEvents([EventType.CONTAINER_INSTANCE_STATE_CHANGE], are_away=True)


def failures(
    event_types: Sequence[EventType | str] | None,
    causes: Sequence[Cause | str] | None,
    services: Sequence[str | ecs.IService] | None,
) -> RequiredEvents:
    """Return the events that a notification of failures is about, and refuse contradictions."""
    members = None if causes is None else validate_members("causes", causes, Cause)
    refuse_successes(
        "causes", members or (), "the notification is about failures", "Use on_task_stopped."
    )
    if event_types is None:
        have_service = services is not None
        return RequiredEvents(causes=members, only_failures=True, have_service=have_service)
    names = validate_members("event_types", event_types, EventType)
    refuse_tokens("event_types", names, EventType)
    types = [EventType(each) for each in names]
    for prop, is_given, lacking in (
        ("causes", causes is not None, lack_cause(types)),
        ("services", services is not None, lack_service(types)),
    ):
        if is_given and lacking:
            raise ValueError(
                f"{prop} cannot be used with event_types {', '.join(lacking)}: events of these "
                f"types lack the field. Leave out {prop}, or add a second notification for these "
                "types."
            )
    return RequiredEvents(types, causes=members, only_failures=True)


def stopped_tasks(causes: Sequence[Cause | str] | None) -> RequiredEvents:
    """Return the tasks that a notification of stopped tasks is about."""
    members = None if causes is None else validate_members("causes", causes, Cause)
    return RequiredEvents([_TASK], causes=members)


def create_notification_rule(
    scope: Construct,
    id: str,
    function: lambda_.IFunction,
    wanted: NotificationFilter,
    target: events.IRuleTarget | None,
    own_queue: sqs.IQueue,
) -> events.Rule:
    """Create the rule that matches the wanted records.

    ``own_queue`` is the logger's dead-letter queue, which is not for messages.
    """
    if target is not None:
        _check_target(scope, target)
    detail = {
        "requestContext": {"functionArn": [f"{function.function_arn}:$LATEST"]},
        "responsePayload": wanted.pattern(scope),
    }
    check_wildcards(detail)
    record_target = None if target is None else _RecordTarget(target)
    rule = events.Rule(
        scope,
        id,
        description="Notifies of ECS events (ecs-task-event-logger)",
        event_pattern=events.EventPattern(
            source=["lambda"],
            detail_type=["Lambda Function Invocation Result - Success"],
            detail=detail,
        ),
        targets=None if record_target is None else [record_target],
    )
    if record_target is not None:
        record_target.check_delivery(rule, own_queue)
    add_limit_validation(rule)
    rule.node.add_validation(_ReachableTargets(rule))
    return rule


def _name_matchers(scope: Construct, prop: str, values: Any, kind: str) -> list[Any] | None:
    names = validate_name_patterns(scope, prop, values, kind)
    return None if names is None else any_of("", names)


def _check_target(scope: Construct, target: Any) -> None:
    if isinstance(target, events.RuleTargetInput):
        raise TypeError(
            "target is a message, which needs a target to go to. Write targets.SnsTopic(topic, "
            "message=…) with it, for example, or SlackWebhook(url=…), which has its own message."
        )
    if isinstance(target, type):
        raise TypeError(f"target is the class {target.__name__}. Write {target.__name__}(…).")
    validate_resource(
        "target",
        target,
        "bind",
        "an events.IRuleTarget",
        _target_meant(target),
    )
    if isinstance(target, targets.EventBus | targets.CloudWatchLogGroup):
        raise ValueError(
            f"target is {type(target).__name__}, which receives whole events only, with overrides "
            "in clear text. Use another target, or add this one to the rule yourself."
        )
    if isinstance(target, Webhook):
        check_webhook(target, scope)


def _target_meant(target: Any) -> str:
    """Return the line to write for what was given instead of a target."""
    if isinstance(target, str | SecretValue):
        return (
            "Write SlackWebhook(url=SecretValue.secrets_manager('NAME')), for example, with the "
            "URL in a secret, or TeamsWebhook in the same way."
        )
    kinds = {"queue_arn": "SqsQueue(queue)", "function_arn": "LambdaFunction(function)"}
    written = next((kinds[name] for name in kinds if hasattr(target, name)), "SnsTopic(topic)")
    return f"Write targets.{written}, for example, with aws_cdk.aws_events_targets."


@jsii.implements(events.IRuleTarget)
class _RecordTarget:
    """A target that receives the record, unless it has an input of its own."""

    def __init__(self, target: events.IRuleTarget) -> None:
        """Keep the target."""
        self._target = target
        self._arns: list[str | None] = [None, None]

    def bind(self, rule: Any, id: str | None = None) -> events.RuleTargetConfig:
        """Return the target's configuration with an input."""
        config = self._target.bind(rule, id)
        dead_letters = config.dead_letter_config
        self._arns = [config.arn, None if dead_letters is None else dead_letters.arn]
        if config.input is not None:
            return config
        return events.RuleTargetConfig(**{**config._values, "input": FailureMessage.record()})

    def check_delivery(self, rule: events.Rule, own_queue: sqs.IQueue) -> None:
        """Check that a rule can send to the target, and to the target's dead-letter queue."""
        stack, (_, dead_letters) = Stack.of(rule), self._arns
        own_arn = stack.resolve(own_queue.queue_arn)
        if dead_letters is not None and stack.resolve(dead_letters) == own_arn:
            raise ValueError(
                f"dead_letter_queue {own_queue.node.path} of the target is the logger's own. A "
                "redrive would read its messages as events. Use another queue."
            )
        for arn in self._arns:
            resource = resource_behind(arn)
            if resource is None:
                continue
            if has_aws_managed_key(resource):
                raise ValueError(
                    f"target {path_of(resource)} is encrypted with an AWS managed key, which "
                    "EventBridge may not use. Use your own key, or leave out the key."
                )
            refuse_missing_env(rule, "target", resource, cast(str, arn))


@jsii.implements(IValidation)
class _ReachableTargets:
    """Reports targets that EventBridge cannot reach, also those that were added later."""

    def __init__(self, rule: events.Rule) -> None:
        """Keep the rule for synthesis."""
        self._rule = rule

    def validate(self) -> list[str]:
        """Return the problems."""
        stack = Stack.of(self._rule)
        resource = cast(events.CfnRule, self._rule.node.default_child)
        used = json.dumps(stack.resolve(resource.targets))
        if "Fn::GetAtt" not in used and "Ref" not in used:
            return []
        return [
            f"The target {path_of(child)} is encrypted with an AWS managed key, which EventBridge "
            "may not use. Use your own key, or leave out the key."
            for child in stack.node.find_all()
            if isinstance(child, CfnResource)
            and has_aws_managed_key(child)
            and f'"{stack.get_logical_id(child)}"' in used
        ]
