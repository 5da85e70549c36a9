"""Which clusters are watched, and what a rule must not grow to."""

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
    """A stack that knows where it is."""
    environment = cdk.Environment(account="111122223333", region="eu-west-1")
    return cdk.Stack(cdk.App(), "Placed", env=environment)


class TestClusters:
    def test_several_share_one_rule(self, stack: cdk.Stack) -> None:
        log = EcsTaskEventLogger(stack, "Log", cluster=imported(stack, "a"), statuses=["STOPPED"])
        log.add_cluster(imported(stack, "b"))
        log.add_cluster(ecs.Cluster(stack, "Made"))
        arns = detail(stack)["clusterArn"]
        assert arns[:2] == [ARN.format("eu-west-1", "111122223333", name) for name in "ab"]
        assert list(arns[2]) == ["Fn::GetAtt"]
        assert detail(stack)["lastStatus"] == ["STOPPED"]

    def test_one_that_is_watched_already_is_refused(self, stack: cdk.Stack) -> None:
        cluster = ecs.Cluster(stack, "Made")
        log = EcsTaskEventLogger(stack, "Log", cluster=imported(stack, "a"))
        log.add_cluster(cluster)
        for again in (cluster, stack.node.find_child("aeu-west-1111122223333")):
            with pytest.raises(ValueError, match=r"Stack/Log watches Stack/\w+\S* already"):
                log.add_cluster(again)  # type: ignore[arg-type]

    def test_all_clusters_need_no_condition(self, stack: cdk.Stack) -> None:
        EcsTaskEventLogger.for_all_clusters(stack, "Log")
        assert detail(stack) is None

    def test_all_clusters_may_be_filtered(self, stack: cdk.Stack) -> None:
        EcsTaskEventLogger.for_all_clusters(stack, "Log", statuses=["STOPPED"])
        assert detail(stack) == {"lastStatus": ["STOPPED"]}

    def test_to_all_clusters_none_can_be_added(self, stack: cdk.Stack) -> None:
        log = EcsTaskEventLogger.for_all_clusters(stack, "Log")
        with pytest.raises(ValueError, match="watches all clusters"):
            log.add_cluster(imported(stack, "a"))
        with pytest.raises(TypeError, match="takes no cluster"):
            EcsTaskEventLogger.for_all_clusters(stack, "L", **{"cluster": imported(stack, "b")})  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        ("place", "message"),
        [
            (
                {"region": "us-east-1"},
                "region us-east-1, and not in eu-west-1 as the stack Placed",
            ),
            ({"account": "444455556666"}, "is in account 444455556666, and not in 111122223333"),
        ],
    )
    def test_one_that_the_stacks_bus_hears_nothing_of_is_refused(
        self, placed: cdk.Stack, place: dict[str, str], message: str
    ) -> None:
        with pytest.raises(ValueError, match=message):
            EcsTaskEventLogger(placed, "Log", cluster=imported(placed, "a", **place))
        log = EcsTaskEventLogger(placed, "Log2", cluster=imported(placed, "b"))
        with pytest.raises(ValueError, match=message):
            log.add_cluster(imported(placed, "c", **place))

    def test_where_it_is_not_known_it_is_not_compared(self, stack: cdk.Stack) -> None:
        EcsTaskEventLogger(stack, "Log", cluster=imported(stack, "a", region="us-east-1"))

    @pytest.mark.parametrize("no_cluster", ["shop", None, 5, ecs.Cluster])
    def test_what_is_no_cluster_is_refused_with_the_way_out(
        self, stack: cdk.Stack, no_cluster: Any
    ) -> None:
        with pytest.raises(TypeError, match="from_cluster_arn"):
            EcsTaskEventLogger(stack, "Log", cluster=no_cluster)

    @pytest.mark.parametrize("event_type", ["TASK_STATE_CHANGE", "DEPLOYMENT_STATE_CHANGE"])
    def test_what_has_the_arn_of_something_else_is_refused(
        self, stack: cdk.Stack, event_type: str
    ) -> None:
        arn = "arn:aws:ecs:eu-west-1:111122223333:service/shop"
        service = ecs.Cluster.from_cluster_arn(stack, "Service", arn)
        with pytest.raises(ValueError, match=f"ARN {arn}, which is no cluster's"):
            EcsTaskEventLogger(stack, "Log", cluster=service, event_types=[event_type])

    def test_what_has_an_arn_for_its_name_is_refused(self, stack: cdk.Stack) -> None:
        vpc = ec2.Vpc.from_vpc_attributes(stack, "V", vpc_id="vpc-1", availability_zones=["a"])
        arn = ARN.format("eu-west-1", "111122223333", "shop")
        cluster = ecs.Cluster.from_cluster_attributes(stack, "C", cluster_name=arn, vpc=vpc)
        with pytest.raises(ValueError, match=f"cluster/{arn}, which is no cluster's"):
            EcsTaskEventLogger(stack, "Log", cluster=cluster)

    def test_what_has_an_arn_that_is_not_known_yet_is_taken(self, stack: cdk.Stack) -> None:
        arn = cdk.CfnParameter(stack, "Arn").value_as_string
        EcsTaskEventLogger(
            stack, "Log", cluster=ecs.Cluster.from_cluster_arn(stack, "Cluster", arn)
        )
        assert detail(stack)["clusterArn"] == [{"Ref": "Arn"}]


