"""Permissions: of the function, and of the services that use its resources."""

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs
from aws_cdk.assertions import Template

from ecs_task_event_logger import EcsTaskEventLogger
from templates import arn_of, only

ACCOUNT = {"Ref": "AWS::AccountId"}
REGION = {"Ref": "AWS::Region"}


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
                "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
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


@pytest.mark.parametrize(
    "props", [{"removal_policy": cdk.RemovalPolicy.DESTROY}, {"log_group": "own"}]
)
def test_function_does_not_recreate_a_temporary_or_own_log_group(
    stack: cdk.Stack, cluster: ecs.ICluster, props: dict[str, Any]
) -> None:
    if "log_group" in props:
        props = {"log_group": logs.LogGroup(stack, "Own")}
    EcsTaskEventLogger(stack, "Log", cluster=cluster, **props)
    log, _ = statements(Template.from_stack(stack))
    assert log["Action"] == ["logs:CreateLogStream", "logs:PutLogEvents"]


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
