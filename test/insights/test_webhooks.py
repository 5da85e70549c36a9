"""Webhooks of Slack and Teams as targets: their resources, and how their URL stays secret."""

import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import SecretValue
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from aws_cdk.assertions import Annotations, Match, Template

from ecs_task_event_logger import EcsTaskEventLogger, SlackWebhook, TeamsWebhook
from templates import only

Webhook = type[SlackWebhook] | type[TeamsWebhook]
BOTH = pytest.mark.parametrize("webhook", [SlackWebhook, TeamsWebhook])
SECRET_URL = "https://hooks.example/T000/B000/hunter2"


def url() -> SecretValue:
    return SecretValue.secrets_manager("chat-webhook")


@BOTH
def test_one_statement_creates_connection_and_destination(
    stack: cdk.Stack, log: EcsTaskEventLogger, webhook: Webhook
) -> None:
    log.on_failure("Chat", target=webhook(url=url()))
    template = Template.from_stack(stack)
    destination = only(template, "AWS::Events::ApiDestination")
    assert destination["InvocationEndpoint"] == (
        "{{resolve:secretsmanager:chat-webhook:SecretString:::}}"
    )
    assert destination["HttpMethod"] == "POST"
    assert destination["InvocationRateLimitPerSecond"] == 1
    template.resource_count_is("AWS::Events::Connection", 1)
    template.resource_count_is("AWS::IAM::Policy", 0)


@BOTH
def test_role_may_only_invoke_the_destination(
    stack: cdk.Stack, log: EcsTaskEventLogger, webhook: Webhook
) -> None:
    log.on_failure("Chat", target=webhook(url=url()))
    template = Template.from_stack(stack)
    (destination,) = template.find_resources("AWS::Events::ApiDestination")
    policies = template.find_resources("AWS::IAM::ManagedPolicy").values()
    documents = [each["Properties"]["PolicyDocument"]["Statement"] for each in policies]
    assert [
        {
            "Effect": "Allow",
            "Action": "events:InvokeApiDestination",
            "Resource": {"Fn::GetAtt": [destination, "Arn"]},
        }
    ] in documents


@pytest.mark.parametrize(
    ("webhook", "words"), [(SlackWebhook, '"blocks"'), (TeamsWebhook, '"AdaptiveCard"')]
)
def test_sends_the_message_of_its_chat(
    stack: cdk.Stack, log: EcsTaskEventLogger, webhook: Webhook, words: str
) -> None:
    queue = sqs.Queue(stack, "Unsent")
    target = webhook(url=url(), environment_name="production", dead_letter_queue=queue)
    log.on_failure("Chat", target=target)
    rules = Template.from_stack(stack).find_resources("AWS::Events::Rule").values()
    (sent,) = (
        target
        for rule in rules
        for target in rule["Properties"]["Targets"]
        if "InputTransformer" in target
    )
    assert words in sent["InputTransformer"]["InputTemplate"]
    assert "[production] " in sent["InputTransformer"]["InputTemplate"]
    assert sent["DeadLetterConfig"] == {"Arn": stack.resolve(queue.queue_arn)}


def test_two_notifications_may_share_a_webhook(stack: cdk.Stack, log: EcsTaskEventLogger) -> None:
    slack = SlackWebhook(url=url())
    log.on_failure("Failed", target=slack)
    log.on_task_stopped("Stopped", target=slack)
    template = Template.from_stack(stack)
    template.resource_count_is("AWS::Events::Rule", 3)
    template.resource_count_is("AWS::Events::ApiDestination", 2)


@pytest.mark.parametrize(
    "secret",
    [
        lambda stack: SecretValue.secrets_manager("chat", json_field="url", version_id="1"),
        lambda stack: SecretValue.secrets_manager("prod/slack/http-webhook"),
        lambda stack: secretsmanager.Secret.from_secret_name_v2(stack, "S", "chat").secret_value,
        lambda stack: SecretValue.cfn_parameter(cdk.CfnParameter(stack, "Url", no_echo=True)),
    ],
)
def test_accepts_every_kind_of_secret_that_cloudformation_reads(
    stack: cdk.Stack, log: EcsTaskEventLogger, secret: Any
) -> None:
    log.on_failure("Chat", target=SlackWebhook(url=secret(stack)))
    only(Template.from_stack(stack), "AWS::Events::ApiDestination")


@BOTH
@pytest.mark.parametrize(
    ("secret", "error", "message"),
    [
        (SECRET_URL, TypeError, "url must be a SecretValue, got a str. Store the URL in Secrets"),
        (None, TypeError, "url must be a SecretValue, got a NoneType"),
        (
            SecretValue.unsafe_plain_text(SECRET_URL),
            ValueError,
            "url is in clear text, which the template would show. Store the URL in Secrets Manager",
        ),
    ],
)
def test_rejects_a_url_in_clear_text_without_showing_it(
    webhook: Webhook, secret: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message) as raised:
        webhook(url=secret)
    assert "hunter2" not in str(raised.value)