def test_filters_change_the_rule_and_the_functions_environment_and_nothing_else() -> None:
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
        stop_codes=["EssentialContainerExited"],
        causes=["SIGNAL"],
        only_failures=True,
    )
    assert filtered == resources()


class TestEventPattern:
    def test_a_condition_of_the_users_own_is_merged(
        self, stack: cdk.Stack, cluster: ecs.ICluster
    ) -> None:
        log = EcsTaskEventLogger(stack, "Log", cluster=cluster, statuses=["STOPPED"])
        zone = {"availabilityZone": [{"prefix": "eu-west-1"}]}
        log.add_event_pattern(detail={**zone, "lastStatus": ["RUNNING"]})
        assert detail(stack) == {
            "clusterArn": ["arn:aws:ecs:eu-west-1:111122223333:cluster/shop"],
            "lastStatus": ["STOPPED", "RUNNING"],
            **zone,
        }

    @pytest.mark.parametrize(
        ("addition", "error", "message"),
        [
            ("availabilityZone", TypeError, "must be a mapping, got 'availabilityZone'"),
            ({"availabilityZone": "eu-west-1a"}, ValueError, "detail.availabilityZone is 'eu-"),
            ({"a": {"b": []}}, ValueError, r"detail.a.b is \[\]"),
            ({}, ValueError, "detail is empty. Write"),
            ({"a": [{"prefx": "x"}]}, ValueError, "detail.a holds {'prefx': 'x'}, which EventBr"),
            ({"a": [{"prefix": "x", "suffix": "y"}]}, ValueError, "detail.a holds {'prefix'"),
            ({"a": {"b": [["x"]]}}, ValueError, r"detail.a.b holds \['x'\], which"),
            ({"a": {"b": [None]}}, ValueError, r"detail.a.b holds None, .*Match.null_value"),
            ({"n": {"$or": []}}, ValueError, r"detail.n.\$or is \[\]. EventBridge wants a list"),
            ({"n": {"$or": [{"a": ["x"]}, {}]}}, ValueError, r"\$or holds {}, which is no mapping"),
            ({"n": {"$or": [{"a": "x"}]}}, ValueError, r"detail.n.\$or.a is 'x'"),
            ({"n": {"$or": [{"a": ["x"]}], "a": ["y"]}}, ValueError, "n.a has a condition"),
            ({"clusterArn": ["arn"]}, ValueError, "Use add_cluster"),
            ({"lastStatus": ["STOPPED"]}, ValueError, "lastStatus has a condition already"),
            ({"stoppedReason": ["a"]}, ValueError, "stoppedReason has a condition already"),
            ({"$or": [{"a": ["b"]}]}, ValueError, r"detail.\$or has a condition already"),
            ({"launchType": {"a": ["b"]}}, ValueError, "launchType has a condition already"),
            ({"launchType": [{"anything-but": "EC2"}]}, ValueError, "launchType has a condition"),
        ],
    )
    def test_an_addition_that_would_not_do_what_it_says_is_refused(
        self,
        stack: cdk.Stack,
        cluster: ecs.ICluster,
        addition: Any,
        error: type[Exception],
        message: str,
    ) -> None:
        log = EcsTaskEventLogger(
            stack, "Log", cluster=cluster, only_failures=True, launch_types=["FARGATE"]
        )
        with pytest.raises(error, match=message):
            log.add_event_pattern(detail=addition)

    @pytest.mark.parametrize(
        ("first", "second"),
        [
            ({"a": [{"anything-but": "x"}]}, {"a": [{"anything-but": "y"}]}),
            ({"a": {"b": [{"anything-but": "x"}]}}, {"a": {"b": ["y"]}}),
            ({"a": ["x"]}, {"a": [{"anything-but": ["y"]}]}),
            ({"a": ["x"]}, {"a": {"b": ["y"]}}),
            ({"a": {"b": ["x"]}}, {"a": ["y"]}),
            ({"$or": [{"a": ["x"]}]}, {"$or": [{"b": ["y"]}]}),
            ({"$or": [{"a": ["x"]}]}, {"a": ["y"]}),
            ({"a": ["x"]}, {"$or": [{"a": ["y"]}, {"b": ["z"]}]}),
            ({"n": {"$or": [{"a": ["x"]}]}}, {"n": {"a": ["y"]}}),
            ({"a": ["x"]}, {"a": [{"exists": True}]}),
            ({"a": events.Match.anything_but("x")}, {"a": events.Match.anything_but("y")}),
            ({"a": ["x"]}, {"a": events.Match.anything_but("y")}),
        ],
    )
    def test_a_second_addition_that_would_undo_the_first_is_refused(
        self, stack: cdk.Stack, cluster: ecs.ICluster, first: Any, second: Any
    ) -> None:
        log = EcsTaskEventLogger(stack, "Log", cluster=cluster)
        log.add_event_pattern(detail=first)
        with pytest.raises(ValueError, match="has a condition already"):
            log.add_event_pattern(detail=second)
        assert stack.resolve(first).items() <= detail(stack).items()

    def test_additions_that_hold_beside_each_other_are_merged(
        self, stack: cdk.Stack, cluster: ecs.ICluster
    ) -> None:
        log = EcsTaskEventLogger(stack, "Log", cluster=cluster)
        for addition in (
            {"a": ["x"], "n": {"m": ["x"]}},
            {"e": events.Match.exact_string("x"), "p": events.Match.prefix("x")},
            {"q": [1, True, {"numeric": ["=", 5]}, {"exists": False}], "r": [cdk.Aws.REGION]},
            {"$or": [{"s": [{"suffix": "x"}]}, {"t": [{"cidr": "10.0.0.0/8"}]}]},
            {"a": ["y"], "n": {"m": ["y"], "o": [{"anything-but": "z"}]}},
        ):
            log.add_event_pattern(detail=addition)
        pattern = detail(stack)
        del pattern["clusterArn"]
        assert pattern == {
            "a": ["x", "y"],
            "n": {"m": ["x", "y"], "o": [{"anything-but": "z"}]},
            "e": ["x"],
            "p": [{"prefix": "x"}],
            "q": [1, True, {"numeric": ["=", 5]}, {"exists": False}],
            "r": [{"Ref": "AWS::Region"}],
            "$or": [{"s": [{"suffix": "x"}]}, {"t": [{"cidr": "10.0.0.0/8"}]}],
        }

    def test_of_all_clusters_some_may_be_picked(self, stack: cdk.Stack) -> None:
        log = EcsTaskEventLogger.for_all_clusters(stack, "Log")
        for name in "ab":
            log.add_event_pattern(detail={"clusterArn": [{"wildcard": f"*:cluster/{name}-*"}]})
        assert len(detail(stack)["clusterArn"]) == 2

    def test_families_are_those_of_the_stacks_own_account_and_region(
        self, stack: cdk.Stack, cluster: ecs.ICluster
    ) -> None:
        EcsTaskEventLogger(stack, "Log", cluster=cluster, task_families=["job"])
        (family,) = detail(stack)["taskDefinitionArn"]
        assert family["prefix"]["Fn::Join"][1][-1] == ":task-definition/job:"

    def test_one_that_eventbridge_does_not_take_is_refused_at_synthesis(
        self, stack: cdk.Stack, cluster: ecs.ICluster
    ) -> None:
        services = [f"service-{number:03}-with-a-long-name" for number in range(60)]
        EcsTaskEventLogger(stack, "Log", cluster=cluster, services=services)
        with pytest.raises(
            RuntimeError, match=r"has at least 2\d\d\d char.*2048.*of group.*Shorten"
        ):
            cdk.App.of(stack).synth()  # type: ignore[union-attr]

    def test_what_a_token_stands_for_is_counted(self, stack: cdk.Stack) -> None:
        name = cdk.Fn.join("-", [cdk.Aws.REGION, "y" * 2500])
        EcsTaskEventLogger.for_all_clusters(stack, "Log", services=[name])
        with pytest.raises(RuntimeError, match="EventBridge takes 2048"):
            Template.from_stack(stack)

    def test_of_clusters_too_many_may_be_added(self, stack: cdk.Stack) -> None:
        vpc = ec2.Vpc.from_vpc_attributes(stack, "V", vpc_id="vpc-1", availability_zones=["a"])
        log = EcsTaskEventLogger(stack, "Log", cluster=imported(stack, "first"))
        for number in range(40):
            # By its attributes a cluster has an ARN of which only parts are known.
            name = f"cluster-with-a-name-{number}"
            cluster = ecs.Cluster.from_cluster_attributes(stack, name, cluster_name=name, vpc=vpc)
            log.add_cluster(cluster)
        with pytest.raises(RuntimeError, match=r"of clusterArn.*for_all_clusters"):
            cdk.App.of(stack).synth()  # type: ignore[union-attr]

    def test_a_long_one_that_eventbridge_takes_passes(
        self, stack: cdk.Stack, cluster: ecs.ICluster
    ) -> None:
        services = [f"service-{number:03}-with-a-long-name" for number in range(40)]
        EcsTaskEventLogger(stack, "Log", cluster=cluster, services=services)
        Template.from_stack(stack)
