"""The construct: what it makes, and what it refuses."""

import inspect
from typing import Any, get_type_hints

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_kms as kms
from aws_cdk.assertions import Match, Template

from ecs_task_event_logger import EcsTaskEventForwarder, EcsTaskEventLogger
from ecs_task_event_logger.event_logger_props import LoggerProps
from templates import arn_of, only


class TestRule:
    def test_a_cluster_made_in_the_same_stack_is_watched_by_its_arn(self, stack: cdk.Stack) -> None:
        cluster = ecs.Cluster(stack, "Cluster")
        EcsTaskEventLogger(stack, "Log", cluster=cluster)
        rule = only(Template.from_stack(stack), "AWS::Events::Rule")
        assert rule["EventPattern"] == {
            "source": ["aws.ecs"],
            "detail-type": ["ECS Task State Change"],
            "detail": {"clusterArn": [stack.resolve(cluster.cluster_arn)]},
        }

    def test_a_cluster_imported_by_attributes_is_watched_by_its_arn(self, stack: cdk.Stack) -> None:
        vpc = ec2.Vpc.from_vpc_attributes(
            stack, "Vpc", vpc_id="vpc-1", availability_zones=["eu-west-1a"]
        )
        cluster = ecs.Cluster.from_cluster_attributes(
            stack, "Cluster", cluster_name="shop", vpc=vpc
        )
        EcsTaskEventLogger(stack, "Log", cluster=cluster)
        rule = only(Template.from_stack(stack), "AWS::Events::Rule")
        (arn,) = rule["EventPattern"]["detail"]["clusterArn"]
        assert arn["Fn::Join"][1][-1] == ":cluster/shop"

    def test_it_listens_to_the_default_bus_and_to_every_status(
        self, stack: cdk.Stack, cluster: ecs.ICluster
    ) -> None:
        EcsTaskEventLogger(stack, "Log", cluster=cluster)
        rule = only(Template.from_stack(stack), "AWS::Events::Rule")
        assert "EventBusName" not in rule
        assert "lastStatus" not in rule["EventPattern"]["detail"]

    def test_it_targets_the_function(self, stack: cdk.Stack, cluster: ecs.ICluster) -> None:
        EcsTaskEventLogger(stack, "Log", cluster=cluster)
        template = Template.from_stack(stack)
        (target,) = only(template, "AWS::Events::Rule")["Targets"]
        assert target["Arn"] == arn_of(template, "AWS::Lambda::Function")


class TestFunction:
    def test_it_runs_the_handler_on_the_newest_python_and_writes_to_the_log_group(
        self, stack: cdk.Stack, cluster: ecs.ICluster
    ) -> None:
        EcsTaskEventLogger(stack, "Log", cluster=cluster)
        template = Template.from_stack(stack)
        (log_group,) = template.find_resources("AWS::Logs::LogGroup")
        template.has_resource_properties(
            "AWS::Lambda::Function",
            {
                "Runtime": "python3.14",
                "Architectures": ["arm64"],
                "Handler": "task_events.main.handler",
                "MemorySize": 128,
                "Timeout": 10,
                "LoggingConfig": {
                    "LogFormat": "JSON",
                    "LogGroup": {"Ref": log_group},
                    "SystemLogLevel": "WARN",
                },
                "Environment": Match.absent(),
            },
        )


class TestManners:
    def test_its_parts_are_properties_that_cannot_be_replaced(
        self, stack: cdk.Stack, cluster: ecs.ICluster
    ) -> None:
        logger = EcsTaskEventLogger(stack, "Log", cluster=cluster)
        assert logger.function.node.path == "Stack/Log/Function"
        assert logger.rule.node.path == "Stack/Log/Rule"
        assert logger.log_group.node.path == "Stack/Log/LogGroup"
        for name in ("function", "rule", "log_group"):
            with pytest.raises(AttributeError):
                setattr(logger, name, None)

    def test_several_loggers_live_in_one_stack(
        self, stack: cdk.Stack, cluster: ecs.ICluster
    ) -> None:
        EcsTaskEventLogger(stack, "All", cluster=cluster)
        EcsTaskEventLogger(stack, "Stopped", cluster=cluster, statuses=["STOPPED"])
        template = Template.from_stack(stack)
        for resource_type in ("Events::Rule", "Lambda::Function", "Logs::LogGroup"):
            template.resource_count_is(f"AWS::{resource_type}", 2)

    def test_nothing_has_a_physical_name(self, stack: cdk.Stack, cluster: ecs.ICluster) -> None:
        EcsTaskEventLogger(stack, "Log", cluster=cluster)
        named = {
            (resource["Type"], key)
            for resource in Template.from_stack(stack).to_json()["Resources"].values()
            for key in resource["Properties"]
            if key in {"Name", "FunctionName", "RoleName", "LogGroupName"}
        }
        # The permission says which function it is for; queries are looked for by their names.
        assert named == {
            ("AWS::Lambda::Permission", "FunctionName"),
            ("AWS::Logs::QueryDefinition", "Name"),
        }


@pytest.mark.parametrize("construct", [EcsTaskEventLogger, EcsTaskEventForwarder])
def test_its_props_say_their_types_to_whoever_asks(construct: type[Any]) -> None:
    hints = get_type_hints(construct.__init__)
    assert hints["encryption_key"] == kms.IKey | None


def test_launch_types_may_be_those_of_cdk(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    EcsTaskEventLogger(stack, "Log", cluster=cluster, launch_types=[ecs.LaunchType.FARGATE])
    pattern = only(Template.from_stack(stack), "AWS::Events::Rule")["EventPattern"]
    assert pattern["detail"]["launchType"] == ["FARGATE"]


def test_a_logger_of_all_clusters_may_be_given_a_condition_on_them(stack: cdk.Stack) -> None:
    log = EcsTaskEventLogger.for_all_clusters(stack, "Log")
    log.add_event_pattern(detail={"clusterArn": [{"wildcard": "*:cluster/prod-*"}]})
    pattern = only(Template.from_stack(stack), "AWS::Events::Rule")["EventPattern"]
    assert pattern["detail"] == {"clusterArn": [{"wildcard": "*:cluster/prod-*"}]}


def test_all_clusters_take_the_props_of_one() -> None:
    taken = {
        name: parameter.annotation
        for name, parameter in inspect.signature(EcsTaskEventLogger.__init__).parameters.items()
        if name not in ("self", "scope", "id", "cluster")
    }
    named = {
        name: reference.__forward_arg__ for name, reference in LoggerProps.__annotations__.items()
    }
    assert named == taken
