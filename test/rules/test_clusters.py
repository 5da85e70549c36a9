"""The clusters that a logger watches."""

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
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
        with pytest.raises(TypeError, match=r"from_cluster_arn|Write cluster=cluster"):
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
