"""The event filter: the values that it accepts, its pattern, and its errors."""

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ssm as ssm

from ecs_task_event_logger import Cause, StopCode, TaskStatus
from ecs_task_event_logger._rules.event_filter import EventFilter

ARN = "arn:aws:ecs:eu-west-1:111122223333:task-definition/"

ACCEPTED = (
    "PROVISIONING, PENDING, ACTIVATING, RUNNING, DEACTIVATING, STOPPING, DEPROVISIONING, "
    "STOPPED, DELETED"
)


def event_filter(**props: Any) -> EventFilter:
    return EventFilter(cdk.Stack(), **props)


def last_status(statuses: Any) -> Any:
    return event_filter(statuses=statuses).task_detail(ARN)["lastStatus"]


def test_accepts_members_and_strings() -> None:
    statuses = [TaskStatus.STOPPED, "RUNNING"]
    assert last_status(statuses) == ["STOPPED", "RUNNING"]
    assert all(type(status) is str for status in last_status(statuses))


def test_accepts_a_tuple() -> None:
    assert last_status(("STOPPED",)) == ["STOPPED"]


@pytest.mark.parametrize("unknown", ["stopped", "GONE", "", 5, None])
def test_rejects_an_unknown_status(
    unknown: Any,
) -> None:
    with pytest.raises(ValueError, match=ACCEPTED) as error:
        event_filter(statuses=["STOPPED", unknown])
    assert repr(unknown) in str(error.value)


def test_rejects_an_empty_list() -> None:
    with pytest.raises(ValueError, match=f"empty list.*{ACCEPTED}"):
        event_filter(statuses=[])


@pytest.mark.parametrize("not_a_list", ["STOPPED", TaskStatus.STOPPED, 5, {"STOPPED"}])
def test_rejects_a_value_that_is_not_a_list(
    not_a_list: Any,
) -> None:
    with pytest.raises(TypeError, match=f"must be a list.*{ACCEPTED}"):
        event_filter(statuses=not_a_list)


def test_accepts_tokens_as_statuses(
    stack: cdk.Stack,
) -> None:
    one = cdk.CfnParameter(stack, "One").value_as_string
    many = cdk.CfnParameter(stack, "Many", type="CommaDelimitedList").value_as_list
    resolved = stack.resolve(last_status([one, "STOPPED"]))
    assert resolved == [{"Ref": "One"}, "STOPPED"]
    assert stack.resolve(last_status(many)) == {"Ref": "Many"}


STOPPING = {"$or": [{"lastStatus": ["STOPPED"]}, {"desiredStatus": ["STOPPED"]}]}


