"""The logger: its rule, its function, and the conventions that it follows."""

import inspect
from typing import Any, get_type_hints

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_kms as kms
from aws_cdk.assertions import Template
from constructs import Construct

from ecs_task_event_logger import EcsTaskEventForwarder, EcsTaskEventLogger, EcsTaskEventRule
from ecs_task_event_logger.event_logger_props import AllClustersProps, EcsTaskEventLoggerProps
from templates import arn_of, only, warnings_of

CONSTRUCTS = (EcsTaskEventLogger, EcsTaskEventForwarder, EcsTaskEventRule)


class TestRule:
    def test_watches_a_cluster_in_the_same_stack(self, stack: cdk.Stack) -> None:
        cluster = ecs.Cluster(stack, "Cluster")
        EcsTaskEventLogger(stack, "Log", cluster=cluster)
        rule = only(Template.from_stack(stack), "AWS::Events::Rule")
        assert rule["EventPattern"] == {
            "source": ["aws.ecs"],
            "detail-type": ["ECS Task State Change"],
            "detail": {"clusterArn": [stack.resolve(cluster.cluster_arn)]},
        }

    def test_watches_a_cluster_imported_by_attributes(self, stack: cdk.Stack) -> None:
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

    def test_listens_on_the_default_bus_to_every_status(
        self, stack: cdk.Stack, cluster: ecs.ICluster
    ) -> None:
        EcsTaskEventLogger(stack, "Log", cluster=cluster)
        rule = only(Template.from_stack(stack), "AWS::Events::Rule")
        assert "EventBusName" not in rule
        assert "lastStatus" not in rule["EventPattern"]["detail"]

    def test_rule_targets_the_function(self, stack: cdk.Stack, cluster: ecs.ICluster) -> None:
        EcsTaskEventLogger(stack, "Log", cluster=cluster)
        template = Template.from_stack(stack)
        (target,) = only(template, "AWS::Events::Rule")["Targets"]
        assert target["Arn"] == arn_of(template, "AWS::Lambda::Function")


class TestConventions:
    def test_parts_are_read_only_properties(self, stack: cdk.Stack, cluster: ecs.ICluster) -> None:
        logger = EcsTaskEventLogger(stack, "Log", cluster=cluster)
        assert logger.function.node.path == "Stack/Log/Function"
        assert logger.rule.node.path == "Stack/Log/Rule"
        assert logger.log_group.node.path == "Stack/Log/LogGroup"
        for name in ("function", "rule", "log_group"):
            with pytest.raises(AttributeError):
                setattr(logger, name, None)

    def test_one_stack_may_hold_several_loggers(
        self, stack: cdk.Stack, cluster: ecs.ICluster
    ) -> None:
        EcsTaskEventLogger(stack, "All", cluster=cluster)
        EcsTaskEventLogger(stack, "Stopped", cluster=cluster, statuses=["STOPPED"])
        template = Template.from_stack(stack)
        for resource_type in ("Events::Rule", "Lambda::Function", "Logs::LogGroup"):
            template.resource_count_is(f"AWS::{resource_type}", 2)

    def test_no_resource_has_a_physical_name(self, stack: cdk.Stack, cluster: ecs.ICluster) -> None:
        EcsTaskEventLogger(stack, "Log", cluster=cluster)
        named = {
            (resource["Type"], key)
            for resource in Template.from_stack(stack).to_json()["Resources"].values()
            for key in resource["Properties"]
            if key in {"Name", "FunctionName", "RoleName", "LogGroupName"}
        }
        # A permission names its function, and people look for queries by name.
        assert named == {
            ("AWS::Lambda::Permission", "FunctionName"),
            ("AWS::Logs::QueryDefinition", "Name"),
        }


@pytest.mark.parametrize("construct", CONSTRUCTS)
def test_type_hints_of_props_resolve(construct: type[Any]) -> None:
    hints = get_type_hints(construct.__init__)
    assert hints["cluster"] == ecs.ICluster | None
    assert hints.get("encryption_key") in (None, kms.IKey | None)