@BOTH
@pytest.mark.parametrize(
    ("secret", "message"),
    [
        (
            lambda stack: SecretValue.unsafe_plain_text(f"{SECRET_URL}/{stack.stack_id}"),
            "url holds clear text, which the template would show. Store the URL in Secrets",
        ),
        (
            lambda stack: SecretValue.unsafe_plain_text(f"hooks.example/hunter2{stack.stack_id}"),
            "url holds clear text",
        ),
        (
            lambda stack: SecretValue.ssm_secure("/chat/url"),
            "url is a secure string of Systems Manager, which CloudFormation does not read",
        ),
    ],
)
def test_rejects_what_the_template_would_show_or_cannot_read(
    stack: cdk.Stack, log: EcsTaskEventLogger, webhook: Webhook, secret: Any, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        log.on_failure("Chat", target=webhook(url=secret(stack)))


@BOTH
def test_rejects_a_region_without_api_destinations(webhook: Webhook) -> None:
    govcloud = cdk.Environment(account="111122223333", region="us-gov-west-1")
    stack = cdk.Stack(cdk.App(), "Stack", env=govcloud)
    log = EcsTaskEventLogger.for_all_clusters(stack, "Log")
    with pytest.raises(
        ValueError, match=r"which us-gov-west-1 does not have\. Send FailureMessage\.chatbot"
    ):
        log.on_failure("Chat", target=webhook(url=url()))


@BOTH
def test_rejects_a_queue_that_eventbridge_cannot_use(
    stack: cdk.Stack, log: EcsTaskEventLogger, webhook: Webhook
) -> None:
    fifo = sqs.Queue(stack, "Fifo", fifo=True)
    with pytest.raises(ValueError, match="dead_letter_queue Stack/Fifo is a FIFO queue"):
        log.on_failure("Fifo", target=webhook(url=url(), dead_letter_queue=fifo))
    topic: Any = sns.Topic(stack, "Topic")
    with pytest.raises(TypeError, match=r"dead_letter_queue must be an sqs\.IQueue, got the con"):
        log.on_failure("Topic", target=webhook(url=url(), dead_letter_queue=topic))


@BOTH
def test_rule_may_send_to_a_queue_of_another_stack(webhook: Webhook) -> None:
    app = cdk.App()
    shop, ops = cdk.Stack(app, "Shop"), cdk.Stack(app, "Ops")
    queue = sqs.Queue(ops, "Unsent", encryption_master_key=kms.Key(ops, "Key"))
    log = EcsTaskEventLogger.for_all_clusters(shop, "Log")
    log.on_failure("Chat", target=webhook(url=url(), dead_letter_queue=queue))
    template = Template.from_stack(ops)
    Template.from_stack(shop)
    for resource_type in ("AWS::SQS::QueuePolicy", "AWS::KMS::Key"):
        assert "events.amazonaws.com" in str(only(template, resource_type))


@BOTH
def test_imported_queue_warns_of_the_missing_statement(
    stack: cdk.Stack, log: EcsTaskEventLogger, webhook: Webhook
) -> None:
    arn = "arn:aws:sqs:eu-west-1:111122223333:unsent"
    queue = sqs.Queue.from_queue_arn(stack, "Imported", arn)
    log.on_failure("Chat", target=webhook(url=url(), dead_letter_queue=queue))
    Annotations.from_stack(stack).has_warning(
        "*", Match.string_like_regexp("dead_letter_queue Stack/Imported is imported")
    )


@BOTH
def test_webhook_that_is_added_to_the_rule_is_checked_too(
    log: EcsTaskEventLogger, webhook: Webhook
) -> None:
    rule = log.on_failure("Chat")
    clear = SecretValue.unsafe_plain_text(f"{SECRET_URL}/{cdk.Aws.STACK_ID}")
    with pytest.raises(RuntimeError, match="url holds clear text"):
        rule.add_target(webhook(url=clear))


@BOTH
def test_rejects_the_loggers_own_queue(log: EcsTaskEventLogger, webhook: Webhook) -> None:
    target = webhook(url=url(), dead_letter_queue=log.dead_letter_queue)
    with pytest.raises(ValueError, match=r"Stack/Log/DeadLetterQueue of the target is the logger"):
        log.on_failure("Chat", target=target)


def test_no_target_may_use_the_loggers_own_queue(stack: cdk.Stack, log: EcsTaskEventLogger) -> None:
    topic = sns.Topic(stack, "Topic")
    target = targets.SnsTopic(topic, dead_letter_queue=log.dead_letter_queue)
    with pytest.raises(ValueError, match="A redrive would read its messages as events"):
        log.on_failure("Tell", target=target)


def test_template_has_no_other_value_of_the_url(stack: cdk.Stack, log: EcsTaskEventLogger) -> None:
    log.on_failure("Chat", target=SlackWebhook(url=url()))
    text = json.dumps(Template.from_stack(stack).to_json())
    assert text.count("chat-webhook") == 1
