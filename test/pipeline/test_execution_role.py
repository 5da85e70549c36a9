"""Permissions: of the function, and of the services that use its resources."""

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs
from aws_cdk.assertions import Template

from ecs_task_event_logger import EcsTaskEventLogger
from templates import arn_of, only, only_id, warnings_of

ACCOUNT = {"Ref": "AWS::AccountId"}
REGION = {"Ref": "AWS::Region"}
ROLE_ARN = "arn:aws:iam::111122223333:role"


def statements(template: Template) -> Any:
    """Return the statements of the function's policy."""
    return only(template, "AWS::IAM::ManagedPolicy")["PolicyDocument"]["Statement"]


def service(name: str) -> dict[str, Any]:
    return {"Fn::Join": ["", [f"{name}.", REGION, ".", {"Ref": "AWS::URLSuffix"}]]}


class TestByDefault:
    @pytest.fixture
    def template(self, stack: cdk.Stack, cluster: ecs.ICluster) -> Template:
        EcsTaskEventLogger(stack, "Log", cluster=cluster)
        return Template.from_stack(stack)

    def test_function_may_only_log_and_send_to_the_queue(self, template: Template) -> None:
        assert statements(template) == [
            {
                # Lambda writes the lines, and creates the log group again if it was deleted.
                "Effect": "Allow",
                "Action": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
                "Resource": arn_of(template, "AWS::Logs::LogGroup"),
            },
            {
                # Lambda sends the events that the function failed on.
                "Effect": "Allow",
                "Action": "sqs:SendMessage",
                "Resource": arn_of(template, "AWS::SQS::Queue"),
            },
        ]

    def test_role_has_one_policy(self, template: Template) -> None:
        role = only(template, "AWS::IAM::Role")
        (policy,) = template.find_resources("AWS::IAM::ManagedPolicy")
        assert role["ManagedPolicyArns"] == [{"Ref": policy}]
        assert "Policies" not in role
        template.resource_count_is("AWS::IAM::Policy", 0)

    def test_lambda_may_assume_the_role_for_this_account(self, template: Template) -> None:
        assert only(template, "AWS::IAM::Role")["AssumeRolePolicyDocument"]["Statement"] == [
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Condition": {"StringEqualsIfExists": {"aws:SourceAccount": ACCOUNT}},
            }
        ]

    def test_only_the_rule_may_invoke_the_function(self, template: Template) -> None:
        assert only(template, "AWS::Lambda::Permission") == {
            "Action": "lambda:InvokeFunction",
            "FunctionName": arn_of(template, "AWS::Lambda::Function"),
            "Principal": "events.amazonaws.com",
            "SourceArn": arn_of(template, "AWS::Events::Rule"),
        }

    def test_rule_may_send_to_the_queue_over_tls_only(self, template: Template) -> None:
        queue = arn_of(template, "AWS::SQS::Queue")
        without_tls, rule = only(template, "AWS::SQS::QueuePolicy")["PolicyDocument"]["Statement"]
        assert without_tls == {
            "Effect": "Deny",
            "Action": "sqs:*",
            "Principal": {"AWS": "*"},
            "Resource": queue,
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
        del rule["Sid"]
        assert rule == {
            "Effect": "Allow",
            "Action": "sqs:SendMessage",
            "Principal": {"Service": "events.amazonaws.com"},
            "Resource": queue,
            # The rule's ARN names the account too.
            "Condition": {"ArnEquals": {"aws:SourceArn": arn_of(template, "AWS::Events::Rule")}},
        }


WRITE = ["logs:CreateLogStream", "logs:PutLogEvents"]


class TestRecreation:
    """Lambda may create a deleted log group again, unless it should go with the stack."""

    def actions(self, stack: cdk.Stack) -> Any:
        lines, _ = statements(Template.from_stack(stack))
        return lines["Action"]

    def test_not_with_removal_policy_destroy(self, stack: cdk.Stack, cluster: ecs.ICluster) -> None:
        destroy = cdk.RemovalPolicy.DESTROY
        EcsTaskEventLogger(stack, "Log", cluster=cluster, removal_policy=destroy)
        assert self.actions(stack) == WRITE

    def test_not_with_an_own_log_group(self, stack: cdk.Stack, cluster: ecs.ICluster) -> None:
        own = logs.LogGroup(stack, "Own")
        EcsTaskEventLogger(stack, "Log", cluster=cluster, log_group=own)
        assert self.actions(stack) == WRITE

    def test_not_if_an_aspect_destroys_all(self, stack: cdk.Stack, cluster: ecs.ICluster) -> None:
        EcsTaskEventLogger(stack, "Log", cluster=cluster)
        cdk.RemovalPolicies.of(stack).destroy()
        assert self.actions(stack) == WRITE

    def test_not_if_the_policy_is_applied_later(
        self, stack: cdk.Stack, log: EcsTaskEventLogger
    ) -> None:
        log.log_group.apply_removal_policy(cdk.RemovalPolicy.DESTROY)
        assert self.actions(stack) == WRITE

    @pytest.mark.parametrize("policy", ["RETAIN", "RETAIN_ON_UPDATE_OR_DELETE"])
    def test_if_the_log_group_stays(
        self, stack: cdk.Stack, cluster: ecs.ICluster, policy: str
    ) -> None:
        destroy, stay = cdk.RemovalPolicy.DESTROY, cdk.RemovalPolicy[policy]
        log = EcsTaskEventLogger(stack, "Log", cluster=cluster, removal_policy=destroy)
        log.log_group.apply_removal_policy(stay)
        assert self.actions(stack) == ["logs:CreateLogGroup", *WRITE]


class TestOwnRole:
    def test_gets_a_policy_before_the_function_exists(
        self, stack: cdk.Stack, cluster: ecs.ICluster
    ) -> None:
        own = iam.Role(stack, "Own", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        log = EcsTaskEventLogger(stack, "Log", cluster=cluster, role=own)
        log.on_task_failure("Tell")
        assert warnings_of(log) == []
        template = Template.from_stack(stack)
        template.resource_count_is("AWS::IAM::Role", 1)
        policy = only(template, "AWS::IAM::ManagedPolicy")
        assert policy["Roles"] == [{"Ref": only_id(template, "AWS::IAM::Role")}]
        actions = [statement["Action"] for statement in policy["PolicyDocument"]["Statement"]]
        assert actions[1:] == ["sqs:SendMessage", "events:PutEvents"]
        (function,) = template.find_resources("AWS::Lambda::Function").values()
        assert function["Properties"]["Role"] == arn_of(template, "AWS::IAM::Role")
        assert only_id(template, "AWS::IAM::ManagedPolicy") in function["DependsOn"]

    def test_imported_role_gets_the_policy_by_its_name(
        self, stack: cdk.Stack, cluster: ecs.ICluster
    ) -> None:
        own = iam.Role.from_role_arn(stack, "Own", f"{ROLE_ARN}/team/shop-log")
        log = EcsTaskEventLogger(stack, "Log", cluster=cluster, role=own)
        assert warnings_of(log) == []
        policy = only(Template.from_stack(stack), "AWS::IAM::ManagedPolicy")
        assert policy["Roles"] == ["shop-log"]

    @pytest.mark.parametrize(
        "make",
        [
            lambda stack: iam.Role.from_role_arn(stack, "Own", f"{ROLE_ARN}/own", mutable=False),
            lambda stack: iam.Role.from_role_name(stack, "Own", "own", mutable=False),
            lambda stack: iam.Role(
                stack, "Own", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com")
            ).without_policy_updates(),
        ],
        ids=["by ARN", "by name", "of the stack"],
    )
    def test_role_that_must_not_change_gets_a_warning(
        self, stack: cdk.Stack, cluster: ecs.ICluster, make: Callable[[cdk.Stack], iam.IRole]
    ) -> None:
        log = EcsTaskEventLogger(stack, "Log", cluster=cluster, role=make(stack))
        of_lines, *others = warnings_of(log)
        assert "must not be changed, so this app cannot change its policy" in of_lines
        assert '"Action": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:Put' in of_lines
        assert '"Resource": ["${LogDeadLetterQueueFD44564E.Arn}"]' in of_lines
        assert others == []
        log.on_task_failure("Tell")
        assert '"events:PutEvents"' in warnings_of(log)[-1]
        Template.from_stack(stack).resource_count_is("AWS::IAM::ManagedPolicy", 0)

    def test_rejects_a_role_of_another_account(self) -> None:
        env = cdk.Environment(account="444455556666", region="eu-west-1")
        stack = cdk.Stack(cdk.App(), "Stack", env=env)
        own = iam.Role.from_role_arn(stack, "Own", f"{ROLE_ARN}/own")
        with pytest.raises(ValueError, match="role Stack/Own is in account 111122223333, but"):
            EcsTaskEventLogger.for_all_clusters(stack, "Log", role=own)

    def test_accepts_a_role_that_is_looked_up(self) -> None:
        env = cdk.Environment(account="444455556666", region="eu-west-1")
        stack = cdk.Stack(cdk.App(), "Stack", env=env)
        own = iam.Role.from_lookup(stack, "Own", role_name="own")
        EcsTaskEventLogger.for_all_clusters(stack, "Log", role=own)

    def test_accepts_a_role_of_a_stack_in_another_region(self) -> None:
        app = cdk.App()
        here, there = (
            cdk.Stack(app, region, env=cdk.Environment(account="111122223333", region=region))
            for region in ("eu-west-1", "us-east-1")
        )
        own = iam.Role(
            there,
            "Own",
            role_name="shop",
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
        )
        EcsTaskEventLogger.for_all_clusters(here, "Log", role=own)
        app.synth()

    def test_any_id_of_a_role_may_be_changed(self, stack: cdk.Stack) -> None:
        principal = iam.ServicePrincipal("lambda.amazonaws.com")
        own = iam.Role(stack, "ImmutableRoleOfTheShop", assumed_by=principal)
        log = EcsTaskEventLogger.for_all_clusters(stack, "Log", role=own)
        assert warnings_of(log) == []

    def test_rejects_the_arn_of_a_role(self, stack: cdk.Stack) -> None:
        own: Any = f"{ROLE_ARN}/own"
        with pytest.raises(TypeError, match=r"role must be an iam.IRole.*iam.Role.from_role_arn"):
            EcsTaskEventLogger.for_all_clusters(stack, "Log", role=own)

    def test_precreated_role_needs_no_resource(self) -> None:
        app = cdk.App()
        iam.Role.customize_roles(app, use_precreated_roles={"Stack/Log/Role": "shop-log"})
        stack = cdk.Stack(app, "Stack")
        EcsTaskEventLogger.for_all_clusters(stack, "Log")
        template = Template.from_stack(stack)
        role = only(template, "AWS::Lambda::Function")["Role"]
        assert role["Fn::Join"][1][-1] == ":role/shop-log"
        for kind in ("Role", "ManagedPolicy", "Policy"):
            template.resource_count_is(f"AWS::IAM::{kind}", 0)


def test_function_may_use_the_key_for_lines_and_dead_letters(
    stack: cdk.Stack, cluster: ecs.ICluster
) -> None:
    EcsTaskEventLogger(stack, "Log", cluster=cluster, encryption_key=kms.Key(stack, "Key"))
    template = Template.from_stack(stack)
    key = arn_of(template, "AWS::KMS::Key")
    *_, lines, messages = statements(template)
    assert lines == {
        "Effect": "Allow",
        "Action": [
            "kms:Decrypt",
            "kms:DescribeKey",
            "kms:Encrypt",
            "kms:GenerateDataKey",
            "kms:GenerateDataKeyWithoutPlaintext",
            "kms:ReEncryptFrom",
            "kms:ReEncryptTo",
        ],
        "Resource": key,
        "Condition": {"StringEquals": {"kms:ViaService": service("logs")}},
    }
    assert messages == {
        "Effect": "Allow",
        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
        "Resource": key,
        "Condition": {
            "StringEquals": {
                "kms:ViaService": service("sqs"),
                "kms:EncryptionContext:aws:sqs:arn": arn_of(template, "AWS::SQS::Queue"),
            }
        },
    }


def test_function_may_use_the_key_of_an_own_queue(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    queue = sqs.Queue(stack, "Own", encryption=sqs.QueueEncryption.KMS)
    EcsTaskEventLogger(stack, "Log", cluster=cluster, dead_letter_queue=queue)
    template = Template.from_stack(stack)
    *_, messages = statements(template)
    assert messages["Resource"] == arn_of(template, "AWS::KMS::Key")


def test_only_lambda_itself_may_manage_network_interfaces(
    stack: cdk.Stack, cluster: ecs.ICluster
) -> None:
    EcsTaskEventLogger(stack, "Log", cluster=cluster, vpc=ec2.Vpc(stack, "Vpc"))
    *_, allowed, denied = statements(Template.from_stack(stack))
    assert allowed == {
        "Effect": "Allow",
        "Action": [
            "ec2:AssignPrivateIpAddresses",
            "ec2:CreateNetworkInterface",
            "ec2:DeleteNetworkInterface",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeSubnets",
            "ec2:UnassignPrivateIpAddresses",
        ],
        "Resource": "*",
    }
    assert denied["Effect"] == "Deny"
    assert set(denied["Action"]) > set(allowed["Action"])
    (arn,) = denied["Condition"]["ArnLike"].values()
    assert arn["Fn::Join"][1][-1] == ":function:*"


def test_traced_function_may_send_traces(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    EcsTaskEventLogger(stack, "Log", cluster=cluster, tracing=lambda_.Tracing.ACTIVE)
    *_, traces = statements(Template.from_stack(stack))
    assert traces["Action"] == ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]


def test_keeps_permissions_that_the_user_grants(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    log = EcsTaskEventLogger(stack, "Log", cluster=cluster)
    sqs.Queue(stack, "Other").grant_send_messages(log.function)
    Template.from_stack(stack).resource_count_is("AWS::IAM::Policy", 1)
