"""A rejected prop: the error says what to write, and leaves no half-made construct behind."""

import re
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from aws_cdk.assertions import Template

from ecs_task_event_logger import (
    EcsEventHistory,
    EcsTaskEventForwarder,
    EcsTaskEventLogger,
    EcsTaskEventLoggerProps,
    EcsTaskEventRule,
    LaunchType,
)

ACCOUNT = "{self.region}:{self.account}"


def tree(stack: cdk.Stack) -> list[tuple[str, list[str]]]:
    """Return the constructs of a stack with their metadata."""
    return [
        (each.node.path, [str(entry.data) for entry in each.node.metadata])
        for each in stack.node.find_all()
    ]


def own_resources(stack: cdk.Stack) -> dict[str, Any]:
    """Create resources outside of the logger that it changes."""
    queue = sqs.Queue(stack, "Queue", enforce_ssl=True)
    return {"dead_letter_queue": queue, "encryption_key": kms.Key(stack, "Key")}


@pytest.mark.parametrize(
    "props",
    [
        {"statuses": ["stopped"]},
        {"log_retention": 30},
        {"dead_letter_queue": "queue"},
        {"role": "role"},
        {"container_log_lines": 5},
        {"only_failures": True, "statuses": ["RUNNING"], "container_log_groups": ["/ecs/*"]},
        {"vpc": "vpc-1"},
        {"saved_queries": None},
        {"status": ["STOPPED"]},
        # Refused after resources were created, some of them outside of the logger.
        {"services": [f"{number}-*-x" for number in range(9)]},
        {"retry_attempts": 186},
    ],
    ids=", ".join,
)
def test_rejected_logger_leaves_nothing_behind(
    stack: cdk.Stack, cluster: ecs.ICluster, props: dict[str, Any]
) -> None:
    own = own_resources(stack)
    before = tree(stack)
    with pytest.raises((TypeError, ValueError)):
        EcsTaskEventLogger(stack, "Log", **{"cluster": cluster, **own, **props})
    assert tree(stack) == before
    # The policies of other resources are as they were, too.
    EcsTaskEventLogger(stack, "Log", cluster=cluster, **own)
    other = cdk.Stack(cdk.App(), "Stack")
    EcsTaskEventLogger(other, "Log", cluster=cluster, **own_resources(other))
    assert Template.from_stack(stack).to_json() == Template.from_stack(other).to_json()


@pytest.mark.parametrize(
    "create",
    [
        lambda stack, log, bus: EcsTaskEventRule(stack, "New", logger=log, cluster="x"),  # type: ignore[arg-type]
        lambda stack, log, bus: EcsTaskEventForwarder(
            stack, "New", destination_bus=bus, statuses=["x"]
        ),
        lambda stack, log, bus: EcsEventHistory(stack, "New", cluster="shop"),  # type: ignore[arg-type]
        lambda stack, log, bus: EcsTaskEventLogger.for_all_clusters(stack, "New", causes=["x"]),
        lambda stack, log, bus: log.add_cluster("shop"),
        lambda stack, log, bus: log.on_failure("New", target="topic"),
        lambda stack, log, bus: log.on_failure("New", causes=["x"]),
        lambda stack, log, bus: log.metric_failures(cause="x"),
        lambda stack, log, bus: log.metric_failures(cluster="a/b"),
        lambda stack, log, bus: log.create_dashboard("New", default_interval="1d"),
        lambda stack, log, bus: log.create_dashboard("New", dashboard_name="not a name"),
        lambda stack, log, bus: log.add_event_pattern(detail=5),
    ],
)
def test_rejected_call_leaves_nothing_behind(
    stack: cdk.Stack, log: EcsTaskEventLogger, create: Callable[..., Any]
) -> None:
    bus = events.EventBus.from_event_bus_name(stack, "Bus", "ecs-events")
    before = tree(stack)
    with pytest.raises((TypeError, ValueError, RuntimeError)):  # CDK's own are RuntimeErrors
        create(stack, log, bus)
    assert tree(stack) == before


def test_construct_with_a_taken_id_stays(stack: cdk.Stack, log: EcsTaskEventLogger) -> None:
    before = tree(stack)
    with pytest.raises(RuntimeError, match="already a Construct with name 'Log'"):
        EcsTaskEventLogger.for_all_clusters(stack, "Log")
    assert tree(stack) == before


