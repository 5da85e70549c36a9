"""The event history: its resources have the names that the ECS console looks for."""

import json
import re
from hashlib import sha256
from typing import Any

import aws_cdk as cdk
import base58
import jsii
import pytest
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk.assertions import Annotations, Match, Template
from constructs import IConstruct

from ecs_task_event_logger import EcsEventHistory, EcsTaskEventLogger
from ecs_task_event_logger.event_history import rule_name
from templates import only, warnings_of

ENVIRONMENT = cdk.Environment(account="111122223333", region="eu-west-1")
ARN = "arn:aws:ecs:eu-west-1:111122223333:cluster/shop"
GROUP_TYPE = "AWS::Logs::LogGroup"
LOG_GROUP = "/aws/events/ecs/containerinsights/shop/performance"
ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
WARNING = Match.string_like_regexp("cannot name its rule as the ECS console expects")


@pytest.fixture
def here() -> cdk.Stack:
    return cdk.Stack(cdk.App(), "Stack", env=ENVIRONMENT)


def history(stack: cdk.Stack, arn: str = ARN, **props: Any) -> Template:
    cluster = ecs.Cluster.from_cluster_arn(stack, "Cluster", arn)
    EcsEventHistory(stack, "History", cluster=cluster, **props)
    return Template.from_stack(stack)


def test_one_statement_creates_the_rule_and_the_log_group(here: cdk.Stack) -> None:
    template = history(here)
    types = {each["Type"] for each in template.to_json()["Resources"].values()}
    assert types == {"AWS::Logs::LogGroup", "AWS::Events::Rule"}
    log_group = only(template, "AWS::Logs::LogGroup")
    assert (log_group["LogGroupName"], log_group["RetentionInDays"]) == (LOG_GROUP, 7)
    rule = only(template, "AWS::Events::Rule")
    assert rule["EventPattern"] == {"source": ["aws.ecs"], "detail": {"clusterArn": [ARN]}}
    assert rule["Name"] == f"EventsToLogs-shop-{hashed(ARN)}"


def test_rule_may_write_to_this_log_group_alone(here: cdk.Stack) -> None:
    template = history(here)
    policy = only(template, "AWS::Logs::LogGroup")["ResourcePolicyDocument"]
    arn = here.resolve(f"arn:{here.partition}:logs:eu-west-1:111122223333:log-group:{LOG_GROUP}:*")
    assert policy["Statement"] == [
        {
            "Effect": "Allow",
            "Principal": {"Service": ["events.amazonaws.com", "delivery.logs.amazonaws.com"]},
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": arn,
        }
    ]
    (target,) = only(template, "AWS::Events::Rule")["Targets"]
    assert target.keys() == {"Arn", "Id"}
    assert not str(target["Arn"]).endswith(":*")


def hashed(arn: str) -> str:
    """Return the hash of an ARN in quotation marks, by another library."""
    return base58.b58encode(sha256(json.dumps(arn).encode()).digest()).decode()


@pytest.mark.parametrize(
    "arn",
    [
        ARN,
        "arn:aws-cn:ecs:cn-north-1:111122223333:cluster/a",
        "arn:aws:ecs:us-east-1:999999999999:cluster/a-cluster_with-a-long-name",
    ],
)
def test_name_of_the_rule_is_a_hash_of_the_arn(arn: str) -> None:
    name = arn.partition(":cluster/")[2]
    assert rule_name(arn) == f"EventsToLogs-{name[:6]}-{hashed(arn)}"


# Names that the console made, published without the ARNs of their clusters.
REAL_NAMES = [
    "EventsToLogs-abcedf-3wfJqgRwkYjHX84MmFFsbKSwrX5LBwPSVcNcwqevGYn6",
    "EventsToLogs-bfd-pr-GkfqaQcy1BbcXQLjkTL6jeX8TnW71BHedM937r6P1Jap",
    "EventsToLogs-bfd-sa-BnbucgSa4TiWrRdgEehNDermpJov5j1yJTyjfH1eDXbv",
]


