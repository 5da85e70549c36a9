"""``docs/company.md``: each example has the effect that its section promises."""

import json
import re
from collections.abc import Callable
from fnmatch import fnmatch
from typing import Any

import aws_cdk as cdk
import boto3
import cdk_nag
import pytest
from aws_cdk.assertions import Template

from documents import Example, blocks, imports
from ecs_events import ROOT
from templates import only

TEXT = (ROOT / "docs" / "company.md").read_text()
SECTIONS = {
    title: blocks(text)
    for title, text in re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", TEXT, re.M | re.S)
}


def example(title: str) -> Example:
    """Run the only example of a section."""
    (block,) = SECTIONS[title]
    return Example(block, imports(TEXT))


def template_of(title: str) -> Template:
    return Template.from_stack(example(title))


def test_boundary_is_set_on_the_role() -> None:
    role = only(template_of("Permissions boundary"), "AWS::IAM::Role")
    assert role["PermissionsBoundary"]["Fn::Join"][1][-1] == ":policy/TeamBoundary"


def test_function_uses_the_own_role() -> None:
    role = only(template_of("Your own role"), "AWS::IAM::Role")
    assert (role["RoleName"], role["Path"]) == ("shop-task-events", "/team/")


def test_precreated_roles_need_no_resource() -> None:
    names = example("Roles that another team creates").names
    template = Template.from_stack(names["stack"])
    template.resource_count_is("AWS::IAM::Role", 0)
    template.resource_count_is("AWS::IAM::ManagedPolicy", 0)
    report = f"{names['app'].outdir}/iam-policy-report.txt"
    with open(report) as file:
        assert "logs:PutLogEvents" in file.read()


def test_lines_are_in_the_own_log_group() -> None:
    template = template_of("Your own log group")
    assert only(template, "AWS::Lambda::Function")["LoggingConfig"]["LogGroup"] == "/shop/tasks"


def test_aspect_names_the_resources() -> None:
    template = template_of("Names")
    assert only(template, "AWS::Lambda::Function")["FunctionName"] == "shop-task-events"
    assert only(template, "AWS::Logs::LogGroup")["LogGroupName"] == "/shop/task-events"
    assert only(template, "AWS::IAM::Role")["Path"] == "/team/"
    assert only(template, "AWS::IAM::ManagedPolicy")["Path"] == "/team/"


def test_function_has_the_variable_and_the_layer() -> None:
    function = only(template_of("Environment variables and layers"), "AWS::Lambda::Function")
    assert function["Environment"]["Variables"] == {"DD_SITE": "datadoghq.eu"}
    assert len(function["Layers"]) == 1


def test_all_resources_that_can_have_tags_have_them() -> None:
    resources = template_of("Tags").to_json()["Resources"].values()
    tagged = {each["Type"] for each in resources if "Tags" in each.get("Properties", {})}
    assert tagged == {
        "AWS::Events::Rule",
        "AWS::IAM::Role",
        "AWS::Lambda::Function",
        "AWS::Logs::LogGroup",
        "AWS::SQS::Queue",
    }


def test_injector_sets_a_prop_of_the_function() -> None:
    stack = example("Defaults for all functions").names["app"].node.find_child("Shop")
    function = only(Template.from_stack(stack), "AWS::Lambda::Function")
    assert function["ReservedConcurrentExecutions"] == 2


def test_subclass_has_the_defaults_of_the_team() -> None:
    template = template_of("Your own construct")
    assert only(template, "AWS::Logs::LogGroup")["RetentionInDays"] == 365


def test_deploys_from_an_own_bucket() -> None:
    stack = example("An account without `cdk bootstrap`").names["stack"]
    template = Template.from_stack(stack)
    assert only(template, "AWS::Lambda::Function")["Code"]["S3Bucket"] == "shop-deployments"
    assert template.to_json().keys() == {"Resources"}  # nothing of `cdk bootstrap`


def test_function_runs_in_a_region_without_the_defaults() -> None:
    template = Template.from_stack(example("Any region").names["stack"])
    function = only(template, "AWS::Lambda::Function")
    assert (function["Runtime"], function["Architectures"]) == ("python3.12", ["x86_64"])
    assert "arn:aws:" not in json.dumps(template.to_json())


PACKS: list[Callable[[], Any]] = [
    cdk_nag.AwsSolutionsChecks,
    cdk_nag.HIPAASecurityChecks,
    cdk_nag.NIST80053R5Checks,
    cdk_nag.PCIDSS321Checks,
    cdk_nag.ServerlessChecks,
]


@pytest.mark.parametrize("number", range(3))
def test_acknowledged_findings_are_gone(number: int) -> None:
    stack = Example(SECTIONS["cdk-nag"][number], imports(TEXT))
    packs = PACKS if number == 1 else PACKS[:1]
    assert nag(stack, packs) == set()


def nag(stack: cdk.Stack, packs: list[Callable[[], Any]]) -> set[str]:
    """Return the rules that find something in the loggers and forwarders of a stack."""
    ours = [child for child in stack.node.children if type(child).__module__.startswith("ecs_task")]
    assert ours
    return {
        violation.rule_name
        for pack in packs
        for each in ours
        for violation in pack().validate_scope(each).violations
    }


def test_table_links_to_each_section() -> None:
    anchors = re.findall(r"; \[example\]\(#([\w-]+)\) \|$", TEXT, re.MULTILINE)
    assert anchors == [
        re.sub(r"[^\w\- ]", "", title).lower().replace(" ", "-") for title in SECTIONS
    ]


