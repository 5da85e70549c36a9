"""The log group: the one that is made, and the caller's own."""

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_logs as logs
from aws_cdk.assertions import Match, Template

from ecs_task_event_logger import EcsTaskEventLogger
from templates import only

IA = logs.LogGroupClass.INFREQUENT_ACCESS


def test_lines_are_kept_a_month_and_outlive_the_stack_by_default(
    stack: cdk.Stack, cluster: ecs.ICluster
) -> None:
    EcsTaskEventLogger(stack, "Log", cluster=cluster)
    Template.from_stack(stack).has_resource(
        "AWS::Logs::LogGroup",
        {"Properties": {"RetentionInDays": 30}, "DeletionPolicy": "Retain"},
    )


def test_no_log_group_is_made_beside_the_callers_own(
    stack: cdk.Stack, cluster: ecs.ICluster
) -> None:
    own = logs.LogGroup.from_log_group_name(stack, "Own", "/shop/ecs")
    logger = EcsTaskEventLogger(stack, "Log", cluster=cluster, log_group=own)
    template = Template.from_stack(stack)
    template.resource_count_is("AWS::Logs::LogGroup", 0)
    assert only(template, "AWS::Lambda::Function")["LoggingConfig"]["LogGroup"] == "/shop/ecs"
    assert logger.log_group is own


