"""The function's environment variables for the format and redaction of records."""

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
def test_default_format_needs_no_variable(
    stack: cdk.Stack, cluster: ecs.ICluster, record_format: Any
) -> None:
    assert variables(stack, cluster, record_format=record_format) is None


@pytest.mark.parametrize("record_format", [RecordFormat.FULL, "FULL"])
def test_full_format_sets_a_variable(
    stack: cdk.Stack, cluster: ecs.ICluster, record_format: Any
) -> None:
    assert variables(stack, cluster, record_format=record_format) == {"RECORD_FORMAT": "FULL"}


def test_passes_unredacted_names_to_the_function(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    environment = variables(stack, cluster, unredacted_environment=["STAGE", "LEVEL"])
    assert environment == {"UNREDACTED_ENVIRONMENT": "STAGE,LEVEL"}


def test_accepts_a_token_as_record_format(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    token = cdk.CfnParameter(stack, "Format").value_as_string
    assert variables(stack, cluster, record_format=token) == {"RECORD_FORMAT": {"Ref": "Format"}}


def test_rejects_one_token_for_a_list_of_names(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    token = cdk.CfnParameter(stack, "Names", type="CommaDelimitedList").value_as_list
    with pytest.raises(ValueError, match="unredacted_environment is one token for a whole list"):
        EcsTaskEventLogger(stack, "Log", cluster=cluster, unredacted_environment=token)


@pytest.mark.parametrize(
    ("props", "error", "message"),
    [
        ({"record_format": "full"}, ValueError, "'full', which is none of: COMPACT, FULL"),
        ({"unredacted_environment": "STAGE"}, TypeError, "must be a list, got 'STAGE'"),
        ({"unredacted_environment": []}, ValueError, "empty list"),
        ({"unredacted_environment": ["A,B"]}, ValueError, "'A,B', which is not the name of an env"),
        ({"unredacted_environment": ["TENANT_*"]}, ValueError, "without commas and [*]"),
        ({"unredacted_environment": [""]}, ValueError, "'', which is not the name"),
        (
            {"unredacted_environment": [5]},
            ValueError,
            "5, which is not the name.*as a string, without commas",
        ),
    ],
)
def test_rejects_unknown_formats_and_bad_names(
    stack: cdk.Stack,
    cluster: ecs.ICluster,
    props: dict[str, Any],
    error: type[Exception],
    message: str,
) -> None:
    with pytest.raises(error, match=message):
        EcsTaskEventLogger(stack, "Log", cluster=cluster, **props)
