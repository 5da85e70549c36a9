"""The function in a VPC."""

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk.assertions import Template

from ecs_task_event_logger import EcsTaskEventLogger
from templates import only


def test_default_uses_no_vpc(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    EcsTaskEventLogger(stack, "Log", cluster=cluster)
    assert "VpcConfig" not in only(Template.from_stack(stack), "AWS::Lambda::Function")


def test_default_security_group_allows_no_traffic(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    EcsTaskEventLogger(stack, "Log", cluster=cluster, vpc=ec2.Vpc(stack, "Vpc"))
    group = only(Template.from_stack(stack), "AWS::EC2::SecurityGroup")
    assert "SecurityGroupIngress" not in group
    (egress,) = group["SecurityGroupEgress"]
    assert egress["CidrIp"] == "255.255.255.255/32"


def test_uses_the_callers_own_subnets_and_security_groups(
    stack: cdk.Stack, cluster: ecs.ICluster
) -> None:
    vpc = ec2.Vpc(stack, "Vpc", restrict_default_security_group=False)
    EcsTaskEventLogger(
        stack,
        "Log",
        cluster=cluster,
        vpc=vpc,
        vpc_subnets=ec2.SubnetSelection(subnets=[vpc.private_subnets[0]]),
        security_groups=(ec2.SecurityGroup.from_security_group_id(stack, "Own", "sg-01234567"),),
    )
    config = only(Template.from_stack(stack), "AWS::Lambda::Function")["VpcConfig"]
    assert config["SecurityGroupIds"] == ["sg-01234567"]
    assert config["SubnetIds"] == [stack.resolve(vpc.private_subnets[0].subnet_id)]


@pytest.mark.parametrize(
    ("props", "error", "message"),
    [
        ({"vpc": "vpc-1"}, TypeError, "vpc must be an ec2.IVpc, got 'vpc-1'.*from_lookup"),
        (
            {"vpc_subnets": ec2.SubnetSelection(), "security_groups": []},
            ValueError,
            "Without vpc, vpc_subnets and security_groups cannot be used",
        ),
    ],
)
def test_rejects_an_unusable_vpc(
    stack: cdk.Stack, cluster: ecs.ICluster, props: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        EcsTaskEventLogger(stack, "Log", cluster=cluster, **props)


@pytest.mark.parametrize(
    ("props", "error", "message"),
    [
        ({"security_groups": []}, ValueError, "security_groups is an empty list"),
        ({"security_groups": ["sg-1"]}, TypeError, "got 'sg-1'.*from_security_group_id"),
        ({"security_groups": "sg-1"}, TypeError, "security_groups must be a list, got 'sg-1'"),
        ({"vpc_subnets": ["subnet-1"]}, TypeError, "vpc_subnets must be an ec2.SubnetSelection"),
    ],
)
def test_rejects_unusable_subnets_and_security_groups(
    stack: cdk.Stack, cluster: ecs.ICluster, props: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        EcsTaskEventLogger(stack, "Log", cluster=cluster, vpc=ec2.Vpc(stack, "Vpc"), **props)


def test_rejects_a_cfn_security_group(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    vpc = ec2.Vpc(stack, "Vpc")
    group: Any = ec2.CfnSecurityGroup(stack, "Own", group_description="own")
    with pytest.raises(TypeError, match=r"security_groups must be ec2\.ISecurityGroup in a list"):
        EcsTaskEventLogger(stack, "Log", cluster=cluster, vpc=vpc, security_groups=[group])


def test_accepts_public_subnets(stack: cdk.Stack, cluster: ecs.ICluster) -> None:
    subnets = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PUBLIC)
    vpc = ec2.Vpc(stack, "Vpc", restrict_default_security_group=False)
    EcsTaskEventLogger(stack, "Log", cluster=cluster, vpc=vpc, vpc_subnets=subnets)
    config = only(Template.from_stack(stack), "AWS::Lambda::Function")["VpcConfig"]
    assert len(config["SubnetIds"]) == len(vpc.public_subnets)
