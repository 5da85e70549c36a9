"""Conditions that callers add to an event pattern."""

import contextlib
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from aws_cdk.assertions import Template

from ecs_task_event_logger import EcsTaskEventLogger

ARN = "arn:aws:ecs:{}:{}:cluster/{}"


def imported(
    stack: cdk.Stack, name: str, region: str = "eu-west-1", account: str = "111122223333"
) -> ecs.ICluster:
    arn = ARN.format(region, account, name)
    return ecs.Cluster.from_cluster_arn(stack, f"{name}{region}{account}", arn)


def detail(stack: cdk.Stack) -> Any:
    (rule,) = Template.from_stack(stack).find_resources("AWS::Events::Rule").values()
    return rule["Properties"]["EventPattern"].get("detail")


@pytest.fixture
def placed() -> cdk.Stack:
    """A stack with a known account and region."""
    environment = cdk.Environment(account="111122223333", region="eu-west-1")
    return cdk.Stack(cdk.App(), "Placed", env=environment)


def test_filters_change_only_the_pattern_and_the_environment() -> None:
    def resources(**props: Any) -> Any:
        stack = cdk.Stack()
        EcsTaskEventLogger(stack, "Log", cluster=imported(stack, "a"), **props)
        made = Template.from_stack(stack).to_json()["Resources"]
        for resource in made.values():
            resource["Properties"].pop("EventPattern", None)
            resource["Properties"].pop("Environment", None)
        return made

    filtered = resources(
        statuses=["STOPPED"],
        services=["a*"],
        exclude_services=["ab"],
        task_families=["b*"],
        exclude_task_families=["bc"],
        launch_types=["FARGATE"],
        capacity_providers=["FARGATE_SPOT"],
        stop_codes=["EssentialContainerExited"],
        causes=["SIGNAL"],
        only_failures=True,
    )
    assert filtered == resources()


def test_task_families_match_in_the_stacks_account_and_region(
    stack: cdk.Stack, cluster: ecs.ICluster
) -> None:
    EcsTaskEventLogger(stack, "Log", cluster=cluster, task_families=["job"])
    (family,) = detail(stack)["taskDefinitionArn"]
    assert family["prefix"]["Fn::Join"][1][-1] == ":task-definition/job:"


