"""The rule for calls of RunTask that failed."""

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from aws_cdk.assertions import Template

from ecs_task_event_logger import (
    Cause,
    EcsTaskEventForwarder,
    EcsTaskEventLogger,
    EcsTaskEventRule,
    EventType,
)
from templates import only

ARN = "arn:aws:ecs:eu-west-1:111122223333:cluster/shop"
BOTH = ["TASK_STATE_CHANGE", "RUN_TASK_FAILURE"]
FAILED = [
    {"errorCode": [{"exists": True}]},
    {"responseElements": {"failures": {"reason": [{"exists": True}]}}},
]
WITHOUT_PARAMETERS = {
    "cluster": [{"exists": False}],
    "taskDefinition": [{"exists": False}],
}


def pattern(stack: cdk.Stack) -> Any:
    """Return the pattern of the only rule."""
    return only(Template.from_stack(stack), "AWS::Events::Rule")["EventPattern"]


def variables(stack: cdk.Stack) -> Any:
    """Return the function's environment variables."""
    function = only(Template.from_stack(stack), "AWS::Lambda::Function")
    return function.get("Environment", {}).get("Variables", {})


def test_matches_failed_calls_for_the_cluster_by_arn_and_name(
    stack: cdk.Stack, cluster: ecs.ICluster
) -> None:
    log = EcsTaskEventLogger(stack, "Log", cluster=cluster, event_types=["RUN_TASK_FAILURE"])
    assert log.rule.node.path == "Stack/Log/CallRule"
    assert pattern(stack) == {
        "source": ["aws.ecs"],
        "detail-type": ["AWS API Call via CloudTrail"],
        "detail": {
            "eventSource": ["ecs.amazonaws.com"],
            "eventName": ["RunTask", "StartTask"],
            "$or": FAILED,
            "requestParameters": {"$or": [{"cluster": [ARN, "shop"]}, WITHOUT_PARAMETERS]},
        },
    }


def test_default_cluster_matches_calls_that_name_none(stack: cdk.Stack) -> None:
    arn = ARN.replace("shop", "default")
    cluster = ecs.Cluster.from_cluster_arn(stack, "Default", arn)
    EcsTaskEventLogger(stack, "Log", cluster=cluster, event_types=["RUN_TASK_FAILURE"])
    named, _ = pattern(stack)["detail"]["requestParameters"]["$or"]
    assert named == {"cluster": [arn, "default", {"exists": False}]}


def test_default_cluster_of_the_app_matches_calls_that_name_none(stack: cdk.Stack) -> None:
    cluster = ecs.Cluster(stack, "Cluster", cluster_name="default")
    EcsTaskEventLogger(stack, "Log", cluster=cluster, event_types=["RUN_TASK_FAILURE"])
    named, _ = pattern(stack)["detail"]["requestParameters"]["$or"]
    assert named["cluster"][-1] == {"exists": False}


def test_cluster_of_the_same_stack_is_matched_by_its_name(stack: cdk.Stack) -> None:
    cluster = ecs.Cluster(stack, "Cluster")
    EcsTaskEventLogger(stack, "Log", cluster=cluster, event_types=["RUN_TASK_FAILURE"])
    named, _ = pattern(stack)["detail"]["requestParameters"]["$or"]
    arn = stack.resolve(cluster.cluster_arn)
    assert named["cluster"] == [arn, {"Fn::Select": [1, {"Fn::Split": [":cluster/", arn]}]}]


def test_all_clusters_need_no_condition(stack: cdk.Stack) -> None:
    EcsTaskEventLogger.for_all_clusters(stack, "Log", event_types=["RUN_TASK_FAILURE"])
    assert "requestParameters" not in pattern(stack)["detail"]


