"""Targets that post messages in chats, each by the webhook of a channel."""

import re
from typing import Any

import jsii
from aws_cdk import SecretValue, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from .._common.encryption import allow_rules_to_encrypt
from .._common.queues import queue_of_a_target, validate_dead_letter_queue
from .._common.references import holds_token
from .._common.roles import allow, create_policy, create_role
from .messages import FailureMessage

# Slack accepts one message a second in a channel. Teams accepts a few more.
_MESSAGES_A_SECOND = 1
# https://docs.aws.amazon.com/govcloud-us/latest/UserGuide/govcloud-eventbridge.html
_WITHOUT_API_DESTINATIONS = ("us-gov-", "us-iso")
_INSTEAD = "Store the URL in Secrets Manager, and write SecretValue.secrets_manager('NAME')."


class Webhook:
    """A webhook as the target of a notification."""

    def __init__(
        self,
        url: SecretValue,
        message: events.RuleTargetInput,
        dead_letter_queue: sqs.IQueue | None,
    ) -> None:
        """Validate the URL.

        Args:
            url: The URL, as a secret.
            message: What to post.
            dead_letter_queue: The queue for messages that the chat did not accept, or None.
        """
        self._url = _validate_url(url)
        self._message = message
        self._dead_letter_queue = dead_letter_queue

    def bind(self, rule: Any, id: str | None = None) -> events.RuleTargetConfig:
        """Create the resources below the rule, and return the target's configuration."""
        check_webhook(self, rule)
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
        queue = self._dead_letter_queue
        if queue is not None:
            if queue.encryption_master_key is not None:
                allow_rules_to_encrypt(scope, queue.encryption_master_key)
            queue = queue_of_a_target(scope, queue)
        target = targets.ApiDestination(
            destination,
            event=self._message,
            # CDK would add an inline policy to the role.
            event_role=create_role(scope, policy, "events.amazonaws.com").without_policy_updates(),
            dead_letter_queue=queue,
        )
        return target.bind(rule, id)


def check_webhook(webhook: Webhook, scope: Construct) -> None:
    """Check that CloudFormation can create the resources in the stack of ``scope``."""
    stack = Stack.of(scope)
    if stack.region.startswith(_WITHOUT_API_DESTINATIONS):
        raise ValueError(
            f"{type(webhook).__name__} needs an API destination of EventBridge, which "
            f"{stack.region} does not have. Send FailureMessage.chatbot() to an SNS topic that "
            "Amazon Q Developer listens to, for example."
        )
    if "resolve:ssm-secure:" in str(stack.resolve(webhook._url)):
        raise ValueError(
            "url is a secure string of Systems Manager, which CloudFormation does not read for "
            f"an API destination. {_INSTEAD}"
        )
    if _clear_text(stack.resolve(webhook._url)):
        raise ValueError(f"url holds clear text, which the template would show. {_INSTEAD}")
    if webhook._dead_letter_queue is not None:
        validate_dead_letter_queue(scope, webhook._dead_letter_queue)


@jsii.implements(events.IRuleTarget)
class SlackWebhook(Webhook):
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
    Everyone who may call ``events:DescribeApiDestination`` or ``events:ListApiDestinations`` can
    read the URL. CloudFormation does not notice a new value of the secret. Pass its ``version_id``
    to deploy it.

    EventBridge sends one message a second, as Slack allows. If Slack is busy or does not answer, it
    tries for 24 hours. If Slack refuses a message, for example because the webhook was revoked, the
    message is lost at once, unless there is a ``dead_letter_queue``. AWS GovCloud (US) has no API
    destinations, and some new regions lack them at first.
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
                with ``no_echo``. The secret holds the URL itself, or name its ``json_field``.
                Source: Slack's documentation,
                <https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks>.
            environment_name: A name for the account or stage, as for ``FailureMessage.text``. By
                default messages have the account's ID and the region only.
            dead_letter_queue: The queue for messages that Slack did not accept. It must not be the
                logger's own, whose messages a redrive reads as events. By default these messages
                are lost. The lines are in the log.

        Raises:
            TypeError: If a value has the wrong type, such as a string as ``url``.
            ValueError: If ``url`` is in clear text, or ``environment_name`` is not accepted. A
                notification with this target raises it if the stack is in AWS GovCloud (US), if
                ``url`` is a secure string of Systems Manager, or if EventBridge cannot send to the
                queue.
        """
        message = FailureMessage.slack(environment_name=environment_name)
        super().__init__(url, message, dead_letter_queue)


@jsii.implements(events.IRuleTarget)
class TeamsWebhook(Webhook):
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


def _clear_text(resolved: Any) -> str:
    """Return the part of a value that a template shows, without its references."""
    if isinstance(resolved, dict):
        parts = resolved["Fn::Join"][1] if "Fn::Join" in resolved else []
        resolved = "".join(part for part in parts if isinstance(part, str))
    return re.sub(r"\{\{resolve:[^}]*\}\}", "", resolved)


def _validate_url(url: Any) -> str:
    """Return the reference to the secret with the URL. Errors must not show the URL."""
    if not isinstance(url, SecretValue):
        raise TypeError(f"url must be a SecretValue, got a {type(url).__name__}. {_INSTEAD}")
    reference = url.unsafe_unwrap()
    if not holds_token(reference):
        raise ValueError(f"url is in clear text, which the template would show. {_INSTEAD}")
    return reference