def test_name_has_the_shape_of_real_ones() -> None:
    names = [rule_name(f"{ARN}-{number}") for number in range(300)]
    shape = rf"EventsToLogs-.{{6}}-[{ALPHABET}]{{43,44}}"
    assert all(re.fullmatch(shape, each) for each in (*names, *REAL_NAMES))
    assert {len(each) for each in REAL_NAMES} == {64}
    assert all(len(base58.b58decode(each[20:])) == 32 for each in (*names, *REAL_NAMES))
    assert max(map(len, names)) == 64


def test_cluster_of_the_app_gives_the_same_names_as_its_arn(here: cdk.Stack) -> None:
    cluster = ecs.Cluster(here, "Cluster", cluster_name="shop")
    created = EcsEventHistory(here, "History", cluster=cluster)
    template = Template.from_stack(here)
    rule, log_group = (only(template, each) for each in ("AWS::Events::Rule", GROUP_TYPE))
    assert rule["Name"] == rule_name(ARN)
    assert rule["EventPattern"]["detail"] == {"clusterArn": [here.resolve(cluster.cluster_arn)]}
    assert log_group["LogGroupName"] == LOG_GROUP
    # The reference makes the rule wait for the log group and its policy.
    reference = {"Ref": here.get_logical_id(child_of(created.log_group))}
    (target,) = rule["Targets"]
    assert reference in target["Arn"]["Fn::Join"][1]
    Annotations.from_stack(here).has_no_warning("*", Match.any_value())


def child_of(construct: Any) -> Any:
    return construct.node.default_child


def test_log_group_of_an_unnamed_cluster_has_the_name_that_cloudformation_makes(
    here: cdk.Stack,
) -> None:
    cluster = ecs.Cluster(here, "Cluster")
    EcsEventHistory(here, "History", cluster=cluster)
    log_group = only(Template.from_stack(here), GROUP_TYPE)
    name = {"Ref": here.get_logical_id(child_of(cluster))}
    parts = ["/aws/events/ecs/containerinsights/", name, "/performance"]
    assert log_group["LogGroupName"] == {"Fn::Join": ["", parts]}
    (statement,) = log_group["ResourcePolicyDocument"]["Statement"]
    assert name in statement["Resource"]["Fn::Join"][1]


@jsii.implements(cdk.IAspect)
class Renames:
    """Names the clusters, after the constructs have been created."""

    def visit(self, node: IConstruct) -> None:
        if isinstance(node, ecs.CfnCluster):
            node.cluster_name = "renamed"


@pytest.mark.parametrize("name", [None, "shop"])
def test_follows_an_aspect_that_names_the_cluster(here: cdk.Stack, name: str | None) -> None:
    cluster = ecs.Cluster(here, "Cluster", cluster_name=name)
    EcsEventHistory(here, "History", cluster=cluster)
    cdk.Aspects.of(here).add(Renames())
    template = Template.from_stack(here)
    assert only(template, "AWS::Events::Rule")["Name"] == rule_name(ARN.replace("shop", "renamed"))
    assert only(template, GROUP_TYPE)["LogGroupName"] == LOG_GROUP.replace("shop", "renamed")
    Annotations.from_stack(here).has_no_warning("*", WARNING)


def test_does_not_wait_for_the_stack_of_a_named_cluster() -> None:
    app = cdk.App()
    theirs, ours = (cdk.Stack(app, id, env=ENVIRONMENT) for id in ("Theirs", "Ours"))
    cluster = ecs.Cluster(theirs, "Cluster", cluster_name="shop")
    created = EcsEventHistory(ours, "History", cluster=cluster)
    # A reference in the other direction would be circular if ours waited.
    cdk.CfnOutput(theirs, "Group", value=created.log_group.log_group_name)
    template = Template.from_stack(ours)
    rule = only(template, "AWS::Events::Rule")
    assert rule["Name"] == rule_name(ARN)
    (arn,) = rule["EventPattern"]["detail"]["clusterArn"]
    partition = {"Ref": "AWS::Partition"}
    parts = ["arn:", partition, ":ecs:eu-west-1:111122223333:cluster/shop"]
    assert arn in (ARN, {"Fn::Join": ["", parts]})  # CDK's feature flags decide
    assert only(template, GROUP_TYPE)["LogGroupName"] == LOG_GROUP
    assert ours.dependencies == []


def test_arn_is_enough_in_a_stack_without_env() -> None:
    template = history(cdk.Stack(cdk.App(), "Stack"))
    assert only(template, "AWS::Events::Rule")["Name"] == rule_name(ARN)