# What CloudFormation calls at least to create and delete the resources of each type. The calls come
# from the handlers in its resource schemas.
CALLS = {
    "AWS::CloudWatch::Dashboard": ["cloudwatch:PutDashboard", "cloudwatch:DeleteDashboards"],
    "AWS::Events::ApiDestination": [
        "events:CreateApiDestination",
        "events:DescribeApiDestination",
        "events:UpdateApiDestination",
        "events:DeleteApiDestination",
    ],
    "AWS::Events::Connection": [
        "events:CreateConnection",
        "events:DescribeConnection",
        "events:UpdateConnection",
        "events:DeleteConnection",
        "secretsmanager:CreateSecret",
        "secretsmanager:GetSecretValue",
        "secretsmanager:PutSecretValue",
        "secretsmanager:UpdateSecret",
        "iam:CreateServiceLinkedRole",
    ],
    "AWS::Events::EventBusPolicy": ["events:PutPermission", "events:RemovePermission"],
    "AWS::Events::Rule": [
        "events:PutRule",
        "events:PutTargets",
        "events:DescribeRule",
        "events:ListTargetsByRule",
        "events:RemoveTargets",
        "events:DeleteRule",
    ],
    "AWS::IAM::ManagedPolicy": [
        "iam:CreatePolicy",
        "iam:CreatePolicyVersion",
        "iam:GetPolicy",
        "iam:GetPolicyVersion",
        "iam:ListPolicyVersions",
        "iam:DeletePolicy",
        "iam:DeletePolicyVersion",
    ],
    "AWS::IAM::Role": [
        "iam:CreateRole",
        "iam:GetRole",
        "iam:GetRolePolicy",
        "iam:ListAttachedRolePolicies",
        "iam:ListRolePolicies",
        "iam:AttachRolePolicy",
        "iam:DetachRolePolicy",
        "iam:UpdateAssumeRolePolicy",
        "iam:DeleteRole",
    ],
    "AWS::Lambda::EventInvokeConfig": [
        "lambda:PutFunctionEventInvokeConfig",
        "lambda:UpdateFunctionEventInvokeConfig",
        "lambda:GetFunctionEventInvokeConfig",
        "lambda:DeleteFunctionEventInvokeConfig",
    ],
    "AWS::Lambda::Function": [
        "lambda:CreateFunction",
        "lambda:GetFunction",
        "lambda:GetFunctionConfiguration",
        "lambda:UpdateFunctionCode",
        "lambda:UpdateFunctionConfiguration",
        "lambda:DeleteFunction",
        "iam:PassRole",
        "s3:GetObject",
    ],
    "AWS::Lambda::Permission": [
        "lambda:AddPermission",
        "lambda:GetPolicy",
        "lambda:RemovePermission",
    ],
    "AWS::Logs::LogGroup": [
        "logs:CreateLogGroup",
        "logs:DescribeLogGroups",
        "logs:PutRetentionPolicy",
        "logs:PutIndexPolicy",
        "logs:DescribeIndexPolicies",
        "logs:AssociateKmsKey",
        "logs:PutLogGroupDeletionProtection",
        "logs:TagResource",
        "logs:DeleteLogGroup",
    ],
    "AWS::Logs::MetricFilter": [
        "logs:PutMetricFilter",
        "logs:DescribeMetricFilters",
        "logs:DeleteMetricFilter",
    ],
    "AWS::Logs::QueryDefinition": [
        "logs:PutQueryDefinition",
        "logs:DescribeQueryDefinitions",
        "logs:DeleteQueryDefinition",
    ],
    "AWS::SQS::Queue": [
        "sqs:CreateQueue",
        "sqs:GetQueueUrl",
        "sqs:GetQueueAttributes",
        "sqs:SetQueueAttributes",
        "sqs:DeleteQueue",
    ],
    "AWS::SQS::QueuePolicy": ["sqs:SetQueueAttributes", "sqs:GetQueueAttributes"],
}
# IAM has a name for these permissions, but no API has an operation.
NO_OPERATIONS = ["PassRole"]
EXAMPLES = ROOT / "test/snapshots/test_examples"
SNAPSHOTS = [
    EXAMPLES / "test_an_app_makes_what_it_made[failures_to_slack-FailuresToSlack].json",
    ROOT / "test/snapshots/test_templates/test_one_statement.json",
    ROOT / "test/snapshots/test_event_forwarder/test_one_statement.json",
]


# The callers' own resources in these.
CALLERS = {"AWS::CloudWatch::Alarm", "AWS::SNS::Topic", "AWS::SNS::TopicPolicy"}


class TestDeployingRole:
    @pytest.fixture
    def statements(self) -> Any:
        stack = example("Permissions of the deploying role")
        resource: Any = stack.names["policy"].node.default_child
        return stack.resolve(resource.policy_document)["Statement"]

    @pytest.fixture
    def actions(self, statements: Any) -> list[str]:
        return [action for each in statements for action in list_of(each["Action"])]

    def test_may_create_and_delete_every_type_of_resource(self, actions: list[str]) -> None:
        used = {
            resource["Type"]
            for snapshot in SNAPSHOTS
            for resource in json.loads(snapshot.read_text())["Resources"].values()
        }
        assert used - CALLERS <= CALLS.keys()
        missing = [
            call
            for calls in CALLS.values()
            for call in calls
            if not any(fnmatch(call, action) for action in actions)
        ]
        assert missing == []

    def test_every_action_exists(self, actions: list[str]) -> None:
        session = boto3.Session(region_name="eu-west-1")
        for action in actions:
            service, pattern = action.split(":")
            client = session.client(service)
            operations = client.meta.service_model.operation_names
            known = [*operations, *NO_OPERATIONS]
            assert any(fnmatch(name, pattern) for name in known), action

    def test_policy_is_short_enough(self, statements: Any) -> None:
        assert len(json.dumps(statements, separators=(",", ":"))) < 6144


def list_of(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
