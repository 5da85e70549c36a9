"""Notifications: the finished record of a stopped task, sent to an EventBridge target.

Lambda puts the function's return value on the default event bus, as an event of its own. A rule
there sends the wanted records to a target.
"""

import json
from collections.abc import Sequence
from typing import Any, cast

import jsii
from aws_cdk import CfnResource, Stack
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from constructs import Construct, IValidation

from .._common.environment import refuse_missing_env
from .._common.references import has_aws_managed_key, path_of, resource_behind
from .._common.validation import validate_members, validate_resource
from .._rules.central_bus import validate_accounts
from .._rules.event_filter import refuse_successes
from .._rules.event_pattern import any_of, validate_name_patterns
from .._rules.pattern_limits import add_limit_validation, check_wildcards
from .._rules.required_tasks import RequiredTasks
from ..handler.task_events.cause import Cause
from ..handler.task_events.filters import FAILURE_LEVEL

_RECORD = "$.detail.responsePayload"


class TaskMessage:
    """Messages about a stopped task, for the targets of notifications.

    ```python
    log.on_task_failure(
        "Tell", target=targets.SnsTopic(topic, message=TaskMessage.text())
    )
    ```

    Each field of the record is at ``$.detail.responsePayload`` of the event, for example
    ``events.EventField.from_path("$.detail.responsePayload.taskId")``.
    """

    @staticmethod
    def record() -> events.RuleTargetInput:
        """Return the whole record, as it is in the log.

        This is the default for the ``target`` of a notification. A target that you add to the rule
        yourself gets Lambda's whole event by default. That event holds the ECS event with the
        environment and the commands of overrides in clear text.
        """
        return events.RuleTargetInput.from_event_path(_RECORD)

    @staticmethod
    def text() -> events.RuleTargetInput:
        """Return plain text: what happened, and what to check first."""
        return events.RuleTargetInput.from_text(_sentence())

    @staticmethod
    def slack() -> events.RuleTargetInput:
        """Return a message for Slack's incoming webhooks: ``{"text": "…"}``.

        Source: Slack's documentation,
        <https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks>.
        """
        return events.RuleTargetInput.from_object({"text": _sentence()})

    @staticmethod
    def chatbot() -> events.RuleTargetInput:
        """Return a custom notification for Amazon Q Developer in chat applications (AWS Chatbot).

        The target is an SNS topic with a chat channel as a subscriber.

        Source: AWS documentation,
        <https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html>.
        """
        return events.RuleTargetInput.from_object(
            {
                "version": "1.0",
                "source": "custom",
                "content": {
                    "textType": "client-markdown",
                    "title": _field("message"),
                    "description": f"Cluster {_field('cluster')}, task {_field('taskId')}. "
                    f"{_field('remedy')}",
                },
            }
        )


def _sentence() -> str:
    return f"{_field('message')}. {_field('remedy')}"


def _field(name: str) -> str:
    return events.EventField.from_path(f"{_RECORD}.{name}")


def required_tasks(only_failures: bool, causes: Sequence[Cause | str] | None) -> RequiredTasks:
    """Return the tasks that a notification is about."""
    members = None if causes is None else validate_members("causes", causes, Cause)
    if only_failures:
        refuse_successes(
            "causes", members or (), "on_task_failure reports failures", "Use on_task_stopped."
        )
    return RequiredTasks("STOPPED", members, only_failures)


def create_notification_rule(
    scope: Construct,
    id: str,
    function: lambda_.IFunction,
    tasks: RequiredTasks,
    *,
    target: events.IRuleTarget | None,
    services: Sequence[str | ecs.IService] | None,
    clusters: Sequence[str | ecs.ICluster] | None,
    source_accounts: Sequence[str] | None,
) -> events.Rule:
    """Create the rule that matches records of these tasks."""
    if target is not None:
        _check_target(target)
    wanted: dict[str, list[Any] | None] = {
        "lastStatus": [tasks.status],
        "level": [FAILURE_LEVEL] if tasks.only_failures else None,
        "cause": None if tasks.causes is None else [*tasks.causes],
        "service": _name_matchers(scope, "services", services, "service"),
        "cluster": _name_matchers(scope, "clusters", clusters, "cluster"),
        "account": validate_accounts("source_accounts", source_accounts),
    }
    detail = {
        "requestContext": {"functionArn": [f"{function.function_arn}:$LATEST"]},
        "responsePayload": {key: each for key, each in wanted.items() if each is not None},
    }
    check_wildcards(detail)
    record_target = None if target is None else _RecordTarget(target)
    rule = events.Rule(
        scope,
        id,
        description="Notifies of stopped ECS tasks (ecs-task-event-logger)",
        event_pattern=events.EventPattern(
            source=["lambda"],
            detail_type=["Lambda Function Invocation Result - Success"],
            detail=detail,
        ),
        targets=None if record_target is None else [record_target],
    )
    if record_target is not None:
        record_target.check_delivery(rule)
    add_limit_validation(rule)
    rule.node.add_validation(_ReachableTargets(rule))
    return rule


def _name_matchers(scope: Construct, prop: str, values: Any, kind: str) -> list[Any] | None:
    names = validate_name_patterns(scope, prop, values, kind)
    return None if names is None else any_of("", names)


def _check_target(target: Any) -> None:
    validate_resource(
        "target",
        target,
        "bind",
        "an events.IRuleTarget",
        "Write targets.SnsTopic(topic), for example, with aws_cdk.aws_events_targets.",
    )
    if isinstance(target, targets.EventBus | targets.CloudWatchLogGroup):
        raise ValueError(
            f"target is {type(target).__name__}, which receives whole events only, with overrides "
            "in clear text. Use another target, or add this one to the rule yourself."
        )


@jsii.implements(events.IRuleTarget)
class _RecordTarget:
    """A target that receives the record, unless it has an input of its own."""

    def __init__(self, target: events.IRuleTarget) -> None:
        """Keep the target."""
        self._target = target
        self._arns: list[str | None] = []

    def bind(self, rule: Any, id: str | None = None) -> events.RuleTargetConfig:
        """Return the target's configuration with an input."""
        config = self._target.bind(rule, id)
        dead_letters = config.dead_letter_config
        self._arns = [config.arn, None if dead_letters is None else dead_letters.arn]
        if config.input is not None:
            return config
        return events.RuleTargetConfig(**{**config._values, "input": TaskMessage.record()})

    def check_delivery(self, rule: events.Rule) -> None:
        """Check that a rule can send to the target, and to the target's dead-letter queue."""
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