def test_the_callers_own_cannot_be_configured_here(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    own = logs.LogGroup.from_log_group_name(stack, "Own", "/shop/ecs")
    with pytest.raises(ValueError, match=r"log_group .* log_retention and deletion_protection"):
        EcsTaskEventLogger(
            stack,
            "Log",
            cluster=cluster,
            log_group=own,
            log_retention=logs.RetentionDays.ONE_DAY,
            deletion_protection=True,
        )


@pytest.mark.parametrize(
    ("props", "message"),
    [
        ({"log_group": "/shop/ecs"}, "got '/shop/ecs'.*from_log_group_name"),
        ({"log_group": logs.LogGroup}, "log_group must be a logs.ILogGroup"),
        ({"removal_policy": "destroy"}, "removal_policy must be a cdk.RemovalPolicy"),
        ({"deletion_protection": "on"}, "deletion_protection must be True or False, got 'on'"),
        ({"log_retention": 30}, "log_retention must be a logs.RetentionDays, got 30"),
    ],
)
def test_what_is_no_log_group_is_refused_with_the_way_out(
    stack: cdk.Stack, cluster: ecs.ICluster, props: Any, message: str
) -> None:
    with pytest.raises(TypeError, match=message):
        EcsTaskEventLogger(stack, "Log", cluster=cluster, **props)


def test_a_resource_of_cloudformation_is_no_log_group(
    stack: cdk.Stack, cluster: ecs.ICluster
) -> None:
    resource: Any = logs.CfnLogGroup(stack, "Own")
    with pytest.raises(TypeError, match="log_group must be a logs"):
        EcsTaskEventLogger(stack, "Log", cluster=cluster, log_group=resource)


def test_one_that_the_function_cannot_write_to_is_refused() -> None:
    environment = cdk.Environment(account="111122223333", region="eu-west-1")
    stack = cdk.Stack(cdk.App(), "Placed", env=environment)
    arn = "arn:aws:logs:us-east-1:111122223333:log-group:/shop/ecs"
    own = logs.LogGroup.from_log_group_arn(stack, "Own", arn)
    with pytest.raises(ValueError, match="is in region us-east-1, and not in eu-west-1"):
        EcsTaskEventLogger(stack, "Log", cluster=ecs.Cluster(stack, "Cluster"), log_group=own)


def test_its_class_and_its_protection_are_passed_through(
    stack: cdk.Stack, cluster: ecs.ICluster
) -> None:
    EcsTaskEventLogger(stack, "Log", cluster=cluster, log_group_class=IA, deletion_protection=True)
    log_group = only(Template.from_stack(stack), "AWS::Logs::LogGroup")
    assert log_group["LogGroupClass"] == "INFREQUENT_ACCESS"
    assert log_group["DeletionProtectionEnabled"] is True


def test_by_default_cloudwatch_logs_has_its_way(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    EcsTaskEventLogger(stack, "Log", cluster=cluster)
    absent = {"LogGroupClass": Match.absent(), "DeletionProtectionEnabled": Match.absent()}
    Template.from_stack(stack).has_resource_properties("AWS::Logs::LogGroup", absent)


@pytest.mark.parametrize(
    ("props", "message"),
    [
        *(
            ({"log_group_class": each}, "lets nobody query")
            for each in logs.LogGroupClass
            if each.value == "DELIVERY"  # which the oldest CDK does not know
        ),
        ({"removal_policy": cdk.RemovalPolicy.SNAPSHOT}, "is SNAPSHOT, which neither"),
        (
            {"deletion_protection": True, "removal_policy": cdk.RemovalPolicy.DESTROY},
            "deletion_protection and removal_policy DESTROY contradict each other",
        ),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(
    stack: cdk.Stack, cluster: ecs.ICluster, props: Any, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        EcsTaskEventLogger(stack, "Log", cluster=cluster, **props)


@pytest.mark.parametrize("is_own", [False, True])
@pytest.mark.parametrize("where", ["Stack", "Other"])
def test_a_metric_filter_on_a_log_group_of_infrequent_access_is_an_error_at_synthesis(
    stack: cdk.Stack, cluster: ecs.ICluster, is_own: bool, where: str
) -> None:
    props: dict[str, Any] = {"log_group_class": IA}
    if is_own:
        props = {"log_group": logs.LogGroup(stack, "Own", **props)}
    log = EcsTaskEventLogger(stack, "Log", cluster=cluster, **props)
    other: Any = cdk.Stack(stack.node.root, "Other")  # type: ignore[arg-type]
    logs.MetricFilter(
        stack if where == "Stack" else other,
        "Failures",
        log_group=log.log_group,
        filter_pattern=logs.FilterPattern.string_value("$.level", "=", "ERROR"),
        metric_namespace="Shop",
        metric_name="Failures",
    )
    with pytest.raises(RuntimeError, match=f"{where}/Failures/Resource is a metric filter, which"):
        Template.from_stack(stack)


def test_filters_on_other_log_groups_are_none_of_its_business(
    stack: cdk.Stack, cluster: ecs.ICluster
) -> None:
    EcsTaskEventLogger(stack, "Log", cluster=cluster, log_group_class=IA)
    logs.LogGroup(stack, "Other").add_metric_filter(
        "Failures",
        filter_pattern=logs.FilterPattern.all_events(),
        metric_namespace="Shop",
        metric_name="Failures",
    )
    Template.from_stack(stack).resource_count_is("AWS::Logs::MetricFilter", 1)


def test_a_log_group_of_the_same_name_in_another_stack_is_none_of_its_business() -> None:
    app = cdk.App()
    dev, prod = cdk.Stack(app, "Dev"), cdk.Stack(app, "Prod")
    EcsTaskEventLogger(dev, "Log", cluster=ecs.Cluster(dev, "Cluster"), log_group_class=IA)
    EcsTaskEventLogger(prod, "Log", cluster=ecs.Cluster(prod, "Cluster")).metric_failures()
    app.synth()


@pytest.mark.skipif(
    "DELIVERY" not in logs.LogGroupClass.__members__, reason="the oldest CDK does not know it"
)
def test_the_callers_own_log_group_that_nobody_can_query_is_refused(
    stack: cdk.Stack, cluster: ecs.ICluster
) -> None:
    own = logs.LogGroup(stack, "Own", log_group_class=logs.LogGroupClass.DELIVERY)
    with pytest.raises(ValueError, match="Stack/Own is of the class DELIVERY, whose lines"):
        EcsTaskEventLogger(stack, "Log", cluster=cluster, log_group=own)