def test_subclass_is_removed_too(stack: cdk.Stack) -> None:
    class TeamLogger(EcsTaskEventLogger):
        def __init__(self, scope: cdk.Stack, id: str, **props: "EcsTaskEventLoggerProps") -> None:
            super().__init__(scope, id, **{"only_failures": True, **props})  # type: ignore[arg-type]

    with pytest.raises(TypeError, match=r"TeamLogger has no prop 'retention'\. Did you mean"):
        TeamLogger(stack, "Log", retention=5)  # type: ignore[arg-type]
    assert stack.node.try_find_child("Log") is None


@pytest.mark.parametrize(
    ("props", "line"),
    [
        ({"cluster": None}, "Write cluster=cluster. for_all_clusters creates a logger"),
        ({"cluster": []}, "Write one cluster. A logger, rule or forwarder gets each"),
        (
            {"cluster": "arn:aws:ecs:eu-west-1:111122223333:cluster/shop"},
            "ecs.Cluster.from_cluster_arn(self, 'Cluster', "
            "'arn:aws:ecs:eu-west-1:111122223333:cluster/shop').",
        ),
        (
            {"cluster": "shop"},
            "For an existing Cluster write ecs.Cluster.from_cluster_arn(self, 'Cluster', "
            f"f'arn:{{self.partition}}:ecs:{ACCOUNT}:cluster/shop').",
        ),
        (
            {"cluster": "arn:aws:ecs:eu-west-1:111122223333:service/shop/web"},
            "'arn:aws:ecs:eu-west-1:111122223333:cluster/shop').",
        ),
        (
            {"event_bus": "shop"},
            "events.EventBus.from_event_bus_arn(self, 'EventBus', "
            f"f'arn:{{self.partition}}:events:{ACCOUNT}:event-bus/shop').",
        ),
        (
            {"log_group": "/shop"},
            "logs.LogGroup.from_log_group_name(self, 'LogGroup', '/shop').",
        ),
        (
            {"log_group": "arn:aws:logs:eu-west-1:111122223333:log-group:/shop"},
            "logs.LogGroup.from_log_group_arn(self, 'LogGroup', 'arn:aws:logs:",
        ),
        (
            {"dead_letter_queue": "shop"},
            "sqs.Queue.from_queue_arn(self, 'Queue', "
            f"f'arn:{{self.partition}}:sqs:{ACCOUNT}:shop').",
        ),
        (
            {"dead_letter_queue": "https://sqs.eu-west-1.amazonaws.com/111122223333/shop"},
            "'arn:aws:sqs:eu-west-1:111122223333:shop').",
        ),
        (
            {"dead_letter_queue": "https://sqs.cn-north-1.amazonaws.com.cn/111122223333/shop"},
            "'arn:aws-cn:sqs:cn-north-1:111122223333:shop').",
        ),
        (
            {"encryption_key": "alias/shop"},
            "kms.Key.from_lookup(self, 'Key', alias_name='alias/shop').",
        ),
        (
            {"encryption_key": "1-2"},
            f"kms.Key.from_key_arn(self, 'Key', f'arn:{{self.partition}}:kms:{ACCOUNT}:key/1-2').",
        ),
        (
            {"role": "shop"},
            "iam.Role.from_role_arn(self, 'Role', "
            "f'arn:{self.partition}:iam::{self.account}:role/shop').",
        ),
    ],
)
def test_name_instead_of_a_construct_gets_the_line_to_write(
    stack: cdk.Stack, cluster: ecs.ICluster, props: dict[str, Any], line: str
) -> None:
    with pytest.raises(TypeError, match=re.escape(line)):
        EcsTaskEventLogger(stack, "Log", **{"cluster": cluster, **props})


@pytest.mark.parametrize(
    ("props", "line"),
    [
        ({"log_retention": "ONE_WEEK"}, "Write logs.RetentionDays.ONE_WEEK"),
        ({"log_retention": 7}, "Write logs.RetentionDays.ONE_MONTH"),
        ({"log_group_class": "standard"}, "Write logs.LogGroupClass.STANDARD"),
        ({"removal_policy": "retain"}, "Write cdk.RemovalPolicy.RETAIN"),
        ({"tracing": "PassThrough"}, "Write lambda_.Tracing.PASS_THROUGH"),
        ({"runtime": "python3.12"}, "Write lambda_.Runtime.PYTHON_3_12"),
        ({"runtime": "nodejs22.x"}, "Write lambda_.Runtime.PYTHON_3_14"),
        ({"timeout": "20s"}, "Write Duration.seconds(20)"),
        ({"timeout": cdk.Duration.millis(1500)}, "1.5 seconds. Write whole seconds."),
    ],
)
def test_text_instead_of_a_member_gets_the_line_to_write(
    stack: cdk.Stack, cluster: ecs.ICluster, props: dict[str, Any], line: str
) -> None:
    with pytest.raises((TypeError, ValueError), match=re.escape(line)):
        EcsTaskEventLogger(stack, "Log", cluster=cluster, **props)