def test_add_cluster_extends_the_rule(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    log = EcsTaskEventLogger(stack, "Log", cluster=cluster, event_types=["RUN_TASK_FAILURE"])
    log.add_cluster(ecs.Cluster.from_cluster_arn(stack, "Other", f"{ARN}2"))
    assert pattern(stack)["detail"]["requestParameters"]["$or"] == [
        {"cluster": [ARN, "shop"]},
        WITHOUT_PARAMETERS,
        {"cluster": [f"{ARN}2", "shop2"]},
    ]


def test_default_logger_has_no_such_rule(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    EcsTaskEventLogger(stack, "Log", cluster=cluster)
    assert pattern(stack)["detail-type"] == ["ECS Task State Change"]


def test_every_type_has_three_rules(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    EcsTaskEventLogger(stack, "Log", cluster=cluster, event_types=list(EventType))
    Template.from_stack(stack).resource_count_is("AWS::Events::Rule", 3)


def test_function_filters_families_of_calls(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    EcsTaskEventLogger(
        stack,
        "Log",
        cluster=cluster,
        event_types=BOTH,
        task_families=["nightly-*"],
        exclude_task_families=["nightly-test"],
        causes=[Cause.CAPACITY],
        only_failures=True,
    )
    assert variables(stack) == {
        "ONLY_FAILURES": "true",
        "CAUSES": "CAPACITY",
        "TASK_FAMILIES": "nightly-*",
        "EXCLUDE_TASK_FAMILIES": "nightly-test",
    }


def test_tasks_alone_need_no_function_filter(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    EcsTaskEventLogger(stack, "Log", cluster=cluster, task_families=["nightly-*"])
    assert variables(stack) == {}


@pytest.mark.parametrize(
    ("props", "problem"),
    [
        ({"services": ["web"]}, "services cannot be used with event_types RUN_TASK_FAILURE"),
        ({"statuses": ["STOPPED"]}, "statuses cannot be used with event_types RUN_TASK_FAILURE"),
        ({"launch_types": ["EC2"]}, "launch_types cannot be used with"),
    ],
)
def test_rejects_filters_on_fields_that_calls_lack(
    stack: cdk.Stack, cluster: ecs.ICluster, props: Any, problem: str
) -> None:
    with pytest.raises(ValueError, match=problem):
        EcsTaskEventLogger(stack, "Log", cluster=cluster, event_types=BOTH, **props)


def test_causes_are_rejected_with_types_that_have_none(
    stack: cdk.Stack, cluster: ecs.ICluster
) -> None:
    with pytest.raises(ValueError, match="causes cannot be used with event_types SERVICE_ACTION:"):
        EcsTaskEventLogger(
            stack,
            "Log",
            cluster=cluster,
            event_types=[*BOTH, "SERVICE_ACTION"],
            causes=["CAPACITY"],
        )


def test_further_rule_needs_the_same_families(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    log = EcsTaskEventLogger(stack, "Log", cluster=cluster, event_types=BOTH, task_families=["web"])
    batch = ecs.Cluster.from_cluster_arn(stack, "Batch", f"{ARN}2")
    with pytest.raises(ValueError, match="task_families must be the same as on Stack/Log"):
        EcsTaskEventRule(
            stack,
            "Rule",
            logger=log,
            cluster=batch,
            event_types=["RUN_TASK_FAILURE"],
            task_families=["nightly"],
        )


def test_forwarder_sends_failed_calls(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    bus = events.EventBus.from_event_bus_arn(
        stack, "Bus", "arn:aws:events:eu-west-1:999999999999:event-bus/central"
    )
    EcsTaskEventForwarder(
        stack,
        "Forwarder",
        destination_bus=bus,
        cluster=cluster,
        event_types=["RUN_TASK_FAILURE"],
    )
    assert pattern(stack)["detail"]["$or"] == FAILED
    with pytest.raises(ValueError, match="task_families cannot be used with these filters and"):
        EcsTaskEventForwarder(
            stack, "Other", destination_bus=bus, event_types=BOTH, task_families=["nightly"]
        )


def test_metrics_and_notifications_are_about_failed_calls_too(
    stack: cdk.Stack, cluster: ecs.ICluster
) -> None:
    log = EcsTaskEventLogger(stack, "Log", cluster=cluster, event_types=BOTH)
    log.metric_failures(event_type="RUN_TASK_FAILURE", cause="CAPACITY")
    log.on_failure("Calls", event_types=["RUN_TASK_FAILURE"], causes=["CAPACITY"])
    rules = Template.from_stack(stack).find_resources("AWS::Events::Rule").values()
    (payload,) = [
        rule["Properties"]["EventPattern"]["detail"]["responsePayload"]
        for rule in rules
        if "responsePayload" in rule["Properties"]["EventPattern"]["detail"]
    ]
    assert payload == {
        "detailType": ["AWS API Call via CloudTrail"],
        "level": ["ERROR"],
        "cause": ["CAPACITY"],
    }


def test_error_names_the_type_that_a_metric_needs(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    log = EcsTaskEventLogger(stack, "Log", cluster=cluster)
    with pytest.raises(ValueError, match="Add RUN_TASK_FAILURE to the event_types"):
        log.metric_failures(event_type="RUN_TASK_FAILURE")


@pytest.mark.parametrize(
    ("event_types", "causes", "problem"),
    [
        (["TASK_STATE_CHANGE"], ["REQUEST_REFUSED"], "which only calls of RunTask have"),
        (BOTH, ["IMAGE_PULL"], "needs tasks with cause CAPACITY, but causes has only IMAGE_PULL"),
        (["TASK_STATE_CHANGE"], ["IMAGE_PULL"], "needs tasks with cause CAPACITY, but"),
    ],
)
def test_rejects_causes_that_never_occur(
    stack: cdk.Stack, cluster: ecs.ICluster, event_types: Any, causes: Any, problem: str
) -> None:
    with pytest.raises(ValueError, match=problem):
        EcsTaskEventLogger(
            stack, "Log", cluster=cluster, event_types=event_types, causes=causes
        ).metric_failures(cause="CAPACITY")


def test_rejects_a_metric_of_refused_requests_without_calls(
    stack: cdk.Stack, cluster: ecs.ICluster
) -> None:
    log = EcsTaskEventLogger(stack, "Log", cluster=cluster)
    with pytest.raises(ValueError, match="Add RUN_TASK_FAILURE to the event_types"):
        log.metric_failures(cause="REQUEST_REFUSED")
    with pytest.raises(ValueError, match="Add RUN_TASK_FAILURE to the event_types"):
        log.on_failure("Refused", causes=["REQUEST_REFUSED"])


def test_further_rule_for_calls_needs_a_logger_without_services(
    stack: cdk.Stack, cluster: ecs.ICluster
) -> None:
    log = EcsTaskEventLogger(
        stack,
        "Log",
        cluster=cluster,
        event_types=["TASK_STATE_CHANGE", "SERVICE_ACTION"],
        services=["web"],
    )
    with pytest.raises(ValueError, match="services must be the same as on Stack/Log"):
        EcsTaskEventRule(
            stack, "Rule", logger=log, cluster=cluster, event_types=["RUN_TASK_FAILURE"]
        )