STOPPED_BY_ITSELF = ("TaskFailedToStart", "EssentialContainerExited")
STOPPED_FROM_OUTSIDE = (
    "UserInitiated",
    "ServiceSchedulerInitiated",
    "SpotInterruption",
    "InfrastructureHealth",
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
            (
                {"capacity_providers": ["FARGATE_SPOT", "batch-**", "*-spot"]},
                {
                    "capacityProviderName": [
                        "FARGATE_SPOT",
                        {"prefix": "batch-"},
                        {"wildcard": "*-spot"},
                    ]
                },
            ),
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
                    "lastStatus": ["STOPPED"],
                    "stoppedReason": not_beginning_with(SCALING, BY_USER),
                },
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
                {"causes": ["SIGNAL"], "statuses": ["STOPPED", "STOPPING"], "services": ["a"]},
                {
                    "stopCode": none_of(*STOPPED_FROM_OUTSIDE),
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
                    "stopCode": none_of(*STOPPED_BY_ITSELF),
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
                    "stopCode": none_of(*STOPPED_FROM_OUTSIDE),
                    "stoppedReason": not_beginning_with(SCALING, BY_USER),
                    "$or": [
                        {"group": ["service:a"], **STOPPING},
                        {"taskDefinitionArn": [{"prefix": f"{ARN}b:"}], **STOPPING},
                    ],
                },
            ),
        ],
    )
    def test_pattern_has_the_filters_that_eventbridge_can_apply(
        self, props: Any, detail: Any
    ) -> None:
        assert event_filter(**props).task_detail(ARN) == detail

    @pytest.mark.parametrize(
        ("props", "environment"),
        [
            ({"services": ["a"], "statuses": ["STOPPED"], "launch_types": ["EC2"]}, {}),
            ({"capacity_providers": ["FARGATE_SPOT"]}, {}),
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
    def test_function_applies_the_other_filters(
        self, props: Any, environment: dict[str, str]
    ) -> None:
        assert event_filter(**props).function_environment() == environment

    def test_accepts_tokens_as_names(self, stack: cdk.Stack) -> None:
        name = cdk.CfnParameter(stack, "Name").value_as_string
        detail = event_filter(
            services=[name], task_families=[name], capacity_providers=[name]
        ).task_detail(ARN)
        assert stack.resolve(detail)["capacityProviderName"] == [{"Ref": "Name"}]
        assert stack.resolve(detail)["$or"] == [
            {"group": [{"Fn::Join": ["", ["service:", {"Ref": "Name"}]]}]},
            {"taskDefinitionArn": [{"prefix": {"Fn::Join": ["", [ARN, {"Ref": "Name"}, ":"]]}}]},
        ]

    def test_token_as_cause_drops_no_stop_code(self, stack: cdk.Stack) -> None:
        one = cdk.CfnParameter(stack, "Cause").value_as_string
        many = cdk.CfnParameter(stack, "Causes", type="CommaDelimitedList").value_as_list
        for causes in (["SIGNAL", one], many):
            assert event_filter(causes=causes).task_detail(ARN) == STOPPING
        environment = event_filter(causes=many).function_environment()
        assert stack.resolve(environment) == {"CAUSES": {"Fn::Join": [",", {"Ref": "Causes"}]}}

    def test_repeated_values_appear_once(self) -> None:
        twice = event_filter(services=["a", "a"], statuses=["STOPPED", "STOPPED"])
        assert twice.task_detail(ARN) == {"lastStatus": ["STOPPED"], "group": ["service:a"]}


class TestErrors:
    @pytest.mark.parametrize(
        ("props", "error", "message"),
        [
            ({"launch_types": ["fargate"]}, ValueError, "'fargate', .*EC2, FARGATE, EXTERNAL"),
            ({"stop_codes": ["Stopped"]}, ValueError, "'Stopped', .*TaskFailedToStart"),
            ({"causes": ["OOM"]}, ValueError, "'OOM', .*OUT_OF_MEMORY"),
            ({"services": "web"}, TypeError, "services must be a list, got 'web'"),
            ({"services": []}, ValueError, "services is an empty list"),
            ({"services": ["arn:aws:ecs:x:1:service/c/web"]}, ValueError, r"Write 'web'\."),
            ({"services": ["service:web"]}, ValueError, r"Write 'web'\."),
            ({"services": ["arn:aws:ecs:*"]}, ValueError, "Write letters, digits"),
            (
                {"services": [""]},
                ValueError,
                "^services holds '', which is not the name of a service",
            ),
            (
                {"services": [5]},
                ValueError,
                "holds 5, which is not a service. Write its name or the service itself",
            ),
            ({"services": [b"web"]}, ValueError, "holds b'web', which is not a service"),
            ({"capacity_providers": "FARGATE"}, TypeError, "providers must be a list, got 'FARG"),
            ({"capacity_providers": []}, ValueError, "capacity_providers is an empty list"),
            (
                {"capacity_providers": ["a b"]},
                ValueError,
                "providers holds 'a b', which is not the name of a capacity provider",
            ),
            ({"capacity_providers": [5]}, ValueError, "capacity_providers holds 5, which is not"),
            (
                {"capacity_providers": ["a*b*c*"]},
                ValueError,
                r"capacity_providers holds 'a\*b\*c\*', with more than 2 \*",
            ),
            ({"launch_types": [b"EC2"]}, ValueError, "b'EC2', which is none of: EC2"),
            (
                {"launch_types": ["EC2", "FARGATE_SPOT"]},
                ValueError,
                r"is a capacity provider\. Write capacity_providers=\['FARGATE_SPOT'\]",
            ),
            (
                {"task_families": ["web:6"]},
                ValueError,
                r"'web:6', which is not the name of a task definition\. Write 'web'\.",
            ),
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
                {"causes": ["COMPLETED"], "stop_codes": ["UserInitiated"]},
                ValueError,
                "UserInitiated, but no task with that stop code can match causes. Leave out",
            ),
            (
                {"causes": ["HOST_FAILURE"], "stop_codes": ["TaskFailedToStart", "UserInitiated"]},
                ValueError,
                "TaskFailedToStart, but no task with that stop code can match causes",
            ),
            (
                {"only_failures": True, "causes": ["SIGNAL", "COMPLETED"]},
                ValueError,
                "causes holds COMPLETED, never a failure, but only_failures is True",
            ),
        ],
    )
    def test_error_names_the_value_and_the_remedy(
        self, props: Any, error: type[Exception], message: str
    ) -> None:
        with pytest.raises(error, match=message):
            event_filter(**props)

    @pytest.mark.parametrize(
        ("props", "meant"),
        [
            ({"statuses": ["stopped"]}, "STOPPED"),
            ({"statuses": ["STOP"]}, "STOPPING or STOPPED"),
            ({"launch_types": ["managed instances"]}, "MANAGED_INSTANCES"),
            ({"stop_codes": ["TASK_FAILED_TO_START"]}, "TaskFailedToStart"),
            ({"causes": ["health-check"]}, "CONTAINER_HEALTH_CHECK"),
            ({"event_types": ["DEPLOYMENT"]}, "DEPLOYMENT_STATE_CHANGE"),
            ({"event_types": ["ECS Service Action"]}, "SERVICE_ACTION"),
        ],
    )
    def test_error_asks_for_the_value_that_was_probably_meant(self, props: Any, meant: str) -> None:
        with pytest.raises(ValueError, match=rf"Did you mean {meant}\?$"):
            event_filter(**props)

    @pytest.mark.parametrize(
        "props", [{"statuses": ["GONE"]}, {"statuses": [""]}, {"launch_types": [5]}]
    )
    def test_error_does_not_guess(self, props: Any) -> None:
        with pytest.raises(ValueError, match=r"which is none of: [^.]*\.$"):
            event_filter(**props)

    @pytest.mark.parametrize(
        "props",
        [{"stop_codes": ["UserInitiated"]}, {"causes": ["SIGNAL"]}, {"only_failures": True}],
    )
    @pytest.mark.parametrize("status", ["PROVISIONING", "PENDING", "ACTIVATING", "RUNNING"])
    def test_rejects_statuses_before_the_stop(self, props: Any, status: str) -> None:
        (prop,) = props
        with pytest.raises(ValueError, match=f"statuses holds {status}, .*{prop}"):
            event_filter(statuses=["STOPPED", status], **props)

    @pytest.mark.parametrize("status", sorted(set(TaskStatus) - {TaskStatus.STOPPED}))
    def test_only_failures_rejects_every_status_but_stopped(self, status: str) -> None:
        with pytest.raises(ValueError, match=f"statuses holds {status}, .*only_failures"):
            event_filter(statuses=["STOPPED", status], only_failures=True)

    @pytest.mark.parametrize("code", StopCode)
    def test_only_failures_accepts_every_stop_code(self, code: StopCode) -> None:
        detail = event_filter(stop_codes=[code], only_failures=True).task_detail(ARN)
        assert detail["stopCode"] == [code]

    @pytest.mark.parametrize(
        "props", [{"stop_codes": ["SpotInterruption"]}, {"causes": ["SPOT_INTERRUPTION"]}]
    )
    def test_accepts_running_tasks_with_a_spot_interruption(self, props: Any) -> None:
        assert event_filter(statuses=["RUNNING"], **props).task_detail(ARN)["lastStatus"] == [
            "RUNNING"
        ]

    def test_rejects_one_token_for_a_list_of_names(self, stack: cdk.Stack) -> None:
        token = cdk.CfnParameter(stack, "Names", type="CommaDelimitedList").value_as_list
        with pytest.raises(
            ValueError, match=r"services is one token for a whole list.*each item may be a token"
        ):
            event_filter(services=token)

    def test_accepts_the_placeholder_of_a_look_up(self) -> None:
        stack = cdk.Stack(
            cdk.App(), "S", env=cdk.Environment(account="111122223333", region="eu-west-1")
        )
        name = ssm.StringParameter.value_from_lookup(stack, "/shop/service")
        EventFilter(stack, services=[name])

    def test_does_not_compare_tokens(self, stack: cdk.Stack) -> None:
        token = cdk.CfnParameter(stack, "Token").value_as_string
        event_filter(statuses=[token], only_failures=True, causes=[token])
        event_filter(services=[token], exclude_services=["a"])
        event_filter(statuses=["RUNNING"], stop_codes=[token])
        event_filter(only_failures=True, stop_codes=[token, "UserInitiated"])
