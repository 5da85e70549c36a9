"""Errors across stacks: accounts, regions and ``env``; and what errors show of a value."""

import inspect
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from aws_cdk.assertions import Template

from ecs_task_event_logger import EcsTaskEventForwarder, EcsTaskEventLogger, EcsTaskEventRule

ENV = cdk.Environment(account="111122223333", region="eu-west-1")
ELSEWHERE = cdk.Environment(account="444455556666", region="us-east-1")


class Shop(cdk.Stack):
    """The stack with the logger. Resources come from the stack ``Net``."""

    def __init__(self, env: cdk.Environment | None, env_of_net: cdk.Environment | None) -> None:
        app = cdk.App()
        super().__init__(app, "Shop", env=env)
        self.net = cdk.Stack(app, "Net", env=env_of_net)
        self.vpc = ec2.Vpc.from_vpc_attributes(
            self,
            "Vpc",
            vpc_id="vpc-1",
            availability_zones=["eu-west-1a"],
            private_subnet_ids=["subnet-1"],
        )

    def log(self, **props: Any) -> EcsTaskEventLogger:
        return EcsTaskEventLogger.for_all_clusters(self, "Log", **props)


def with_cluster(shop: Shop) -> None:
    EcsTaskEventLogger(shop, "Log", cluster=ecs.Cluster(shop.net, "It", vpc=shop.vpc))


def with_bus(shop: Shop) -> None:
    bus = events.EventBus(shop.net, "It")
    EcsTaskEventLogger(shop, "Log", event_bus=bus, source_accounts=["111122223333"])


def with_security_group(shop: Shop) -> None:
    group = ec2.SecurityGroup(shop.net, "It", vpc=shop.vpc)
    shop.log(vpc=shop.vpc, security_groups=[group])


def with_role(shop: Shop) -> None:
    role = iam.Role(shop.net, "It", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    shop.log(role=role)


def with_target(shop: Shop) -> None:
    shop.log().on_task_failure("Tell", target=targets.SnsTopic(sns.Topic(shop.net, "It")))


USES: dict[str, Callable[[Shop], Any]] = {
    "cluster": with_cluster,
    "event_bus": with_bus,
    "log_group": lambda shop: shop.log(log_group=logs.LogGroup(shop.net, "It")),
    "dead_letter_queue": lambda shop: shop.log(dead_letter_queue=sqs.Queue(shop.net, "It")),
    "encryption_key": lambda shop: shop.log(encryption_key=kms.Key(shop.net, "It")),
    "vpc": lambda shop: shop.log(vpc=ec2.Vpc(shop.net, "It")),
    "the security group": with_security_group,
    "role": with_role,
    "target": with_target,
    "destination_bus": lambda shop: EcsTaskEventForwarder(
        shop, "Log", destination_bus=events.EventBus(shop.net, "It")
    ),
}


@pytest.mark.parametrize("env", [ENV, None], ids=["Shop has env", "Net has env"])
@pytest.mark.parametrize("what", USES)
def test_rejects_a_resource_if_one_stack_has_no_env(what: str, env: cdk.Environment | None) -> None:
    shop = Shop(env, None if env else ENV)
    without = "Net" if env else "Shop"
    message = rf"^{what} Net/It is in another stack than Shop/Log\S*, and the stack {without} has"
    with pytest.raises(ValueError, match=message) as error:
        USES[what](shop)
    assert "Set env on both stacks." in str(error.value)


@pytest.mark.parametrize("env", [ENV, None], ids=["both have env", "neither has env"])
@pytest.mark.parametrize("what", USES)
def test_accepts_a_resource_if_both_stacks_are_alike(
    what: str, env: cdk.Environment | None
) -> None:
    shop = Shop(env, env)
    USES[what](shop)
    cdk.App.of(shop).synth()  # type: ignore[union-attr]


@pytest.mark.parametrize("env", [ENV, None], ids=["Shop has env", "Net has env"])
def test_accepts_a_named_resource_if_one_stack_has_no_env(env: cdk.Environment | None) -> None:
    shop = Shop(env, None if env else ENV)
    cluster = ecs.Cluster(shop.net, "Cluster", cluster_name="shop", vpc=shop.vpc)
    own = logs.LogGroup(shop.net, "Lines", log_group_name="/shop/tasks")
    EcsTaskEventLogger(shop, "Log", cluster=cluster, log_group=own)
    Template.from_stack(shop).resource_count_is("AWS::Lambda::Function", 1)


def test_rejects_a_logger_in_a_stack_without_env() -> None:
    shop = Shop(ENV, None)
    log = EcsTaskEventLogger.for_all_clusters(shop.net, "Log")
    with pytest.raises(ValueError, match="The function of Net/Log is in another env than the st"):
        EcsTaskEventRule.for_all_clusters(shop, "Rule", logger=log)


def test_rejects_an_unnamed_destination_bus_elsewhere() -> None:
    shop = Shop(ENV, ELSEWHERE)
    bus = events.EventBus(shop.net, "It")
    with pytest.raises(ValueError, match="destination_bus Net/It has no event_bus_name, so a"):
        EcsTaskEventForwarder(shop, "Log", destination_bus=bus)


def test_accepts_a_named_destination_bus_elsewhere() -> None:
    shop = Shop(ENV, ELSEWHERE)
    bus = events.EventBus(shop.net, "It", event_bus_name="central")
    EcsTaskEventForwarder(shop, "Log", destination_bus=bus)
    cdk.App.of(shop).synth()  # type: ignore[union-attr]


def imported(stack: cdk.Stack, id: str) -> ecs.ICluster:
    arn = "arn:aws:ecs:eu-west-1:111122223333:cluster/shop"
    return ecs.Cluster.from_cluster_arn(stack, id, arn)


def odd_values(stack: cdk.Stack) -> list[Any]:
    """Return values that callers write by mistake, and whose text would say nothing."""
    token = cdk.Token.as_any({"Ref": "Name"})
    values = [
        cdk.Token.as_string(token),
        cdk.Token.as_list(token),
        cdk.Token.as_number(token),
        token,
        stack,
        cdk.Stack,
        object(),
        len,
        cdk.Duration.hours(9),
        {"a": 1},
    ]
    return [*values, *([each] for each in values)]


@pytest.mark.parametrize("prop", list(inspect.signature(EcsTaskEventLogger).parameters)[2:])
def test_errors_name_the_prop_and_show_no_token(prop: str) -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    errors = []
    for number, value in enumerate(odd_values(stack)):
        props: dict[str, Any] = {"cluster": imported(stack, f"Cluster{number}"), prop: value}
        if prop in ("source_accounts", "organization_id"):
            props["event_bus"] = events.EventBus(stack, f"Bus{number}")
        if prop in ("vpc_subnets", "security_groups"):
            props["vpc"] = Shop(None, None).vpc
        try:
            EcsTaskEventLogger(stack, f"Log{number}", **props)
        except (TypeError, ValueError) as error:
            errors.append(str(error))
    assert len(errors) > len(odd_values(stack)) / 2
    for message in errors:
        assert message.startswith(prop)
        assert "{Token[" not in message
        assert " at 0x" not in message
