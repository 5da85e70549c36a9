"""What the filter accepts, and how it helps with what it does not."""

from typing import Any

import aws_cdk as cdk
import pytest

from ecs_task_event_logger import Cause, StopCode, TaskStatus
from ecs_task_event_logger.event_filter import EventFilter

ACCEPTED = (
    "PROVISIONING, PENDING, ACTIVATING, RUNNING, DEACTIVATING, STOPPING, DEPROVISIONING, "
    "STOPPED, DELETED"
)


def last_status(statuses: Any) -> Any:
    return EventFilter(statuses=statuses).detail()["lastStatus"]


def test_members_and_strings_of_the_same_spelling_are_one() -> None:
    statuses = [TaskStatus.STOPPED, "RUNNING"]
    assert last_status(statuses) == ["STOPPED", "RUNNING"]
    assert all(type(status) is str for status in last_status(statuses))


def test_a_tuple_is_a_list_too() -> None:
    assert last_status(("STOPPED",)) == ["STOPPED"]


@pytest.mark.parametrize("unknown", ["stopped", "GONE", "", 5, None])
def test_an_unknown_status_is_refused_with_what_is_accepted(
    unknown: Any,
) -> None:
    with pytest.raises(ValueError, match=ACCEPTED) as error:
        EventFilter(statuses=["STOPPED", unknown])
    assert repr(unknown) in str(error.value)


def test_an_empty_list_is_refused_with_what_is_accepted() -> None:
    with pytest.raises(ValueError, match=f"empty list.*{ACCEPTED}"):
        EventFilter(statuses=[])


@pytest.mark.parametrize("not_a_list", ["STOPPED", TaskStatus.STOPPED, 5, {"STOPPED"}])
def test_what_is_no_list_is_refused_with_how_to_write_one(
    not_a_list: Any,
) -> None:
    with pytest.raises(TypeError, match=f"must be a list.*{ACCEPTED}"):
        EventFilter(statuses=not_a_list)


def test_tokens_pass_for_they_are_known_at_deployment_only(
    stack: cdk.Stack,
) -> None:
    one = cdk.CfnParameter(stack, "One").value_as_string
    many = cdk.CfnParameter(stack, "Many", type="CommaDelimitedList").value_as_list
    resolved = stack.resolve(last_status([one, "STOPPED"]))
    assert resolved == [{"Ref": "One"}, "STOPPED"]
    assert stack.resolve(last_status(many)) == {"Ref": "Many"}


STOPPING = {"$or": [{"lastStatus": ["STOPPED"]}, {"desiredStatus": ["STOPPED"]}]}


def not_beginning_with(*texts: str) -> Any:
    return [{"anything-but": {"prefix": list(texts)}}, {"exists": False}]


SCALING, BY_USER = "Scaling activity initiated by", "Task stopped by user"


class TestPattern:
    @pytest.mark.parametrize(
        ("props", "detail"),
        [
            ({}, {}),
            ({"launch_types": ["FARGATE", "EC2"]}, {"launchType": ["FARGATE", "EC2"]}),
            ({"stop_codes": [StopCode.USER_INITIATED]}, {"stopCode": ["UserInitiated"]}),
            ({"services": ["web"]}, {"group": ["service:web"]}),
            (
                {"services": ["web", "shop-**"]},
                {"group": ["service:web", {"wildcard": "service:shop-*"}]},
            ),
            (
                {"task_families": ["job"]},
                {"taskDefinitionArn": [{"wildcard": "*:task-definition/job:*"}]},
            ),
            (
                {"services": ["web"], "task_families": ["job"], "statuses": ["STOPPED"]},
                {
                    "lastStatus": ["STOPPED"],
                    "$or": [
                        {"group": ["service:web"]},
                        {"taskDefinitionArn": [{"wildcard": "*:task-definition/job:*"}]},
                    ],
                },
            ),
            (
                {"exclude_services": ["web"]},
                {"group": [{"anything-but": ["service:web"]}, {"exists": False}]},
            ),
            (
                {"exclude_services": ["web", "x-*"]},
                {
                    "group": [
                        {"anything-but": {"wildcard": ["service:web", "service:x-*"]}},
                        {"exists": False},
                    ]
                },
            ),
            (
                {"only_failures": True},
                {"stoppedReason": not_beginning_with(SCALING, BY_USER), **STOPPING},
            ),
            (
                {"only_failures": True, "statuses": ["STOPPED"]},
                {
                    "lastStatus": ["STOPPED"],
                    "stoppedReason": not_beginning_with(SCALING, BY_USER),
                },
            ),
            (
                {"causes": ["USER_STOPPED"]},
                {"stoppedReason": not_beginning_with(SCALING), **STOPPING},
            ),
            ({"causes": ["USER_STOPPED", "SCHEDULER_STOPPED"]}, STOPPING),
            (
                {"causes": ["SIGNAL"], "services": ["a"], "task_families": ["b"]},
                {
                    "stoppedReason": not_beginning_with(SCALING, BY_USER),
                    "$or": [
                        {"group": ["service:a"], "lastStatus": ["STOPPED"]},
                        {"group": ["service:a"], "desiredStatus": ["STOPPED"]},
                        {
                            "taskDefinitionArn": [{"wildcard": "*:task-definition/b:*"}],
                            "lastStatus": ["STOPPED"],
                        },
                        {
                            "taskDefinitionArn": [{"wildcard": "*:task-definition/b:*"}],
                            "desiredStatus": ["STOPPED"],
                        },
                    ],
                },
            ),
        ],
    )
    def test_it_says_what_eventbridge_has_words_for(self, props: Any, detail: Any) -> None:
        assert EventFilter(**props).detail() == detail

    @pytest.mark.parametrize(
        ("props", "environment"),
        [
            ({"services": ["a"], "statuses": ["STOPPED"], "launch_types": ["EC2"]}, {}),
            ({"exclude_services": ["a"], "exclude_task_families": ["b"]}, {}),
            ({"only_failures": True}, {"ONLY_FAILURES": "true"}),
            ({"causes": ["SIGNAL", Cause.TIMEOUT]}, {"CAUSES": "SIGNAL,TIMEOUT"}),
            (
                {"services": ["a-*"], "exclude_services": ["a-b", "a-c"]},
                {"EXCLUDE_SERVICES": "a-b,a-c"},
            ),
            (
                {"task_families": ["a-*"], "exclude_task_families": ["a-b"]},
                {"EXCLUDE_TASK_FAMILIES": "a-b"},
            ),
        ],
    )
    def test_the_function_is_told_the_rest(self, props: Any, environment: dict[str, str]) -> None:
        assert EventFilter(**props).environment() == environment

    def test_names_may_be_tokens(self, stack: cdk.Stack) -> None:
        name = cdk.CfnParameter(stack, "Name").value_as_string
        detail = EventFilter(services=[name], task_families=[name]).detail()
        assert stack.resolve(detail)["$or"] == [
            {"group": [{"Fn::Join": ["", ["service:", {"Ref": "Name"}]]}]},
            {
                "taskDefinitionArn": [
                    {"wildcard": {"Fn::Join": ["", ["*:task-definition/", {"Ref": "Name"}, ":*"]]}}
                ]
            },
        ]

    def test_a_cause_that_is_a_token_may_be_any(self, stack: cdk.Stack) -> None:
        token = cdk.CfnParameter(stack, "Cause").value_as_string
        assert "stoppedReason" not in EventFilter(causes=["SIGNAL", token]).detail()


