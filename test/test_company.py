"""``docs/company.md``: each example has the effect that its section promises."""

import re
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import cdk_nag
import pytest
from aws_cdk.assertions import Template

from documents import Example, blocks
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
    return Example(block)


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
    (stack,) = example("Defaults for all functions").names["app"].node.children
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


PACKS: list[Callable[[], Any]] = [
    cdk_nag.AwsSolutionsChecks,
    cdk_nag.HIPAASecurityChecks,
    cdk_nag.NIST80053R5Checks,
    cdk_nag.PCIDSS321Checks,
    cdk_nag.ServerlessChecks,
]


@pytest.mark.parametrize("number", range(3))
def test_acknowledged_findings_are_gone(number: int) -> None:
    stack = Example(SECTIONS["cdk-nag"][number])
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


def test_readme_links_to_each_section() -> None:
    readme = (ROOT / "README.md").read_text()
    table = readme.partition("## In a company")[2].partition("\n## ")[0]
    anchors = re.findall(r"\(docs/company\.md#([\w-]+)\)", table)
    assert anchors == [
        re.sub(r"[^\w\- ]", "", title).lower().replace(" ", "-") for title in SECTIONS
    ]
