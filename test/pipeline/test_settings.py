"""How the construct tells the function what to log."""

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ecs as ecs
from aws_cdk.assertions import Template

from ecs_task_event_logger import EcsTaskEventLogger, RecordFormat


def variables(stack: cdk.Stack, cluster: ecs.ICluster, **props: Any) -> Any:
    EcsTaskEventLogger(stack, "Log", cluster=cluster, **props)
    functions = Template.from_stack(stack).find_resources("AWS::Lambda::Function")
    (function,) = functions.values()
    return function["Properties"].get("Environment", {}).get("Variables")


@pytest.mark.parametrize("record_format", [None, RecordFormat.COMPACT, "COMPACT"])
def test_the_default_is_not_told(
    stack: cdk.Stack, cluster: ecs.ICluster, record_format: Any
) -> None:
    assert variables(stack, cluster, record_format=record_format) is None


@pytest.mark.parametrize("record_format", [RecordFormat.FULL, "FULL"])
def test_the_full_format_is_told(
    stack: cdk.Stack, cluster: ecs.ICluster, record_format: Any
) -> None:
    assert variables(stack, cluster, record_format=record_format) == {"RECORD_FORMAT": "FULL"}


def test_what_may_be_logged_is_named(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    told = variables(stack, cluster, unredacted_environment=["STAGE", "LEVEL"])
    assert told == {"UNREDACTED_ENVIRONMENT": "STAGE,LEVEL"}


def test_a_token_is_passed_on(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    token = cdk.CfnParameter(stack, "Format").value_as_string
    assert variables(stack, cluster, record_format=token) == {"RECORD_FORMAT": {"Ref": "Format"}}


def test_a_token_for_a_whole_list_of_names_is_refused(
    stack: cdk.Stack, cluster: ecs.ICluster
) -> None:
    token = cdk.CfnParameter(stack, "Names", type="CommaDelimitedList").value_as_list
    with pytest.raises(ValueError, match="unredacted_environment is a token for a whole list"):
        EcsTaskEventLogger(stack, "Log", cluster=cluster, unredacted_environment=token)


@pytest.mark.parametrize(
    ("props", "error", "message"),
    [
        ({"record_format": "full"}, ValueError, "'full', which is none of: COMPACT, FULL"),
        ({"unredacted_environment": "STAGE"}, TypeError, "must be a list, got 'STAGE'"),
        ({"unredacted_environment": []}, ValueError, "empty list"),
        ({"unredacted_environment": ["A,B"]}, ValueError, "'A,B', which is no name"),
        ({"unredacted_environment": [""]}, ValueError, "'', which is no name"),
        ({"unredacted_environment": [5]}, ValueError, "5, which is no name"),
    ],
)
def test_what_is_not_accepted_is_an_error_that_helps(
    stack: cdk.Stack,
    cluster: ecs.ICluster,
    props: dict[str, Any],
    error: type[Exception],
    message: str,
) -> None:
    with pytest.raises(error, match=message):
        EcsTaskEventLogger(stack, "Log", cluster=cluster, **props)
