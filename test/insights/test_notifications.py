"""Notifications: what is added for them, and what their rules listen to."""

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import Duration
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from aws_cdk.assertions import Template

from ecs_task_event_logger import Cause, EcsTaskEventLogger, TaskMessage
from templates import arn_of, only


def rule_of(stack: cdk.Stack, start: str) -> Any:
    """Return the properties of the rule whose logical ID starts so."""
    rules = Template.from_stack(stack).find_resources("AWS::Events::Rule")
    (found,) = [each["Properties"] for name, each in rules.items() if name.startswith(start)]
    return found


def pattern_of(stack: cdk.Stack, notification: str) -> Any:
    return rule_of(stack, f"LogNotifications{notification}")["EventPattern"]


def default_bus(stack: cdk.Stack) -> Any:
    return stack.resolve(
        stack.format_arn(service="events", resource="event-bus", resource_name="default")
    )


def test_nothing_is_made_before_it_is_asked_for(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    EcsTaskEventLogger(stack, "Log", cluster=cluster)
    template = Template.from_stack(stack)
    template.resource_count_is("AWS::Lambda::EventInvokeConfig", 0)
    template.resource_count_is("AWS::Events::Rule", 1)


def test_the_first_one_sends_records_to_the_default_bus_and_the_others_use_that(
    stack: cdk.Stack, cluster: ecs.ICluster
) -> None:
    log = EcsTaskEventLogger(stack, "Log", cluster=cluster)
    log.on_task_failure("Failed")
    log.on_task_stopped("Stopped")
    template = Template.from_stack(stack)
    config = only(template, "AWS::Lambda::EventInvokeConfig")
    assert config["DestinationConfig"] == {"OnSuccess": {"Destination": default_bus(stack)}}
    assert config["Qualifier"] == "$LATEST"
    statements = only(template, "AWS::IAM::ManagedPolicy")["PolicyDocument"]["Statement"]
    assert statements[2:] == [
        {"Effect": "Allow", "Action": "events:PutEvents", "Resource": default_bus(stack)}
    ]
    template.resource_count_is("AWS::Events::Rule", 3)


def test_what_lambda_was_told_of_retries_it_is_told_still(
    stack: cdk.Stack, cluster: ecs.ICluster
) -> None:
    log = EcsTaskEventLogger(
        stack, "Log", cluster=cluster, max_event_age=Duration.hours(1), retry_attempts=1
    )
    log.on_task_failure("Failed")
    config = only(Template.from_stack(stack), "AWS::Lambda::EventInvokeConfig")
    assert (config["MaximumEventAgeInSeconds"], config["MaximumRetryAttempts"]) == (3600, 1)
    assert "OnSuccess" in config["DestinationConfig"]


def test_a_failure_is_the_record_of_a_stopped_task_that_says_so_from_this_function(
    stack: cdk.Stack, cluster: ecs.ICluster
) -> None:
    log = EcsTaskEventLogger(stack, "Log", cluster=cluster)
    log.on_task_failure("Failed")
    function = arn_of(Template.from_stack(stack), "AWS::Lambda::Function")
    assert pattern_of(stack, "Failed") == {
        "source": ["lambda"],
        "detail-type": ["Lambda Function Invocation Result - Success"],
        "detail": {
            "requestContext": {"functionArn": [{"Fn::Join": ["", [function, ":$LATEST"]]}]},
            "responsePayload": {"lastStatus": ["STOPPED"], "failed": [True]},
        },
    }


def test_causes_and_services_narrow_it_down(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    log = EcsTaskEventLogger(stack, "Log", cluster=cluster)
    log.on_task_stopped(
        "Stopped", causes=[Cause.IMAGE_PULL, "SECRETS"], services=["web", "shop-*", "*-api"]
    )
    assert pattern_of(stack, "Stopped")["detail"]["responsePayload"] == {
        "lastStatus": ["STOPPED"],
        "cause": ["IMAGE_PULL", "SECRETS"],
        "service": ["web", {"prefix": "shop-"}, {"wildcard": "*-api"}],
    }


@pytest.mark.parametrize(
    ("props", "message"),
    [
        ({"causes": ["OOM"]}, "causes holds 'OOM', which is none of: IMAGE_PULL"),
        ({"causes": []}, "causes is an empty list"),
        ({"services": ["arn:aws:ecs"]}, "services holds 'arn:aws:ecs', which is no name"),
        (
            {"causes": ["COMPLETED"]},
            "causes holds COMPLETED, with which no task fails",
        ),
    ],
)
def test_what_cannot_be_listened_to_is_refused(
    stack: cdk.Stack, cluster: ecs.ICluster, props: Any, message: str
) -> None:
    log = EcsTaskEventLogger(stack, "Log", cluster=cluster)
    with pytest.raises(ValueError, match=message):
        log.on_task_failure("Failed", **props)


def test_a_target_is_told_in_words(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    log = EcsTaskEventLogger(stack, "Log", cluster=cluster)
    topic = sns.Topic(stack, "Topic")
    rule = log.on_task_failure("Failed", target=targets.SnsTopic(topic, message=TaskMessage.text()))
    rule.add_target(targets.SnsTopic(topic, message=TaskMessage.slack()))
    rule.add_target(targets.SnsTopic(topic, message=TaskMessage.chatbot()))
    rendered = rule_of(stack, "LogNotificationsFailed")["Targets"]
    text, slack, chatbot = (each["InputTransformer"] for each in rendered)
    paths = set(text["InputPathsMap"].values()) | set(chatbot["InputPathsMap"].values())
    assert paths == {
        f"$.detail.responsePayload.{key}" for key in ("message", "remedy", "cluster", "taskId")
    }
    sentence = "<detail-responsePayload-message>. <detail-responsePayload-remedy>"
    assert text["InputTemplate"] == f'"{sentence}"'
    assert slack["InputTemplate"] == f'{{"text":"{sentence}"}}'
    assert chatbot["InputTemplate"].startswith('{"version":"1.0","source":"custom","content":{')


def test_a_target_without_words_of_its_own_is_given_the_record_and_no_more(
    stack: cdk.Stack, cluster: ecs.ICluster
) -> None:
    log = EcsTaskEventLogger(stack, "Log", cluster=cluster)
    log.on_task_failure("Failed", target=targets.SnsTopic(sns.Topic(stack, "Topic")))
    (target,) = rule_of(stack, "LogNotificationsFailed")["Targets"]
    assert target["InputPath"] == "$.detail.responsePayload"


def test_what_is_no_target_is_refused_with_the_way_out(
    stack: cdk.Stack, cluster: ecs.ICluster
) -> None:
    log = EcsTaskEventLogger(stack, "Log", cluster=cluster)
    topic: Any = sns.Topic(stack, "Topic")
    with pytest.raises(TypeError, match=r"must be an events\.IRuleTarget.*targets\.SnsTopic"):
        log.on_task_failure("Failed", target=topic)


def test_a_pattern_that_is_too_long_is_an_error_at_synthesis(
    stack: cdk.Stack, cluster: ecs.ICluster
) -> None:
    log = EcsTaskEventLogger(stack, "Log", cluster=cluster)
    log.on_task_failure("Failed", services=[f"service-{number:030}" for number in range(120)])
    with pytest.raises(RuntimeError, match="Shorten services or causes"):
        Template.from_stack(stack)


def test_lambda_cannot_be_told_by_somebody_else_too(
    stack: cdk.Stack, cluster: ecs.ICluster
) -> None:
    log = EcsTaskEventLogger(stack, "Log", cluster=cluster)
    log.on_task_failure("Failed")
    log.function.configure_async_invoke(retry_attempts=1)
    with pytest.raises(RuntimeError, match="use max_event_age, retry_attempts, on_task_failure"):
        Template.from_stack(stack)


def test_what_is_not_logged_cannot_be_told(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    log = EcsTaskEventLogger(stack, "Log", cluster=cluster, statuses=["RUNNING"])
    with pytest.raises(ValueError, match="needs events of status STOPPED, which statuses leaves"):
        log.on_task_stopped("Stopped")


def test_whatever_else_a_target_says_is_left_as_it_is(
    stack: cdk.Stack, cluster: ecs.ICluster
) -> None:
    connection = events.Connection(
        stack,
        "Connection",
        authorization=events.Authorization.api_key("key", cdk.SecretValue.unsafe_plain_text("x")),
    )
    destination = events.ApiDestination(
        stack, "Webhook", connection=connection, endpoint="https://example.com"
    )
    queue = sqs.Queue(stack, "Dead")

    def target() -> events.IRuleTarget:
        return targets.ApiDestination(
            destination,
            dead_letter_queue=queue,
            header_parameters={"X": "1"},
            retry_attempts=3,
            max_event_age=Duration.hours(1),
        )

    EcsTaskEventLogger(stack, "Log", cluster=cluster).on_task_failure("Failed", target=target())
    plain = events.EventPattern(source=["aws.ecs"])
    events.Rule(stack, "Plain", event_pattern=plain, targets=[target()])
    ours, expected = (
        rule_of(stack, start)["Targets"][0] for start in ("LogNotifications", "Plain")
    )
    assert ours.pop("InputPath") == "$.detail.responsePayload"
    assert ours == expected
    assert ours["RetryPolicy"] == {"MaximumRetryAttempts": 3, "MaximumEventAgeInSeconds": 3600}


def test_targets_that_take_whole_events_only_are_refused(
    stack: cdk.Stack, cluster: ecs.ICluster
) -> None:
    log = EcsTaskEventLogger(stack, "Log", cluster=cluster)
    bus = targets.EventBus(events.EventBus(stack, "Bus"))
    log_group = targets.CloudWatchLogGroup(logs.LogGroup(stack, "LogGroup"))
    for target in (bus, log_group):
        with pytest.raises(ValueError, match=f"{type(target).__name__}, which cannot be given"):
            log.on_task_failure("Failed", target=target)
