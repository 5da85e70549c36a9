"""Event types: the rules for task events and for the other ECS events."""

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ecs as ecs
from aws_cdk.assertions import Template

from ecs_task_event_logger import EcsTaskEventLogger, EventType
from templates import only

ARN = "arn:aws:ecs:eu-west-1:111122223333:cluster/shop"
DEPLOYMENTS = EventType.DEPLOYMENT_STATE_CHANGE


def patterns(stack: cdk.Stack) -> dict[str, Any]:
    """Return the patterns of the rules, by the IDs of the rules."""
    rules = Template.from_stack(stack).find_resources("AWS::Events::Rule")
    return {
        name.removeprefix("Log")[:-8]: rule["Properties"]["EventPattern"]
        for name, rule in rules.items()
    }


def test_default_is_task_events_only(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    EcsTaskEventLogger(stack, "Log", cluster=cluster)
    ((name, pattern),) = patterns(stack).items()
    assert name == "Rule"
    assert pattern["detail-type"] == ["ECS Task State Change"]


def test_second_rule_sends_other_types_to_the_same_target(
    stack: cdk.Stack, cluster: ecs.ICluster
) -> None:
    EcsTaskEventLogger(
        stack,
        "Log",
        cluster=cluster,
        event_types=[EventType.TASK_STATE_CHANGE, "SERVICE_ACTION", "HOOK_STATE_CHANGE"],
    )
    assert patterns(stack)["OtherRule"] == {
        "source": ["aws.ecs"],
        "detail-type": ["ECS Service Action", "ECS Hook State Change"],
        "detail": {"clusterArn": [ARN]},
    }
    template = Template.from_stack(stack)
    rules = template.find_resources("AWS::Events::Rule").values()
    first, second = (rule["Properties"]["Targets"] for rule in rules)
    assert first == second
    template.resource_count_is("AWS::Lambda::Permission", 2)
    template.resource_count_is("AWS::Lambda::Function", 1)


def test_accepts_other_types_without_task_events(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    log = EcsTaskEventLogger(stack, "Log", cluster=cluster, event_types=["SERVICE_ACTION"])
    assert list(patterns(stack)) == ["OtherRule"]
    assert log.rule.node.path == "Stack/Log/OtherRule"
    with pytest.raises(
        ValueError, match=r"and the conditions are for task events\. Add TASK_STATE_CHANGE"
    ):
        log.add_event_pattern(detail={"availabilityZone": ["eu-west-1a"]})


def test_matches_deployments_by_cluster_or_service_arn(
    stack: cdk.Stack, cluster: ecs.ICluster
) -> None:
    EcsTaskEventLogger(stack, "Log", cluster=cluster, event_types=[DEPLOYMENTS])
    assert patterns(stack)["OtherRule"]["$or"] == [
        {"detail": {"clusterArn": [ARN]}},
        {
            "detail": {"clusterArn": [{"exists": False}]},
            "resources": [{"prefix": ARN.replace(":cluster/", ":service/") + "/"}],
        },
    ]


def test_matches_deployments_of_a_cluster_in_the_same_stack(stack: cdk.Stack) -> None:
    cluster = ecs.Cluster(stack, "Cluster")
    EcsTaskEventLogger(stack, "Log", cluster=cluster, event_types=[DEPLOYMENTS])
    _, by_resource = patterns(stack)["OtherRule"]["$or"]
    ((_, prefix),) = by_resource["resources"][0].items()
    split = {"Fn::Split": [":cluster/", stack.resolve(cluster.cluster_arn)]}
    head, name = ({"Fn::Select": [part, split]} for part in (0, 1))
    assert prefix == {"Fn::Join": ["", [head, ":service/", name, "/"]]}


def test_add_cluster_extends_both_rules(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    log = EcsTaskEventLogger(
        stack, "Log", cluster=cluster, event_types=["TASK_STATE_CHANGE", DEPLOYMENTS]
    )
    other = f"{ARN}2"
    log.add_cluster(ecs.Cluster.from_cluster_arn(stack, "Other", other))
    found = patterns(stack)
    assert found["Rule"]["detail"]["clusterArn"] == [ARN, other]
    by_arn, by_resource = found["OtherRule"]["$or"]
    assert by_arn["detail"]["clusterArn"] == [ARN, other]
    assert len(by_resource["resources"]) == 2


def test_all_clusters_add_no_condition(stack: cdk.Stack) -> None:
    EcsTaskEventLogger.for_all_clusters(stack, "Log", event_types=[DEPLOYMENTS])
    assert patterns(stack)["OtherRule"] == {
        "source": ["aws.ecs"],
        "detail-type": ["ECS Deployment State Change"],
    }


def test_function_applies_services_to_other_events(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    EcsTaskEventLogger(
        stack,
        "Log",
        cluster=cluster,
        event_types=["TASK_STATE_CHANGE", "SERVICE_ACTION"],
        services=["shop-*"],
        exclude_services=["shop-canary"],
        only_failures=True,
    )
    function = only(Template.from_stack(stack), "AWS::Lambda::Function")
    assert function["Environment"]["Variables"] == {
        "ONLY_FAILURES": "true",
        "SERVICES": "shop-*",
        "EXCLUDE_SERVICES": "shop-canary",
    }


@pytest.mark.parametrize(
    ("props", "message"),
    [
        ({"event_types": []}, "event_types is an empty list"),
        ({"event_types": ["TASKS"]}, "event_types holds 'TASKS', which is none of: TASK_STATE_CH"),
        ({"event_types": [cdk.Fn.ref("Type")]}, "event_types holds a token"),
        (
            {
                "event_types": ["TASK_STATE_CHANGE", "SERVICE_ACTION"],
                "statuses": ["STOPPED"],
                "causes": ["SIGNAL"],
            },
            "statuses and causes cannot be used with event_types SERVICE_ACTION: events of",
        ),
        (
            {"event_types": list(EventType)[:2], "capacity_providers": ["FARGATE_SPOT"]},
            "capacity_providers cannot be used with event_types SERVICE_ACTION: events of",
        ),
        (
            {
                "event_types": ["SERVICE_ACTION", "CONTAINER_INSTANCE_STATE_CHANGE"],
                "services": ["web"],
            },
            "services cannot be used with event_types CONTAINER_INSTANCE_STATE_CHANGE",
        ),
    ],
)
def test_rejects_unusable_event_types(
    stack: cdk.Stack, cluster: ecs.ICluster, props: Any, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        EcsTaskEventLogger(stack, "Log", cluster=cluster, **props)


@pytest.mark.parametrize("event_type", list(EventType))
def test_accepts_services_only_for_events_with_a_service(
    stack: cdk.Stack, cluster: ecs.ICluster, event_type: EventType
) -> None:
    names = ("TASK_STATE_CHANGE", "SERVICE_ACTION", "DEPLOYMENT_STATE_CHANGE", "HOOK_STATE_CHANGE")
    props: Any = {"cluster": cluster, "event_types": [event_type], "services": ["web"]}
    if event_type in names:
        EcsTaskEventLogger(stack, "Log", **props)
    else:
        with pytest.raises(ValueError, match=f"services cannot be used with .* {event_type}"):
            EcsTaskEventLogger(stack, "Log", **props)


@pytest.mark.parametrize(
    ("event_type", "longest"),
    [("SERVICE_ACTION", "clusterArn"), ("DEPLOYMENT_STATE_CHANGE", "resources")],
)
def test_rejects_too_many_clusters(
    stack: cdk.Stack, cluster: ecs.ICluster, event_type: str, longest: str
) -> None:
    log = EcsTaskEventLogger(stack, "Log", cluster=cluster, event_types=[event_type])
    for number in range(40):
        log.add_cluster(ecs.Cluster.from_cluster_arn(stack, f"C{number}", f"{ARN}{number}"))
    with pytest.raises(RuntimeError, match=rf"{longest}\. Watch fewer clusters, or all"):
        Template.from_stack(stack)


def test_rule_for_other_types_accepts_conditions(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    log = EcsTaskEventLogger(stack, "Log", cluster=cluster, event_types=["SERVICE_ACTION"])
    log.rule.add_event_pattern(detail={"eventType": ["ERROR"]})
    log.add_cluster(ecs.Cluster.from_cluster_arn(stack, "Other", f"{ARN}2"))
    assert patterns(stack)["OtherRule"]["detail"] == {
        "clusterArn": [ARN, f"{ARN}2"],
        "eventType": ["ERROR"],
    }


@pytest.mark.parametrize(
    "ask",
    [
        lambda log: log.metric_failures(event_type="TASK_STATE_CHANGE"),
        lambda log: log.metric_failures(cause="SIGNAL"),
        lambda log: log.metric_run_duration(),
        lambda log: log.on_failure("Failed", causes=["SIGNAL"]),
        lambda log: log.on_task_failure("Failed"),
        lambda log: log.on_task_stopped("Stopped"),
    ],
)
def test_rejects_metrics_and_notifications_without_task_events(
    stack: cdk.Stack, cluster: ecs.ICluster, ask: Any
) -> None:
    log = EcsTaskEventLogger(stack, "Log", cluster=cluster, event_types=["SERVICE_ACTION"])
    with pytest.raises(
        ValueError, match=r"needs task events, which the logger does not log\. Add TASK_"
    ):
        ask(log)
