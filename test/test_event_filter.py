"""What the filter accepts, and how it helps with what it does not."""

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ecs as ecs

from ecs_task_event_logger import TaskStatus
from ecs_task_event_logger.event_filter import task_pattern

ACCEPTED = (
    "PROVISIONING, PENDING, ACTIVATING, RUNNING, DEACTIVATING, STOPPING, DEPROVISIONING, "
    "STOPPED, DELETED"
)


def last_status(cluster: ecs.ICluster, statuses: Any) -> Any:
    detail = task_pattern(cluster, statuses).detail
    assert detail is not None
    return detail["lastStatus"]


def test_members_and_strings_of_the_same_spelling_are_one(cluster: ecs.ICluster) -> None:
    statuses = [TaskStatus.STOPPED, "RUNNING"]
    assert last_status(cluster, statuses) == ["STOPPED", "RUNNING"]
    assert all(type(status) is str for status in last_status(cluster, statuses))


def test_a_tuple_is_a_list_too(cluster: ecs.ICluster) -> None:
    assert last_status(cluster, ("STOPPED",)) == ["STOPPED"]


@pytest.mark.parametrize("unknown", ["stopped", "GONE", "", 5, None])
def test_an_unknown_status_is_refused_with_what_is_accepted(
    cluster: ecs.ICluster, unknown: Any
) -> None:
    with pytest.raises(ValueError, match=ACCEPTED) as error:
        task_pattern(cluster, ["STOPPED", unknown])
    assert repr(unknown) in str(error.value)


def test_an_empty_list_is_refused_with_what_is_accepted(cluster: ecs.ICluster) -> None:
    with pytest.raises(ValueError, match=f"empty list.*{ACCEPTED}"):
        task_pattern(cluster, [])


@pytest.mark.parametrize("not_a_list", ["STOPPED", TaskStatus.STOPPED, 5, {"STOPPED"}])
def test_what_is_no_list_is_refused_with_how_to_write_one(
    cluster: ecs.ICluster, not_a_list: Any
) -> None:
    with pytest.raises(TypeError, match=f"must be a list.*{ACCEPTED}"):
        task_pattern(cluster, not_a_list)


def test_tokens_pass_for_they_are_known_at_deployment_only(
    stack: cdk.Stack, cluster: ecs.ICluster
) -> None:
    one = cdk.CfnParameter(stack, "One").value_as_string
    many = cdk.CfnParameter(stack, "Many", type="CommaDelimitedList").value_as_list
    resolved = stack.resolve(last_status(cluster, [one, "STOPPED"]))
    assert resolved == [{"Ref": "One"}, "STOPPED"]
    assert stack.resolve(last_status(cluster, many)) == {"Ref": "Many"}
