"""What the filter accepts, and how it helps with what it does not."""

from typing import Any

import aws_cdk as cdk
import pytest

from ecs_task_event_logger import Cause, StopCode, TaskStatus
from ecs_task_event_logger._rules.event_filter import POSSIBLE_CAUSES, EventFilter
from ecs_task_event_logger.handler.task_events import reason_patterns
from ecs_task_event_logger.handler.task_events.diagnosis import diagnose
from ecs_task_event_logger.handler.task_events.matching import causes as causes_in
from ecs_task_event_logger.handler.task_events.reason_patterns import PLAIN_REASONS

ARN = "arn:aws:ecs:eu-west-1:111122223333:task-definition/"

ACCEPTED = (
    "PROVISIONING, PENDING, ACTIVATING, RUNNING, DEACTIVATING, STOPPING, DEPROVISIONING, "
    "STOPPED, DELETED"
)


def last_status(statuses: Any) -> Any:
    return EventFilter(statuses=statuses).detail(ARN)["lastStatus"]


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


BY_ITSELF = ("TaskFailedToStart", "EssentialContainerExited")
BY_SOMEBODY = (
    "UserInitiated",
    "ServiceSchedulerInitiated",
    "SpotInterruption",
    "TerminationNotice",
)


def none_of(*codes: str) -> Any:
    return [{"anything-but": list(codes)}, {"exists": False}]


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
                {"group": ["service:web", {"prefix": "service:shop-"}]},
            ),
            (
                {"task_families": ["job"]},
                {"taskDefinitionArn": [{"prefix": f"{ARN}job:"}]},
            ),
            (
                {"services": ["web"], "task_families": ["job"], "statuses": ["STOPPED"]},
                {
                    "lastStatus": ["STOPPED"],
                    "$or": [
                        {"group": ["service:web"]},
                        {"taskDefinitionArn": [{"prefix": f"{ARN}job:"}]},
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
                {
                    "stopCode": none_of("UserInitiated"),
                    "stoppedReason": not_beginning_with(SCALING, BY_USER),
                    **STOPPING,
                },
            ),
            (
                {"only_failures": True, "statuses": ["STOPPED"]},
                {
                    "stopCode": none_of("UserInitiated"),
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
                {"causes": ["TIMEOUT"], "statuses": ["STOPPED", "STOPPING"], "services": ["a"]},
                {
                    "stopCode": none_of(*BY_SOMEBODY),
                    "stoppedReason": not_beginning_with(SCALING, BY_USER),
                    "group": ["service:a"],
                    "$or": [
                        {"lastStatus": ["STOPPED"]},
                        {"lastStatus": ["STOPPING"], "desiredStatus": ["STOPPED"]},
                    ],
                },
            ),
            (
                {"causes": ["SPOT_INTERRUPTION"], "statuses": ["RUNNING"]},
                {
                    "stopCode": none_of(*BY_ITSELF, "UserInitiated"),
                    "stoppedReason": not_beginning_with(SCALING, BY_USER),
                    "lastStatus": ["RUNNING"],
                    "desiredStatus": ["STOPPED"],
                },
            ),
            (
                {"services": ["a*b", "c*"], "exclude_task_families": ["d*", "e"]},
                {
                    "group": [{"wildcard": "service:a*b"}, {"prefix": "service:c"}],
                    "taskDefinitionArn": [
                        {"anything-but": {"prefix": [f"{ARN}d", f"{ARN}e:"]}},
                        {"exists": False},
                    ],
                },
            ),
            (
                {"causes": ["SIGNAL"], "services": ["a"], "task_families": ["b"]},
                {
                    "stopCode": none_of(*BY_SOMEBODY),
                    "stoppedReason": not_beginning_with(SCALING, BY_USER),
                    "$or": [
                        {"group": ["service:a"], **STOPPING},
                        {"taskDefinitionArn": [{"prefix": f"{ARN}b:"}], **STOPPING},
                    ],
                },
            ),
        ],
    )
    def test_it_says_what_eventbridge_has_words_for(self, props: Any, detail: Any) -> None:
        assert EventFilter(**props).detail(ARN) == detail

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
        detail = EventFilter(services=[name], task_families=[name]).detail(ARN)
        assert stack.resolve(detail)["$or"] == [
            {"group": [{"Fn::Join": ["", ["service:", {"Ref": "Name"}]]}]},
            {"taskDefinitionArn": [{"prefix": {"Fn::Join": ["", [ARN, {"Ref": "Name"}, ":"]]}}]},
        ]

    def test_a_cause_that_is_a_token_may_be_any(self, stack: cdk.Stack) -> None:
        one = cdk.CfnParameter(stack, "Cause").value_as_string
        many = cdk.CfnParameter(stack, "Causes", type="CommaDelimitedList").value_as_list
        for causes in (["SIGNAL", one], many):
            assert EventFilter(causes=causes).detail(ARN) == STOPPING
        told = EventFilter(causes=many).environment()
        assert stack.resolve(told) == {"CAUSES": {"Fn::Join": [",", {"Ref": "Causes"}]}}

    def test_what_is_given_twice_stands_once(self) -> None:
        twice = EventFilter(services=["a", "a"], statuses=["STOPPED", "STOPPED"])
        assert twice.detail(ARN) == {"lastStatus": ["STOPPED"], "group": ["service:a"]}

    def test_the_causes_that_a_stop_code_may_have_are_those_that_the_diagnosis_finds(self) -> None:
        tables = (
            reason_patterns.STOPPED_BY,
            reason_patterns.WENT_WRONG,
            reason_patterns.ON_REQUEST,
            reason_patterns.WRAPPERS,
        )
        texts = [" ".join(wording) for table in tables for _, wording in causes_in(table)]
        for code, possible in POSSIBLE_CAUSES.items():
            for text in [None, "", *PLAIN_REASONS, *(text.removeprefix("^") for text in texts)]:
                for containers in ([], [{"exitCode": 0}], [{"exitCode": 1}], [{"exitCode": 137}]):
                    found = diagnose(
                        {
                            "lastStatus": "STOPPED",
                            "stopCode": code,
                            "stoppedReason": text,
                            "containers": containers,
                        }
                    )
                    assert found
                    assert found.cause in possible, (code, text)


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
            ({"services": [b"web"]}, ValueError, "b'web', which is no name"),
            ({"launch_types": [b"EC2"]}, ValueError, "b'EC2', which is none of: EC2"),
            ({"task_families": ["web:6"]}, ValueError, "no revision"),
            ({"exclude_services": ["a b"]}, ValueError, "exclude_services holds 'a b'"),
            ({"exclude_task_families": "a"}, TypeError, "exclude_task_families must be a list"),
            ({"only_failures": "yes"}, TypeError, "True or False, got 'yes'"),
            (
                {"services": ["a", "b"], "exclude_services": ["b"]},
                ValueError,
                "services holds b, which exclude_services excludes",
            ),
            (
                {"services": ["shop-a"], "exclude_services": ["shop-*"]},
                ValueError,
                "services holds shop-a, which",
            ),
            (
                {"only_failures": True, "stop_codes": ["UserInitiated"]},
                ValueError,
                "stop_codes holds UserInitiated, with which no task stops that only_failures",
            ),
            (
                {"causes": ["HOST_FAILURE"], "stop_codes": ["TaskFailedToStart", "UserInitiated"]},
                ValueError,
                "stop_codes holds .*, with which no task stops that causes",
            ),
            (
                {"services": [f"a*{number}" for number in range(9)]},
                ValueError,
                r"more than 8 names with \*",
            ),
            (
                {"only_failures": True, "causes": ["SIGNAL", "COMPLETED"]},
                ValueError,
                "causes holds COMPLETED, with which no task fails",
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
        assert EventFilter(statuses=["RUNNING"], **props).detail(ARN)["lastStatus"] == ["RUNNING"]

    def test_a_token_for_a_whole_list_of_names_is_refused(self, stack: cdk.Stack) -> None:
        token = cdk.CfnParameter(stack, "Names", type="CommaDelimitedList").value_as_list
        with pytest.raises(ValueError, match="a token for a whole list"):
            EventFilter(services=token)

    def test_tokens_are_not_compared(self, stack: cdk.Stack) -> None:
        token = cdk.CfnParameter(stack, "Token").value_as_string
        EventFilter(statuses=[token], only_failures=True, causes=[token])
        EventFilter(services=[token], exclude_services=["a"])
        EventFilter(statuses=["RUNNING"], stop_codes=[token])
        EventFilter(only_failures=True, stop_codes=[token, "UserInitiated"])