class TestErrors:
    @pytest.mark.parametrize(
        ("props", "error", "message"),
        [
            ({"launch_types": ["fargate"]}, ValueError, "'fargate', .*EC2, FARGATE, EXTERNAL"),
            ({"stop_codes": ["Stopped"]}, ValueError, "'Stopped', .*TaskFailedToStart"),
            ({"causes": ["OOM"]}, ValueError, "'OOM', .*OUT_OF_MEMORY"),
            ({"services": "web"}, TypeError, "services must be a list, got 'web'"),
            ({"services": []}, ValueError, "services is an empty list"),
            ({"services": ["arn:aws:ecs:x:1:service/c/web"]}, ValueError, "Not an ARN"),
            ({"services": [""]}, ValueError, "'', which is no name"),
            ({"services": [5]}, ValueError, "5, which is no name"),
            ({"task_families": ["web:6"]}, ValueError, "no revision"),
            ({"exclude_services": ["a b"]}, ValueError, "exclude_services holds 'a b'"),
            ({"exclude_task_families": "a"}, TypeError, "exclude_task_families must be a list"),
            ({"only_failures": "yes"}, TypeError, "True or False, got 'yes'"),
            (
                {"services": ["a", "b"], "exclude_services": ["b"]},
                ValueError,
                "services and exclude_services both hold b",
            ),
            (
                {"only_failures": True, "causes": ["SIGNAL", "COMPLETED"]},
                ValueError,
                "causes holds COMPLETED, which are no failures",
            ),
        ],
    )
    def test_they_name_the_value_and_the_way_out(
        self, props: Any, error: type[Exception], message: str
    ) -> None:
        with pytest.raises(error, match=message):
            EventFilter(**props)

    @pytest.mark.parametrize(
        "props",
        [{"stop_codes": ["UserInitiated"]}, {"causes": ["SIGNAL"]}, {"only_failures": True}],
    )
    @pytest.mark.parametrize("status", ["PROVISIONING", "PENDING", "ACTIVATING", "RUNNING"])
    def test_a_status_that_never_carries_what_is_looked_for_is_named(
        self, props: Any, status: str
    ) -> None:
        (prop,) = props
        with pytest.raises(ValueError, match=f"statuses holds {status}, .*{prop}"):
            EventFilter(statuses=["STOPPED", status], **props)

    @pytest.mark.parametrize(
        "props", [{"stop_codes": ["SpotInterruption"]}, {"causes": ["SPOT_INTERRUPTION"]}]
    )
    def test_a_spot_interruption_gives_notice_to_a_running_task(self, props: Any) -> None:
        assert EventFilter(statuses=["RUNNING"], **props).detail()["lastStatus"] == ["RUNNING"]

    def test_a_token_for_a_whole_list_of_names_is_refused(self, stack: cdk.Stack) -> None:
        token = cdk.CfnParameter(stack, "Names", type="CommaDelimitedList").value_as_list
        with pytest.raises(ValueError, match="a token for a whole list"):
            EventFilter(services=token)

    def test_tokens_are_not_compared(self, stack: cdk.Stack) -> None:
        token = cdk.CfnParameter(stack, "Token").value_as_string
        EventFilter(statuses=[token], only_failures=True, causes=[token])
        EventFilter(services=[token], exclude_services=["a"])