class TestAddedConditions:
    def test_adds_a_condition(self, stack: cdk.Stack, cluster: ecs.ICluster) -> None:
        log = EcsTaskEventLogger(stack, "Log", cluster=cluster, statuses=["STOPPED"])
        zone = {"availabilityZone": [{"prefix": "eu-west-1"}]}
        log.add_event_pattern(detail=zone)
        assert detail(stack) == {
            "clusterArn": ["arn:aws:ecs:eu-west-1:111122223333:cluster/shop"],
            "lastStatus": ["STOPPED"],
            **zone,
        }

    @pytest.mark.parametrize(
        ("addition", "key"),
        [
            ({"clusterArn": ["arn"]}, "clusterArn"),
            ({"lastStatus": ["STOPPED"]}, "lastStatus"),
            ({"desiredStatus": ["RUNNING"]}, "desiredStatus"),
            ({"stoppedReason": ["a"]}, "stoppedReason"),
            ({"$or": [{"a": ["b"]}]}, r"\$or"),
            ({"$or": [{"a": ["b"]}, {"launchType": ["EC2"]}]}, r"\$or"),
            ({"launchType": {"a": ["b"]}}, "launchType"),
            ({"launchType": ["EC2"]}, "launchType"),
            ({"launchType": [{"anything-but": "EC2"}]}, "launchType"),
            ({"launchType": events.Match.anything_but("EC2")}, "launchType"),
            ({"a": ["b"], "stopCode": ["UserInitiated"]}, "stopCode"),
        ],
    )
    def test_rejects_a_condition_on_a_key_of_the_logger(
        self, stack: cdk.Stack, cluster: ecs.ICluster, addition: Any, key: str
    ) -> None:
        log = EcsTaskEventLogger(
            stack, "Log", cluster=cluster, causes=["SIGNAL"], launch_types=["FARGATE"]
        )
        before = detail(stack)
        message = f"^detail.{key} has a condition already.* would match if either holds"
        with pytest.raises(ValueError, match=message):
            log.add_event_pattern(detail=addition)
        assert detail(stack) == before

    @pytest.mark.parametrize(
        ("first", "second", "key"),
        [
            ({"a": ["x"]}, {"a": ["y"]}, "a"),
            ({"a": ["x"]}, {"a": ["x"]}, "a"),
            ({"a": ["x"]}, {"b": ["y"], "a": ["y"]}, "a"),
            ({"a": [{"anything-but": "x"}]}, {"a": [{"anything-but": "y"}]}, "a"),
            ({"a": {"b": [{"anything-but": "x"}]}}, {"a": {"b": ["y"]}}, "a.b"),
            ({"a": {"b": {"c": ["x"]}}}, {"a": {"b": {"c": ["y"]}}}, "a.b.c"),
            ({"a": ["x"]}, {"a": [{"anything-but": ["y"]}]}, "a"),
            ({"a": ["x"]}, {"a": {"b": ["y"]}}, "a"),
            ({"a": {"b": ["x"]}}, {"a": ["y"]}, "a"),
            ({"$or": [{"a": ["x"]}]}, {"$or": [{"b": ["y"]}]}, r"\$or"),
            ({"$or": [{"a": ["x"]}]}, {"a": ["y"]}, "a"),
            ({"a": ["x"]}, {"$or": [{"a": ["y"]}, {"b": ["z"]}]}, "a"),
            ({"a": ["x"]}, {"$or": [{"b": ["z"]}, {"c": ["z"], "a": ["y"]}]}, "a"),
            ({"n": {"a": ["x"]}}, {"$or": [{"n": {"b": ["y"]}}, {"c": ["z"]}]}, "n"),
            ({"n": {"$or": [{"a": ["x"]}]}}, {"n": {"a": ["y"]}}, "n.a"),
            ({"n": {"a": ["x"]}}, {"n": {"$or": [{"a": ["y"]}, {"b": ["z"]}]}}, "n.a"),
            ({"a": ["x"]}, {"a": [{"exists": True}]}, "a"),
            ({"a": events.Match.anything_but("x")}, {"a": events.Match.anything_but("y")}, "a"),
            ({"a": ["x"]}, {"a": events.Match.anything_but("y")}, "a"),
        ],
    )
    def test_rejects_a_second_condition_on_a_key(
        self, stack: cdk.Stack, cluster: ecs.ICluster, first: Any, second: Any, key: str
    ) -> None:
        log = EcsTaskEventLogger(stack, "Log", cluster=cluster)
        log.add_event_pattern(detail=first)
        with pytest.raises(ValueError, match=f"^detail.{key} has a condition already"):
            log.add_event_pattern(detail=second)
        assert stack.resolve(first).items() <= detail(stack).items()

    @pytest.mark.parametrize(
        "addition",
        [
            {"a": ["x"], "$or": [{"a": ["y"]}, {"b": ["z"]}]},
            {"$or": [{"a": ["y"]}, {"b": ["z"]}], "a": ["x"]},
            {"n": {"a": ["x"], "$or": [{"a": ["y"]}, {"b": ["z"]}]}},
            {"lastStatus": ["x"], "$or": [{"$or": [{"lastStatus": ["y"]}]}, {"b": ["z"]}]},
        ],
    )
    def test_rejects_a_second_condition_in_the_same_call(
        self, stack: cdk.Stack, cluster: ecs.ICluster, addition: Any
    ) -> None:
        log = EcsTaskEventLogger(stack, "Log", cluster=cluster)
        with pytest.raises(ValueError, match="has a condition already"):
            log.add_event_pattern(detail=addition)

    @pytest.mark.parametrize("addition", [None, ["x"], "x"])
    def test_rejects_conditions_that_are_no_dictionary(
        self, stack: cdk.Stack, cluster: ecs.ICluster, addition: Any
    ) -> None:
        log = EcsTaskEventLogger(stack, "Log", cluster=cluster)
        with pytest.raises(TypeError, match=r"^detail must be a dictionary, got"):
            log.add_event_pattern(detail=addition)

    @pytest.mark.parametrize("alternatives", [None, "b", ["b"], [None]])
    def test_leaves_malformed_alternatives_to_cdk(
        self, stack: cdk.Stack, cluster: ecs.ICluster, alternatives: Any
    ) -> None:
        log = EcsTaskEventLogger(stack, "Log", cluster=cluster)
        with contextlib.suppress(RuntimeError):  # CDK's own error
            log.add_event_pattern(detail={"$or": alternatives})

    def test_accepts_a_corrected_condition(self, stack: cdk.Stack, cluster: ecs.ICluster) -> None:
        log = EcsTaskEventLogger(stack, "Log", cluster=cluster)
        with pytest.raises(RuntimeError, match="All fields must be arrays"):
            log.add_event_pattern(detail={"availabilityZone": "eu-west-1a"})
        log.add_event_pattern(detail={"availabilityZone": ["eu-west-1a"]})
        assert detail(stack)["availabilityZone"] == ["eu-west-1a"]

    def test_merges_conditions_on_different_keys(
        self, stack: cdk.Stack, cluster: ecs.ICluster
    ) -> None:
        log = EcsTaskEventLogger(stack, "Log", cluster=cluster)
        for addition in (
            {"a": ["x", "y"], "n": {"m": ["x"]}},
            {"e": events.Match.exact_string("x"), "p": events.Match.prefix("x")},
            {"q": [1, True, {"numeric": ["=", 5]}, {"exists": False}], "r": [cdk.Aws.REGION]},
            {"$or": [{"s": [{"suffix": "x"}]}, {"t": [{"cidr": "10.0.0.0/8"}]}]},
            {"n": {"o": [{"anything-but": "z"}], "$or": [{"u": ["x"]}, {"v": ["x"]}]}},
        ):
            log.add_event_pattern(detail=addition)
        pattern = detail(stack)
        del pattern["clusterArn"]
        assert pattern == {
            "a": ["x", "y"],
            "n": {
                "m": ["x"],
                "o": [{"anything-but": "z"}],
                "$or": [{"u": ["x"]}, {"v": ["x"]}],
            },
            "e": ["x"],
            "p": [{"prefix": "x"}],
            "q": [1, True, {"numeric": ["=", 5]}, {"exists": False}],
            "r": [{"Ref": "AWS::Region"}],
            "$or": [{"s": [{"suffix": "x"}]}, {"t": [{"cidr": "10.0.0.0/8"}]}],
        }

    def test_all_clusters_accept_conditions_on_the_cluster(self, stack: cdk.Stack) -> None:
        log = EcsTaskEventLogger.for_all_clusters(stack, "Log")
        log.add_event_pattern(
            detail={"clusterArn": [{"wildcard": f"*:cluster/{name}-*"} for name in "ab"]}
        )
        assert len(detail(stack)["clusterArn"]) == 2
