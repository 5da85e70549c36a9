"""Notifications: the finished record of a task that stopped, for whoever is to be told.

Lambda itself hands on what the function returns, to the default event bus, as an event of its own;
the function knows nothing of it. From there a rule takes what is asked for to any target.
"""

from collections.abc import Sequence
from typing import Any

from aws_cdk import aws_events as events
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from .checks import checked_members
from .event_pattern import any_of, checked_patterns
from .function.task_events.cause import Cause

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
    def text() -> events.RuleTargetInput:
        """Return plain text: what happened, and what to check first."""
        return events.RuleTargetInput.from_text(_sentence())

    @staticmethod
    def slack() -> events.RuleTargetInput:
        """Return what Slack's incoming webhooks take: ``{"text": "…"}``.

        Source: `Slack's documentation
        <https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks>`_.
        """
        return events.RuleTargetInput.from_object({"text": _sentence()})

    @staticmethod
    def chatbot() -> events.RuleTargetInput:
        """Return a custom notification of Amazon Q Developer in chat applications (AWS Chatbot).

        Its target is an SNS topic that a chat channel is subscribed to.

        Source: `AWS documentation
        <https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html>`_.
        """
        return events.RuleTargetInput.from_object(
            {
                "version": "1.0",
                "source": "custom",
                "content": {
                    "textType": "client-markdown",
                    "title": _field("message"),
                    "description": f"{_field('remedy')} Cluster {_field('cluster')}, "
                    f"task {_field('taskId')}.",
                },
            }
        )


def _sentence() -> str:
    return f"{_field('message')}. {_field('remedy')}"


def _field(name: str) -> str:
    return events.EventField.from_path(f"{_RECORD}.{name}")


def make_notification_rule(
    scope: Construct,
    id: str,
    function: lambda_.IFunction,
    *,
    only_failures: bool,
    causes: Sequence[Cause | str] | None,
    services: Sequence[str] | None,
    target: events.IRuleTarget | None,
) -> events.Rule:
    """Make the rule that picks the records of tasks that stopped.

    Raises:
        TypeError: If what must be a list is none.
        ValueError: If a list is empty or holds what is not accepted.
    """
    record: dict[str, Any] = {"lastStatus": ["STOPPED"]}
    if only_failures:
        record["failed"] = [True]
    if causes is not None:
        record["cause"] = checked_members("causes", causes, Cause)
    if (names := checked_patterns("services", services)) is not None:
        record["service"] = any_of("", names)
    return events.Rule(
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
        targets=None if target is None else [target],
    )
