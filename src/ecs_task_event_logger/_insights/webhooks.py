"""Targets that post messages in chats, each by the webhook of a channel."""

from typing import Any

import jsii
from aws_cdk import SecretValue
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from .._common.references import holds_token
from .._common.roles import allow, create_policy, create_role
from .messages import FailureMessage

# Slack accepts one message a second in a channel. Teams accepts a few more.
_MESSAGES_A_SECOND = 1
_INSTEAD = "Store the URL in Secrets Manager, and write SecretValue.secrets_manager('NAME')."


class _Webhook:
    """A webhook as the target of a notification."""

    def __init__(
        self,
        url: SecretValue,
        message: events.RuleTargetInput,
        dead_letter_queue: sqs.IQueue | None,
    ) -> None:
        self._url = _validate_url(url)
        self._message = message
        self._dead_letter_queue = dead_letter_queue

    def bind(self, rule: Any, id: str | None = None) -> events.RuleTargetConfig:
        """Create the resources below the rule, and return the target's configuration."""
        scope = Construct(rule, f"Webhook{id or ''}")
        destination = events.ApiDestination(
            scope,
            "Destination",
            endpoint=self._url,
            rate_limit_per_second=_MESSAGES_A_SECOND,
            connection=_create_connection(scope),
        )
        invoke = allow(["events:InvokeApiDestination"], [destination.api_destination_arn])
        policy = create_policy(scope, "Where the rule may send messages", [invoke])
        target = targets.ApiDestination(
            destination,
            event=self._message,
            # CDK would add an inline policy to the role.
            event_role=create_role(scope, policy, "events.amazonaws.com").without_policy_updates(),
            dead_letter_queue=self._dead_letter_queue,
        )
        return target.bind(rule, id)


@jsii.implements(events.IRuleTarget)
class SlackWebhook(_Webhook):
    """A channel of Slack as the target of a notification, by its incoming webhook.

    ```python
    log.on_failure(
        "Slack", target=SlackWebhook(url=SecretValue.secrets_manager("slack-webhook"))
    )
    ```

    For each notification it creates a connection and an API destination of EventBridge
    (``AWS::Events::Connection``, ``AWS::Events::ApiDestination``), and a role that may only invoke
    that destination (``AWS::IAM::Role``, ``AWS::IAM::ManagedPolicy``). The resources are free. A
    million messages cost $0.20 (in US East in November 2026).

    The URL is in no template: CloudFormation reads the secret when it creates the destination.
    Everyone who may call ``events:DescribeApiDestination`` can read the URL. CloudFormation does
    not notice a new value of the secret. Pass its ``version_id`` to deploy it.

    EventBridge sends one message a second, as Slack allows, and tries for 24 hours.
    """

    def __init__(
        self,
        *,
        url: SecretValue,
        environment_name: str | None = None,
        dead_letter_queue: sqs.IQueue | None = None,
    ) -> None:
        """Prepare the target. It creates its resources when a notification uses it.

        Args:
            url: The URL of an incoming webhook, as a secret of Secrets Manager or as a parameter
                with ``no_echo``. CloudFormation reads no secure strings of Systems Manager here.
                Source: Slack's documentation,
                <https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks>.
            environment_name: A name for the account or stage, as for ``FailureMessage.text``. By
                default messages have the account's ID and the region only.
            dead_letter_queue: The queue for messages that Slack did not accept for 24 hours. It
                must not be the logger's own. By default they are lost; the lines are in the log.

        Raises:
            TypeError: If ``url`` is not a ``SecretValue``, or ``environment_name`` is not a string.
            ValueError: If ``url`` is in clear text, or ``environment_name`` is not accepted.
        """
        message = FailureMessage.slack(environment_name=environment_name)
        super().__init__(url, message, dead_letter_queue)


@jsii.implements(events.IRuleTarget)
class TeamsWebhook(_Webhook):
    """A channel of Microsoft Teams as the target of a notification, by a webhook of Workflows.

    ```python
    log.on_failure(
        "Teams", target=TeamsWebhook(url=SecretValue.secrets_manager("teams-webhook"))
    )
    ```

    It creates the same resources as ``SlackWebhook``, at the same price, and its URL is as safe.
    """

    def __init__(
        self,
        *,
        url: SecretValue,
        environment_name: str | None = None,
        dead_letter_queue: sqs.IQueue | None = None,
    ) -> None:
        """Prepare the target. It creates its resources when a notification uses it.

        Args:
            url: The URL of a workflow that begins with "When a Teams webhook request is received",
                as for ``SlackWebhook``. Source: Microsoft's documentation,
                <https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook>.
            environment_name: As for ``SlackWebhook``.
            dead_letter_queue: As for ``SlackWebhook``.

        Raises:
            TypeError, ValueError: As ``SlackWebhook`` does.
        """
        message = FailureMessage.teams(environment_name=environment_name)
        super().__init__(url, message, dead_letter_queue)


def _create_connection(scope: Construct) -> events.Connection:
    """Create the connection that EventBridge requires. The URL itself is the credential."""
    not_used = events.Authorization.api_key("X-Not-Used", SecretValue.unsafe_plain_text("not used"))
    return events.Connection(scope, "Connection", authorization=not_used)


def _validate_url(url: Any) -> str:
    """Return the reference to the secret with the URL. Errors must not show the URL."""
    if not isinstance(url, SecretValue):
        raise TypeError(f"url must be a SecretValue, got a {type(url).__name__}. {_INSTEAD}")
    reference = url.unsafe_unwrap()
    if not holds_token(reference):
        raise ValueError(f"url is in clear text, which the template would show. {_INSTEAD}")
    return reference
