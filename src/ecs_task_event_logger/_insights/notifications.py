"""Notifications: the finished record of a task that stopped, for whoever is to be told.

Lambda itself hands on what the function returns, to the default event bus, as an event of its own;
the function knows nothing of it. From there a rule takes what is asked for to any target.
"""

from collections.abc import Sequence
from typing import Any

import jsii
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from .._common.validation import checked_members, checked_resource
from .._rules.central_bus import checked_accounts
from .._rules.event_filter import NeededLines, refuse_never_failed
from .._rules.event_pattern import any_of, checked_patterns
from .._rules.pattern_validation import PatternLength
from ..handler.task_events.cause import Cause

_RECORD = "$.detail.responsePayload"


class TaskMessage:
    """What to tell people of a task that stopped: messages for targets of notifications.

    ```python
    log.on_task_failure(
        "Tell", target=targets.SnsTopic(topic, message=TaskMessage.text())
    )
    ```

    Any other field of the record is at ``$.detail.responsePayload`` of the event:
    ``events.EventField.from_path("$.detail.responsePayload.taskId")``.
    """

    @staticmethod
    def record() -> events.RuleTargetInput:
        """Return the whole record, as it is in the log.

        That is what targets are given that have no input of their own. Without it, a target that is
        added to the rule later is given all of Lambda's event, and in that the event of ECS, with
        the environment and the commands of overrides in clear text.
        """
        return events.RuleTargetInput.from_event_path(_RECORD)

    @staticmethod
    def text() -> events.RuleTargetInput:
        """Return plain text: what happened, and what to check first."""
        return events.RuleTargetInput.from_text(_sentence())

    @staticmethod
    def slack() -> events.RuleTargetInput:
        """Return what Slack's incoming webhooks take: ``{"text": "…"}``.

        Source: Slack's documentation,
        <https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks>.
        """
        return events.RuleTargetInput.from_object({"text": _sentence()})

    @staticmethod
    def chatbot() -> events.RuleTargetInput:
        """Return a custom notification of Amazon Q Developer in chat applications (AWS Chatbot).

        Its target is an SNS topic that a chat channel is subscribed to.

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


def lines_to_tell(
    only_failures: bool, causes: Sequence[Cause | str] | None, services: Sequence[str] | None
) -> NeededLines:
    """Return which tasks that stopped are to be told of.

    Raises:
        TypeError: If what must be a list is not one.
        ValueError: If a list is empty or holds what is not accepted.
    """
    members = None if causes is None else checked_members("causes", causes, Cause)
    if only_failures:
        refuse_never_failed("causes", members or (), "on_task_failure tells of failures")
    names = checked_patterns("services", services)
    return NeededLines("STOPPED", members, names, only_failures)


def make_notification_rule(
    scope: Construct,
    id: str,
    function: lambda_.IFunction,
    lines: NeededLines,
    *,
    clusters: Sequence[str] | None,
    source_accounts: Sequence[str] | None,
    target: events.IRuleTarget | None,
) -> events.Rule:
    """Make the rule that picks the records of tasks that stopped, as ``lines_to_tell`` says them.

    Raises:
        TypeError: If what must be a list is not one, or if the target is not a target.
        ValueError: If a list is empty or holds what is not accepted, or if the target cannot be
            given the record alone.
    """
    if target is not None:
        checked_resource(
            "target",
            target,
            "bind",
            "an events.IRuleTarget",
            "Write targets.SnsTopic(topic), for example, with aws_cdk.aws_events_targets.",
        )
        if isinstance(target, targets.EventBus | targets.CloudWatchLogGroup):
            raise ValueError(
                f"target is {type(target).__name__}, which cannot be given the record alone, but "
                "whole events only, with what RunTask was called with in clear text. Use another "
                "target, or add this one to the rule yourself."
            )
    record: dict[str, Any] = {"lastStatus": [lines.status]}
    if lines.only_failures:
        record["failed"] = [True]
    if lines.causes is not None:
        record["cause"] = lines.causes
    for key, names in (
        ("service", lines.services),
        ("cluster", checked_patterns("clusters", clusters)),
    ):
        if names is not None:
            record[key] = any_of("", names)
    if (accounts := checked_accounts("source_accounts", source_accounts)) is not None:
        record["account"] = accounts
    rule = events.Rule(
        scope,
        id,
        description="Tells of ECS tasks that stopped (ecs-task-event-logger)",
        event_pattern=events.EventPattern(
            source=["lambda"],
            detail_type=["Lambda Function Invocation Result - Success"],
            detail={
                "requestContext": {"functionArn": [f"{function.function_arn}:$LATEST"]},
                "responsePayload": record,
            },
        ),
        targets=None if target is None else [_RecordTarget(target)],
    )
    PatternLength(rule, record)
    return rule


@jsii.implements(events.IRuleTarget)
class _RecordTarget:
    """A target that is given the record alone, unless it has an input of its own."""

    def __init__(self, target: events.IRuleTarget) -> None:
        """Hold the target."""
        self._target = target

    def bind(self, rule: Any, id: str | None = None) -> events.RuleTargetConfig:
        """Return what the target's own says, with an input."""
        config = self._target.bind(rule, id)
        if config.input is not None:
            return config
        return events.RuleTargetConfig(**{**config._values, "input": TaskMessage.record()})
