"""Checks of event patterns: their clusters, added conditions, and their length."""

import contextlib
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
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


class TestClusters:
    def test_several_clusters_share_one_rule(self, stack: cdk.Stack) -> None:
        log = EcsTaskEventLogger(stack, "Log", cluster=imported(stack, "a"), statuses=["STOPPED"])
        log.add_cluster(imported(stack, "b"))
        log.add_cluster(ecs.Cluster(stack, "Made"))
        arns = detail(stack)["clusterArn"]
        assert arns[:2] == [ARN.format("eu-west-1", "111122223333", name) for name in "ab"]
        assert list(arns[2]) == ["Fn::GetAtt"]
        assert detail(stack)["lastStatus"] == ["STOPPED"]

    def test_rejects_a_cluster_that_is_watched_already(self, stack: cdk.Stack) -> None:
        cluster = ecs.Cluster(stack, "Made")
        log = EcsTaskEventLogger(stack, "Log", cluster=imported(stack, "a"))
        log.add_cluster(cluster)
        for again in (cluster, stack.node.find_child("aeu-west-1111122223333")):
            with pytest.raises(ValueError, match=r"Stack/Log already watches Stack/\w+\S*\. "):
                log.add_cluster(again)  # type: ignore[arg-type]

    def test_all_clusters_need_no_condition(self, stack: cdk.Stack) -> None:
        EcsTaskEventLogger.for_all_clusters(stack, "Log")
        assert detail(stack) is None

    def test_all_clusters_accept_filters(self, stack: cdk.Stack) -> None:
        EcsTaskEventLogger.for_all_clusters(stack, "Log", statuses=["STOPPED"])
        assert detail(stack) == {"lastStatus": ["STOPPED"]}

    def test_all_clusters_reject_another_cluster(self, stack: cdk.Stack) -> None:
        log = EcsTaskEventLogger.for_all_clusters(stack, "Log")
        with pytest.raises(ValueError, match=r"Stack/Log already watches every cluster\. Remove"):
            log.add_cluster(imported(stack, "a"))
        with pytest.raises(TypeError, match="takes no cluster"):
            EcsTaskEventLogger.for_all_clusters(stack, "L", **{"cluster": imported(stack, "b")})  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        ("place", "message"),
        [
            (
                {"region": "us-east-1"},
                "region us-east-1, but the stack Placed is in eu-west-1. ECS sends events",
            ),
            (
                {"account": "444455556666"},
                "is in account 444455556666, but the stack Placed is in 111122223333",
            ),
        ],
    )
    def test_rejects_a_cluster_in_another_account_or_region(
        self, placed: cdk.Stack, place: dict[str, str], message: str
    ) -> None:
        with pytest.raises(ValueError, match=message):
            EcsTaskEventLogger(placed, "Log", cluster=imported(placed, "a", **place))
        log = EcsTaskEventLogger(placed, "Log2", cluster=imported(placed, "b"))
        with pytest.raises(ValueError, match=message):
            log.add_cluster(imported(placed, "c", **place))

    def test_accepts_any_region_if_the_stack_has_none(self, stack: cdk.Stack) -> None:
        EcsTaskEventLogger(stack, "Log", cluster=imported(stack, "a", region="us-east-1"))

    @pytest.mark.parametrize("no_cluster", ["shop", None, 5, ecs.Cluster])
    def test_rejects_a_value_that_is_not_a_cluster(self, stack: cdk.Stack, no_cluster: Any) -> None:
        with pytest.raises(TypeError, match="from_cluster_arn"):
            EcsTaskEventLogger(stack, "Log", cluster=no_cluster)

    @pytest.mark.parametrize("event_type", ["TASK_STATE_CHANGE", "DEPLOYMENT_STATE_CHANGE"])
    def test_rejects_a_cluster_with_the_arn_of_a_service(
        self, stack: cdk.Stack, event_type: str
    ) -> None:
        arn = "arn:aws:ecs:eu-west-1:111122223333:service/shop"
        service = ecs.Cluster.from_cluster_arn(stack, "Service", arn)
        with pytest.raises(
            ValueError, match=f"Stack/Service has the ARN {arn}, which is not the ARN"
        ):
            EcsTaskEventLogger(stack, "Log", cluster=service, event_types=[event_type])

    def test_rejects_a_cluster_whose_name_is_an_arn(self, stack: cdk.Stack) -> None:
        vpc = ec2.Vpc.from_vpc_attributes(stack, "V", vpc_id="vpc-1", availability_zones=["a"])
        arn = ARN.format("eu-west-1", "111122223333", "shop")
        cluster = ecs.Cluster.from_cluster_attributes(stack, "C", cluster_name=arn, vpc=vpc)
        with pytest.raises(
            ValueError, match="has the ARN made of tokens and another ARN, which is not"
        ):
            EcsTaskEventLogger(stack, "Log", cluster=cluster)

    def test_accepts_a_cluster_with_a_token_as_arn(self, stack: cdk.Stack) -> None:
        arn = cdk.CfnParameter(stack, "Arn").value_as_string
        EcsTaskEventLogger(
            stack, "Log", cluster=ecs.Cluster.from_cluster_arn(stack, "Cluster", arn)
        )
        assert detail(stack)["clusterArn"] == [{"Ref": "Arn"}]


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


class TestLength:
    def test_rejects_a_pattern_that_is_too_long(
        self, stack: cdk.Stack, cluster: ecs.ICluster
    ) -> None:
        services = [f"service-{number:03}-with-a-long-name" for number in range(60)]
        EcsTaskEventLogger(stack, "Log", cluster=cluster, services=services)
        with pytest.raises(
            RuntimeError,
            match=r"has at least 2\d\d\d char.*, but EventBridge accepts at most 2048. Its longest",
        ):
            cdk.App.of(stack).synth()  # type: ignore[union-attr]

    def test_counts_the_known_parts_of_tokens(self, stack: cdk.Stack) -> None:
        name = cdk.Fn.join("-", [cdk.Aws.REGION, "y" * 2500])
        EcsTaskEventLogger.for_all_clusters(stack, "Log", services=[name])
        with pytest.raises(RuntimeError, match="EventBridge accepts at most 2048"):
            Template.from_stack(stack)

    def test_rejects_too_many_added_clusters(self, stack: cdk.Stack) -> None:
        vpc = ec2.Vpc.from_vpc_attributes(stack, "V", vpc_id="vpc-1", availability_zones=["a"])
        log = EcsTaskEventLogger(stack, "Log", cluster=imported(stack, "first"))
        for number in range(40):
            # The ARN of a cluster imported by attributes holds tokens.
            name = f"cluster-with-a-name-{number}"
            cluster = ecs.Cluster.from_cluster_attributes(stack, name, cluster_name=name, vpc=vpc)
            log.add_cluster(cluster)
        with pytest.raises(
            RuntimeError, match=r"on clusterArn\. Watch fewer clusters, or all of them"
        ):
            cdk.App.of(stack).synth()  # type: ignore[union-attr]

    def test_accepts_a_long_pattern_within_the_limit(
        self, stack: cdk.Stack, cluster: ecs.ICluster
    ) -> None:
        services = [f"service-{number:03}-with-a-long-name" for number in range(40)]
        EcsTaskEventLogger(stack, "Log", cluster=cluster, services=services)
        Template.from_stack(stack)