def test_accepts_launch_types_of_cdk(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    EcsTaskEventLogger(stack, "Log", cluster=cluster, launch_types=[ecs.LaunchType.FARGATE])
    pattern = only(Template.from_stack(stack), "AWS::Events::Rule")["EventPattern"]
    assert pattern["detail"]["launchType"] == ["FARGATE"]


def test_all_clusters_accept_a_condition_on_the_cluster(stack: cdk.Stack) -> None:
    log = EcsTaskEventLogger.for_all_clusters(stack, "Log")
    log.add_event_pattern(detail={"clusterArn": [{"wildcard": "*:cluster/prod-*"}]})
    pattern = only(Template.from_stack(stack), "AWS::Events::Rule")["EventPattern"]
    assert pattern["detail"] == {"clusterArn": [{"wildcard": "*:cluster/prod-*"}]}


@pytest.mark.parametrize("construct", CONSTRUCTS)
def test_signature_shows_the_parameters(construct: type[Any]) -> None:
    signature = inspect.signature(construct)
    _, *parameters = inspect.signature(construct.__init__).parameters.values()
    assert list(signature.parameters.values()) == parameters
    assert list(signature.parameters)[:2] == ["scope", "id"]
    assert {each.kind for each in parameters[2:]} == {inspect.Parameter.KEYWORD_ONLY}
    assert {"cluster", "services", "capacity_providers"} <= signature.parameters.keys()


@pytest.mark.parametrize("construct", CONSTRUCTS)
def test_signature_of_a_subclass_shows_its_own_parameters(construct: type[Any]) -> None:
    class Inherits(construct):  # type: ignore[misc]
        pass

    class Replaces(construct):  # type: ignore[misc]
        def __init__(self, scope: Construct, id: str, *, team: str) -> None:
            super().__init__(scope, id)

    assert inspect.signature(Inherits) == inspect.signature(construct)
    assert list(inspect.signature(Replaces).parameters) == ["scope", "id", "team"]
    assert "team" not in inspect.signature(construct).parameters


def test_props_type_has_the_parameters_of_the_logger() -> None:
    parameters = get_type_hints(EcsTaskEventLogger.__init__)
    for name in ("scope", "id", "return"):
        del parameters[name]
    assert get_type_hints(EcsTaskEventLoggerProps) == parameters
    assert EcsTaskEventLoggerProps.__required_keys__ == frozenset()
    del parameters["cluster"]
    assert get_type_hints(AllClustersProps) == parameters


class TestSharedResources:
    def two_loggers(self, app: cdk.App) -> tuple[EcsTaskEventLogger, EcsTaskEventLogger]:
        """Return two loggers with one queue and one log group."""
        stack = cdk.Stack(app, "Stack")
        first = EcsTaskEventLogger.for_all_clusters(stack, "First")
        return first, EcsTaskEventLogger.for_all_clusters(
            stack, "Second", log_group=first.log_group, dead_letter_queue=first.dead_letter_queue
        )

    def test_second_logger_warns_of_the_queue_and_the_log_group(self) -> None:
        first, second = self.two_loggers(cdk.App())
        assert warnings_of(first) == []
        of_queue, of_log_group = warnings_of(second)
        assert of_queue.startswith("Stack/Second shares its dead-letter queue with Stack/First. ")
        assert of_log_group.startswith("Stack/Second shares its log group with Stack/First. ")

    def test_third_logger_warns_of_both_others(self) -> None:
        first, second = self.two_loggers(cdk.App())
        third = EcsTaskEventLogger.for_all_clusters(
            cdk.Stack(first.node.root, "Other"),  # type: ignore[arg-type]
            "Third",
            dead_letter_queue=second.dead_letter_queue,
        )
        of_first, of_second = warnings_of(third)
        assert "Other/Third shares its dead-letter queue with Stack/First." in of_first
        assert "Other/Third shares its dead-letter queue with Stack/Second." in of_second

    def test_warnings_do_not_depend_on_other_apps(self) -> None:
        warnings = [warnings_of(self.two_loggers(cdk.App())[1]) for _ in range(2)]
        assert warnings[0] == warnings[1]
        alone = EcsTaskEventLogger.for_all_clusters(cdk.Stack(cdk.App(), "Stack"), "Second")
        assert warnings_of(alone) == []

    def test_one_logger_with_further_rules_warns_of_nothing(self) -> None:
        stack = cdk.Stack(cdk.App(), "Stack")
        log = EcsTaskEventLogger.for_all_clusters(stack, "Log")
        further = EcsTaskEventRule.for_all_clusters(stack, "Further", logger=log)
        assert warnings_of(log) == warnings_of(further) == []


def test_flags_of_new_apps_are_set_if_asked_for(pytestconfig: pytest.Config) -> None:
    stack = cdk.Stack(cdk.App(), "Stack", env=cdk.Environment(region="eu-west-1"))
    # A flag of new apps makes the partition of a known region a literal.
    assert (stack.partition == "aws") == pytestconfig.getoption("recommended_flags")