@pytest.mark.parametrize(
    ("env", "name"),
    [
        (ENVIRONMENT, None),
        (None, "shop"),
        (cdk.Environment(region="eu-west-1"), "shop"),
        (cdk.Environment(account="111122223333", region="xx-moon-1"), "shop"),
    ],
)
def test_unknown_arn_leaves_the_name_to_cloudformation(
    env: cdk.Environment | None, name: str | None
) -> None:
    stack = cdk.Stack(cdk.App(), "Stack", env=env)
    cluster = ecs.Cluster(stack, "Cluster", cluster_name=name)
    history = EcsEventHistory(stack, "History", cluster=cluster)
    template = Template.from_stack(stack)
    assert "Name" not in only(template, "AWS::Events::Rule")
    # Annotations.find_warning fails if the wheels of CDK were unpacked in another order.
    (warning,) = warnings_of(history)
    for advice in (
        "may show the events, but the console does not know that event capture is on",
        "Do not turn it on there",
        "Set cluster_name on the cluster, and env with account and region on the stack Stack.",
    ):
        assert advice in warning


def test_partition_is_that_of_the_region() -> None:
    china = cdk.Environment(account="111122223333", region="cn-north-1")
    stack = cdk.Stack(cdk.App(), "Stack", env=china)
    EcsEventHistory(stack, "History", cluster=ecs.Cluster(stack, "Cluster", cluster_name="shop"))
    assert only(Template.from_stack(stack), "AWS::Events::Rule")["Name"] == rule_name(
        "arn:aws-cn:ecs:cn-north-1:111122223333:cluster/shop"
    )


def test_props_configure_the_log_group(here: cdk.Stack) -> None:
    template = history(
        here,
        log_retention=logs.RetentionDays.ONE_YEAR,
        encryption_key=kms.Key(here, "Key"),
        removal_policy=cdk.RemovalPolicy.RETAIN,
    )
    (resource,) = template.find_resources("AWS::Logs::LogGroup").values()
    assert resource["Properties"]["RetentionInDays"] == 365
    assert resource["DeletionPolicy"] == "Retain"
    assert "KmsKeyId" in resource["Properties"]
    statements = only(template, "AWS::KMS::Key")["KeyPolicy"]["Statement"]
    assert "logs.eu-west-1." in str([each["Principal"] for each in statements])


def test_log_group_leaves_with_the_stack_by_default(here: cdk.Stack) -> None:
    (resource,) = history(here).find_resources("AWS::Logs::LogGroup").values()
    assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Delete", "Delete")


def test_logger_and_history_may_watch_one_cluster(here: cdk.Stack) -> None:
    cluster = ecs.Cluster(here, "Cluster", cluster_name="shop")
    EcsTaskEventLogger(here, "Log", cluster=cluster)
    EcsEventHistory(here, "History", cluster=cluster)
    Template.from_stack(here).resource_count_is("AWS::Logs::LogGroup", 2)


@pytest.mark.parametrize(
    ("props", "error", "message"),
    [
        ({"cluster": "shop"}, TypeError, "cluster must be an ecs.ICluster, got 'shop'"),
        ({"log_retention": 7}, TypeError, "log_retention must be a logs.RetentionDays"),
        ({"removal_policy": "destroy"}, TypeError, "removal_policy must be a"),
        ({"removal_policy": cdk.RemovalPolicy.SNAPSHOT}, ValueError, "removal_policy is SNAPSHOT"),
        ({"encryption_key": "alias/x"}, TypeError, "encryption_key must be a kms.IKey"),
    ],
)
def test_rejects_wrong_props(
    here: cdk.Stack, props: Any, error: type[Exception], message: str
) -> None:
    cluster = ecs.Cluster.from_cluster_arn(here, "Cluster", ARN)
    with pytest.raises(error, match=message):
        EcsEventHistory(here, "History", **{"cluster": cluster, **props})


def test_rejects_a_cluster_elsewhere(here: cdk.Stack) -> None:
    with pytest.raises(ValueError, match="is in region us-east-1, but the stack Stack is in eu-w"):
        history(here, "arn:aws:ecs:us-east-1:111122223333:cluster/shop")
