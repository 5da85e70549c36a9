"""Notifications: the resources that they add, and the patterns of their rules."""

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import Duration
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from aws_cdk.assertions import Template

from ecs_task_event_logger import (
    Cause,
    EcsTaskEventLogger,
    EventType,
    FailureMessage,
    SlackWebhook,
)
from templates import arn_of, generated_prefix, only


def rule_of(stack: cdk.Stack, start: str) -> Any:
    """Return the properties of the rule whose logical ID starts with a text."""
    rules = Template.from_stack(stack).find_resources("AWS::Events::Rule")
    (found,) = [each["Properties"] for name, each in rules.items() if name.startswith(start)]
    return found


def pattern_of(stack: cdk.Stack, notification: str) -> Any:
    return rule_of(stack, f"LogNotifications{notification}")["EventPattern"]


def default_bus(stack: cdk.Stack) -> Any:
    return stack.resolve(
        stack.format_arn(service="events", resource="event-bus", resource_name="default")
    )


def test_default_adds_nothing(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    EcsTaskEventLogger(stack, "Log", cluster=cluster)
    template = Template.from_stack(stack)
    template.resource_count_is("AWS::Lambda::EventInvokeConfig", 0)
    template.resource_count_is("AWS::Events::Rule", 1)


def test_first_notification_sends_records_to_the_default_bus(
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


def test_notification_keeps_the_retry_policy(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    log = EcsTaskEventLogger(
        stack, "Log", cluster=cluster, max_event_age=Duration.hours(1), retry_attempts=1
    )
    log.on_task_failure("Failed")
    config = only(Template.from_stack(stack), "AWS::Lambda::EventInvokeConfig")
    assert (config["MaximumEventAgeInSeconds"], config["MaximumRetryAttempts"]) == (3600, 1)
    assert "OnSuccess" in config["DestinationConfig"]


def test_failure_rule_matches_error_records_of_this_function(
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
            "responsePayload": {"lastStatus": ["STOPPED"], "level": ["ERROR"]},
        },
    }


def test_filters_by_causes_and_services(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    log = EcsTaskEventLogger(stack, "Log", cluster=cluster)
    log.on_task_stopped(
        "Stopped", causes=[Cause.IMAGE_PULL, "SECRETS"], services=["web", "shop-*", "*-api"]
    )
    assert pattern_of(stack, "Stopped")["detail"]["responsePayload"] == {
        "lastStatus": ["STOPPED"],
        "cause": ["IMAGE_PULL", "SECRETS"],
        "service": ["web", {"prefix": "shop-"}, {"wildcard": "*-api"}],
    }


def test_filters_by_constructs_of_services_and_clusters(
    stack: cdk.Stack, cluster: ecs.ICluster, service: ecs.FargateService
) -> None:
    own = ecs.Cluster(stack, "Own")
    log = EcsTaskEventLogger(stack, "Log", cluster=cluster)
    log.on_task_failure("Failed", services=[service, "api"], clusters=[own, cluster, "batch-*"])
    assert pattern_of(stack, "Failed")["detail"]["responsePayload"] == {
        "lastStatus": ["STOPPED"],
        "level": ["ERROR"],
        "service": [{"prefix": generated_prefix(service)}, "api"],
        "cluster": [{"prefix": generated_prefix(own)}, "shop", {"prefix": "batch-"}],
    }


@pytest.mark.parametrize(("prop", "kind"), [("services", "cluster"), ("clusters", "service")])
def test_rejects_a_construct_of_the_wrong_kind(
    log: EcsTaskEventLogger, prop: str, kind: str, request: pytest.FixtureRequest
) -> None:
    construct = request.getfixturevalue(kind)
    props: Any = {prop: [construct]}
    with pytest.raises(ValueError, match=f"^{prop} holds the construct {construct.node.path}, "):
        log.on_task_failure("Failed", **props)


@pytest.mark.parametrize(
    ("props", "message"),
    [
        ({"causes": ["OOM"]}, "causes holds 'OOM', which is none of: IMAGE_PULL"),
        ({"causes": []}, "causes is an empty list"),
        (
            {"services": ["arn:aws:ecs"]},
            "services holds 'arn:aws:ecs', which is not the name of a service",
        ),
        (
            {"causes": ["COMPLETED"]},
            "causes holds COMPLETED, never a failure, .* Use on_task_stopped",
        ),
    ],
)
def test_rejects_bad_filters(
    stack: cdk.Stack, cluster: ecs.ICluster, props: Any, message: str
) -> None:
    log = EcsTaskEventLogger(stack, "Log", cluster=cluster)
    with pytest.raises(ValueError, match=message):
        log.on_task_failure("Failed", **props)


ALL_TYPES = list(EventType)


def test_failures_of_all_types_are_lines_of_level_error(
    stack: cdk.Stack, cluster: ecs.ICluster
) -> None:
    log = EcsTaskEventLogger(stack, "Log", cluster=cluster, event_types=ALL_TYPES)
    log.on_failure("Failed")
    assert pattern_of(stack, "Failed")["detail"]["responsePayload"] == {"level": ["ERROR"]}


def test_failures_are_filtered_by_type_and_service(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    log = EcsTaskEventLogger(stack, "Log", cluster=cluster, event_types=ALL_TYPES)
    types = [EventType.DEPLOYMENT_STATE_CHANGE, "SERVICE_ACTION"]
    log.on_failure("Failed", event_types=types, services=["shop-*"], clusters=["shop"])
    assert pattern_of(stack, "Failed")["detail"]["responsePayload"] == {
        "detailType": ["ECS Deployment State Change", "ECS Service Action"],
        "level": ["ERROR"],
        "service": [{"prefix": "shop-"}],
        "cluster": ["shop"],
    }


def test_task_failure_is_a_failure_of_the_type_task(
    stack: cdk.Stack, cluster: ecs.ICluster
) -> None:
    log = EcsTaskEventLogger(stack, "Log", cluster=cluster)
    log.on_failure("One", event_types=["TASK_STATE_CHANGE"], causes=["SIGNAL"])
    log.on_task_failure("Two", causes=["SIGNAL"])
    assert pattern_of(stack, "One") == pattern_of(stack, "Two")


def test_rule_takes_further_conditions_on_the_record(
    stack: cdk.Stack, cluster: ecs.ICluster
) -> None:
    rule = EcsTaskEventLogger(stack, "Log", cluster=cluster).on_task_failure("Jobs")
    rule.add_event_pattern(detail={"responsePayload": {"service": [{"exists": False}]}})
    assert pattern_of(stack, "Jobs")["detail"]["responsePayload"] == {
        "lastStatus": ["STOPPED"],
        "level": ["ERROR"],
        "service": [{"exists": False}],
    }


def test_disconnected_agents_are_those_of_instances_that_stay(
    stack: cdk.Stack, cluster: ecs.ICluster
) -> None:
    log = EcsTaskEventLogger(stack, "Log", cluster=cluster, event_types=ALL_TYPES)
    log.on_agent_disconnected("Away", clusters=["shop"], source_accounts=["111122223333"])
    assert pattern_of(stack, "Away")["detail"]["responsePayload"] == {
        "detailType": ["ECS Container Instance State Change"],
        "agentConnected": [False],
        "instanceStatus": ["ACTIVE"],
        "cluster": ["shop"],
        "account": ["111122223333"],
    }


@pytest.mark.parametrize(
    ("props", "message"),
    [
        (
            {"event_types": ["SERVICE_ACTION"], "causes": ["SIGNAL"]},
            "causes cannot be used with event_types SERVICE_ACTION: .* Leave out causes, or add a",
        ),
        (
            {"event_types": ["CONTAINER_INSTANCE_HEALTH_CHANGE"], "services": ["web"]},
            "services cannot be used with event_types CONTAINER_INSTANCE_HEALTH_CHANGE",
        ),
        ({"event_types": ["TASK"]}, "event_types holds 'TASK', which is none of: TASK_STATE_"),
        ({"event_types": []}, "event_types is an empty list"),
        ({"event_types": [cdk.Fn.import_value("X")]}, "event_types holds a token, but the rules"),
    ],
)
def test_rejects_contradictory_failures(
    stack: cdk.Stack, cluster: ecs.ICluster, props: Any, message: str
) -> None:
    log = EcsTaskEventLogger(stack, "Log", cluster=cluster, event_types=ALL_TYPES)
    with pytest.raises(ValueError, match=message):
        log.on_failure("Failed", **props)


def test_function_learns_where_its_lines_are(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    log = EcsTaskEventLogger(stack, "Log", cluster=cluster)
    log.on_failure("Failed")
    template = Template.from_stack(stack)
    (log_group,) = template.find_resources("AWS::Logs::LogGroup")
    assert only(template, "AWS::Lambda::Function")["Environment"]["Variables"] == {
        "LOG_GROUP_OF_NOTIFICATIONS": {"Ref": log_group}
    }


def test_target_without_input_receives_only_the_record(
    stack: cdk.Stack, cluster: ecs.ICluster
) -> None:
    log = EcsTaskEventLogger(stack, "Log", cluster=cluster)
    log.on_task_failure("Failed", target=targets.SnsTopic(sns.Topic(stack, "Topic")))
    (target,) = rule_of(stack, "LogNotificationsFailed")["Targets"]
    assert target["InputPath"] == "$.detail.responsePayload"


def test_rejects_a_topic_as_target(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    log = EcsTaskEventLogger(stack, "Log", cluster=cluster)
    topic: Any = sns.Topic(stack, "Topic")
    with pytest.raises(TypeError, match=r"must be an events\.IRuleTarget.*targets\.SnsTopic"):
        log.on_task_failure("Failed", target=topic)


def test_rejects_a_message_or_a_class_as_target(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    log = EcsTaskEventLogger(stack, "Log", cluster=cluster)
    message: Any = FailureMessage.slack()
    with pytest.raises(TypeError, match="target is a message, which needs a target to go to"):
        log.on_failure("Message", target=message)
    webhook: Any = SlackWebhook
    with pytest.raises(TypeError, match="target is the class SlackWebhook"):
        log.on_failure("Class", target=webhook)


def test_rejects_a_pattern_that_is_too_long(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    log = EcsTaskEventLogger(stack, "Log", cluster=cluster)
    log.on_task_failure("Failed", services=[f"service-{number:030}" for number in range(120)])
    with pytest.raises(RuntimeError, match="Shorten services or causes"):
        Template.from_stack(stack)


def test_rejects_a_second_async_configuration(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    log = EcsTaskEventLogger(stack, "Log", cluster=cluster)
    log.on_task_failure("Failed")
    log.function.configure_async_invoke(retry_attempts=1)
    with pytest.raises(RuntimeError, match="use max_event_age, retry_attempts, on_failure"):
        Template.from_stack(stack)


def test_rejects_a_notification_of_filtered_statuses(
    stack: cdk.Stack, cluster: ecs.ICluster
) -> None:
    log = EcsTaskEventLogger(stack, "Log", cluster=cluster, statuses=["RUNNING"])
    with pytest.raises(
        ValueError, match="The notification Stopped needs tasks in status STOPPED, but"
    ):
        log.on_task_stopped("Stopped")


def test_keeps_the_other_settings_of_a_target(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
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


def test_rejects_targets_that_receive_whole_events(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    log = EcsTaskEventLogger(stack, "Log", cluster=cluster)
    bus = targets.EventBus(events.EventBus(stack, "Bus"))
    log_group = targets.CloudWatchLogGroup(logs.LogGroup(stack, "LogGroup"))
    for target in (bus, log_group):
        with pytest.raises(
            ValueError, match=f"target is {type(target).__name__}, which receives whole"
        ):
            log.on_task_failure("Failed", target=target)


class TestUnreachableTargets:
    """EventBridge loses events without a sign if it may not use the key of a target."""

    @pytest.mark.parametrize(
        "make",
        [
            lambda stack: targets.SqsQueue(
                sqs.Queue(stack, "To", encryption=sqs.QueueEncryption.KMS_MANAGED)
            ),
            lambda stack: targets.SqsQueue(
                sqs.Queue(stack, "To", encryption_master_key=aws_key(stack, "sqs"))
            ),
            lambda stack: targets.SnsTopic(
                sns.Topic(stack, "To", master_key=aws_key(stack, "sns"))
            ),
            lambda stack: targets.SnsTopic(
                sns.Topic(stack, "Topic"),
                dead_letter_queue=sqs.Queue(
                    stack, "To", encryption=sqs.QueueEncryption.KMS_MANAGED
                ),
            ),
        ],
        ids=["managed queue", "queue by alias", "topic by alias", "dead-letter queue"],
    )
    def test_rejects_an_aws_managed_key(
        self, stack: cdk.Stack, log: EcsTaskEventLogger, make: Any
    ) -> None:
        message = "target Stack/To is encrypted with an AWS managed key, which EventBridge may not"
        with pytest.raises(ValueError, match=message):
            log.on_task_failure("Failed", target=make(stack))

    def test_rejects_an_aws_managed_key_that_comes_later(
        self, stack: cdk.Stack, log: EcsTaskEventLogger
    ) -> None:
        queue = sqs.Queue(stack, "To")
        log.on_task_failure("Failed").add_target(targets.SqsQueue(queue))
        resource: Any = queue.node.default_child
        resource.kms_master_key_id = "alias/aws/sqs"
        with pytest.raises(RuntimeError, match="The target Stack/To is encrypted with an AWS"):
            Template.from_stack(stack)

    @pytest.mark.parametrize("own_key", [False, True])
    def test_accepts_no_key_and_an_own_key(
        self, stack: cdk.Stack, log: EcsTaskEventLogger, own_key: bool
    ) -> None:
        key = kms.Key(stack, "Key") if own_key else None
        queue = sqs.Queue(stack, "Queue", encryption_master_key=key)
        topic = sns.Topic(stack, "Topic", master_key=key)
        log.on_task_failure("Queued", target=targets.SqsQueue(queue))
        log.on_task_failure("Sent", target=targets.SnsTopic(topic, dead_letter_queue=queue))
        Template.from_stack(stack).resource_count_is("AWS::Events::Rule", 3)


def aws_key(stack: cdk.Stack, service: str) -> kms.IKey:
    """Return the key that AWS manages for a service."""
    return kms.Alias.from_alias_name(stack, "Key", f"alias/aws/{service}")
