"""The construct: what it makes, and what it refuses."""

import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_logs as logs
from aws_cdk.assertions import Match, Template
from cfnlint.api import lint
from cfnlint.config import ManualArgs

from ecs_task_event_logger import EcsTaskEventLogger


def only(template: Template, resource_type: str) -> dict[str, Any]:
    """Return the properties of the only resource of a type."""
    (resource,) = template.find_resources(resource_type).values()
    properties: dict[str, Any] = resource["Properties"]
    return properties


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

    def test_it_targets_the_function_and_may_invoke_it(
        self, stack: cdk.Stack, cluster: ecs.ICluster
    ) -> None:
        EcsTaskEventLogger(stack, "Log", cluster=cluster)
        template = Template.from_stack(stack)
        (rule,) = template.find_resources("AWS::Events::Rule")
        (function,) = template.find_resources("AWS::Lambda::Function")
        function_arn = {"Fn::GetAtt": [function, "Arn"]}
        assert [t["Arn"] for t in only(template, "AWS::Events::Rule")["Targets"]] == [function_arn]
        assert only(template, "AWS::Lambda::Permission") == {
            "Action": "lambda:InvokeFunction",
            "FunctionName": function_arn,
            "Principal": "events.amazonaws.com",
            "SourceArn": {"Fn::GetAtt": [rule, "Arn"]},
        }


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

    def test_its_role_may_write_to_that_log_group_and_do_nothing_else(
        self, stack: cdk.Stack, cluster: ecs.ICluster
    ) -> None:
        EcsTaskEventLogger(stack, "Log", cluster=cluster)
        template = Template.from_stack(stack)
        (log_group,) = template.find_resources("AWS::Logs::LogGroup")
        role = only(template, "AWS::IAM::Role")
        assert "ManagedPolicyArns" not in role
        assert "Policies" not in role
        assert only(template, "AWS::IAM::Policy")["PolicyDocument"]["Statement"] == [
            {
                "Effect": "Allow",
                "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                "Resource": {"Fn::GetAtt": [log_group, "Arn"]},
            }
        ]


class TestLogGroup:
    def test_lines_are_kept_a_month_and_outlive_the_stack_by_default(
        self, stack: cdk.Stack, cluster: ecs.ICluster
    ) -> None:
        EcsTaskEventLogger(stack, "Log", cluster=cluster)
        Template.from_stack(stack).has_resource(
            "AWS::Logs::LogGroup",
            {"Properties": {"RetentionInDays": 30}, "DeletionPolicy": "Retain"},
        )

    def test_no_log_group_is_made_beside_the_callers_own(
        self, stack: cdk.Stack, cluster: ecs.ICluster
    ) -> None:
        own = logs.LogGroup.from_log_group_name(stack, "Own", "/shop/ecs")
        logger = EcsTaskEventLogger(stack, "Log", cluster=cluster, log_group=own)
        template = Template.from_stack(stack)
        template.resource_count_is("AWS::Logs::LogGroup", 0)
        assert only(template, "AWS::Lambda::Function")["LoggingConfig"]["LogGroup"] == "/shop/ecs"
        assert logger.log_group is own

    def test_the_callers_own_cannot_be_configured_here(
        self, stack: cdk.Stack, cluster: ecs.ICluster
    ) -> None:
        own = logs.LogGroup.from_log_group_name(stack, "Own", "/shop/ecs")
        with pytest.raises(ValueError, match=r"log_group .* log_retention and removal_policy"):
            EcsTaskEventLogger(
                stack,
                "Log",
                cluster=cluster,
                log_group=own,
                log_retention=logs.RetentionDays.ONE_DAY,
                removal_policy=cdk.RemovalPolicy.DESTROY,
            )

    @pytest.mark.parametrize(
        ("props", "message"),
        [
            ({"log_group": "/shop/ecs"}, "got '/shop/ecs'.*from_log_group_name"),
            ({"log_group": logs.LogGroup}, "log_group must be a logs.ILogGroup"),
            ({"log_retention": 30}, "log_retention must be a logs.RetentionDays, got 30"),
        ],
    )
    def test_what_is_no_log_group_is_refused_with_the_way_out(
        self, stack: cdk.Stack, cluster: ecs.ICluster, props: Any, message: str
    ) -> None:
        with pytest.raises(TypeError, match=message):
            EcsTaskEventLogger(stack, "Log", cluster=cluster, **props)

    def test_a_resource_of_cloudformation_is_no_log_group(
        self, stack: cdk.Stack, cluster: ecs.ICluster
    ) -> None:
        resource: Any = logs.CfnLogGroup(stack, "Own")
        with pytest.raises(TypeError, match="log_group must be a logs"):
            EcsTaskEventLogger(stack, "Log", cluster=cluster, log_group=resource)

    def test_one_that_the_function_cannot_write_to_is_refused(self) -> None:
        environment = cdk.Environment(account="111122223333", region="eu-west-1")
        stack = cdk.Stack(cdk.App(), "Placed", env=environment)
        arn = "arn:aws:logs:us-east-1:111122223333:log-group:/shop/ecs"
        own = logs.LogGroup.from_log_group_arn(stack, "Own", arn)
        with pytest.raises(ValueError, match="is in region us-east-1, and not in eu-west-1"):
            EcsTaskEventLogger(stack, "Log", cluster=ecs.Cluster(stack, "Cluster"), log_group=own)


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
        # The permission says which function it is for; a policy's name is CDK's own.
        assert named == {("AWS::Lambda::Permission", "FunctionName")}

    @pytest.mark.parametrize("flags", [{}, {"@aws-cdk/aws-iam:minimizePolicies": True}])
    def test_cfn_lint_finds_nothing(self, flags: dict[str, bool]) -> None:
        stack = cdk.Stack(cdk.App(context=flags), "Stack")
        EcsTaskEventLogger(stack, "Log", cluster=ecs.Cluster(stack, "Cluster"))
        template = cdk.Stage.of(stack).synth().get_stack_by_name("Stack").template  # type: ignore[union-attr]
        findings = lint(json.dumps(template), config=ManualArgs(regions=["eu-west-1"]))
        # W3005, a redundant DependsOn, is what CDK's own Lambda function and VPC render.
        assert [str(found) for found in findings if found.rule.id != "W3005"] == []