def test_text_or_queue_instead_of_a_target_gets_the_line_to_write(
    stack: cdk.Stack, log: EcsTaskEventLogger
) -> None:
    url = cdk.SecretValue.secrets_manager("slack")
    for target, line in [
        (
            "https://hooks.slack.com/x",
            "Write SlackWebhook(url=SecretValue.secrets_manager('NAME'))",
        ),
        (url, "Write SlackWebhook(url=SecretValue.secrets_manager('NAME'))"),
        (log.dead_letter_queue, "Write targets.SqsQueue(queue)"),
        (log.function, "Write targets.LambdaFunction(function)"),
        (sns.Topic(stack, "Topic"), "Write targets.SnsTopic(topic)"),
    ]:
        with pytest.raises(TypeError, match=re.escape(line)):
            log.on_failure("X", target=target)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("create", "line"),
    [
        (EcsTaskEventForwarder, "EcsTaskEventForwarder needs destination_bus. Write Ecs"),
        (EcsTaskEventRule, "EcsTaskEventRule needs logger. Write EcsTaskEventRule(self, 'ID', log"),
        (EcsEventHistory, "EcsEventHistory needs cluster. Write"),
    ],
)
def test_names_a_required_prop_that_is_missing(
    stack: cdk.Stack, create: Callable[..., Any], line: str
) -> None:
    with pytest.raises(TypeError, match=re.escape(line)):
        create(stack, "New")


def test_suggests_the_prop_with_the_same_last_word(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    bus = events.EventBus.from_event_bus_name(stack, "Bus", "ecs-events")
    with pytest.raises(TypeError, match=r"Did you mean destination_bus\?"):
        EcsTaskEventForwarder(stack, "New", cluster=cluster, event_bus=bus)  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("provider", "message"),
    [
        (
            "fargate_spot",
            "none of ECS's own: FARGATE, FARGATE_SPOT. Did you mean FARGATE_",
        ),
        ("FargateSpot", "none of ECS's own: FARGATE, FARGATE_SPOT."),
        (LaunchType.EC2, "Write launch_types=['EC2']."),
        (ecs.LaunchType.EXTERNAL, "Write launch_types=['EXTERNAL']."),
    ],
)
def test_rejects_what_is_no_capacity_provider(
    stack: cdk.Stack, cluster: ecs.ICluster, provider: Any, message: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        EcsTaskEventLogger(stack, "Log", cluster=cluster, capacity_providers=[provider])


@pytest.mark.parametrize("provider", ["FARGATE", "FARGATE_SPOT", "FARGATE*", "fast", "SPOT"])
def test_accepts_capacity_providers(stack: cdk.Stack, cluster: ecs.ICluster, provider: str) -> None:
    EcsTaskEventLogger(stack, "Log", cluster=cluster, capacity_providers=[provider])


def test_line_to_write_is_accepted(stack: cdk.Stack) -> None:
    with pytest.raises(TypeError) as rejection:
        EcsTaskEventLogger(stack, "Log", cluster="shop")  # type: ignore[arg-type]
    _, line = str(rejection.value).split(" write ")
    cluster = eval(line.rstrip("."), {"ecs": ecs, "self": stack})
    EcsTaskEventLogger(stack, "Log", cluster=cluster)


def test_props_are_passed_by_name(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    with pytest.raises(TypeError, match=r"takes props by name\. Write EcsTaskEventLogger\("):
        EcsTaskEventLogger(stack, "Log", cluster)  # type: ignore[call-arg]


@pytest.mark.parametrize("arguments", [(), ("Log",)])
def test_scope_and_id_are_required(cluster: ecs.ICluster, arguments: tuple[str, ...]) -> None:
    with pytest.raises(TypeError, match=r"EcsTaskEventLogger needs a scope and an ID\. Write"):
        EcsTaskEventLogger(*arguments, cluster=cluster)  # type: ignore[arg-type]


def test_id_is_a_string(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    topic = sns.Topic(stack, "Topic")
    with pytest.raises(TypeError, match=r"The ID of EcsTaskEventLogger must be a string"):
        EcsTaskEventLogger(stack, topic, cluster=cluster)  # type: ignore[arg-type]
