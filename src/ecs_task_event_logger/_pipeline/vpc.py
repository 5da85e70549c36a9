"""The network of the function: none by default, since it talks to nobody."""

from collections.abc import Sequence
from typing import Any

from aws_cdk import aws_ec2 as ec2

from .._common.validation import checked_list, checked_resource, given


def network_props(
    vpc: ec2.IVpc | None,
    vpc_subnets: ec2.SubnetSelection | None,
    security_groups: Sequence[ec2.ISecurityGroup] | None,
) -> dict[str, Any]:
    """Return what a function is told of its network; nothing where it is to have none.

    Raises:
        TypeError: If one of them is not what its type says.
        ValueError: If subnets or security groups are given without a VPC, or no single group.
    """
    if vpc is None:
        if names := given({"vpc_subnets": vpc_subnets, "security_groups": security_groups}):
            raise ValueError(f"{names} given without vpc. Say which VPC, or leave out {names}.")
        return {}
    checked_resource(
        "vpc",
        vpc,
        "vpc_id",
        "an ec2.IVpc",
        "For a VPC that exists already use ec2.Vpc.from_lookup or ec2.Vpc.from_vpc_attributes.",
    )
    if not isinstance(vpc_subnets, ec2.SubnetSelection | None):
        raise TypeError(
            f"vpc_subnets must be an ec2.SubnetSelection, got {vpc_subnets!r}. Write "
            "ec2.SubnetSelection(subnets=[…]), for example."
        )
    # Public subnets do as well: nothing goes out, since what is logged does not take this way.
    props = {"vpc": vpc, "vpc_subnets": vpc_subnets, "allow_public_subnet": True}
    if security_groups is None:
        return {**props, "allow_all_outbound": False}
    return {**props, "security_groups": _checked_groups(security_groups)}


def _checked_groups(security_groups: Any) -> list[Any]:
    groups = checked_list("security_groups", security_groups, "ec2.ISecurityGroup")
    for group in groups:
        checked_resource(
            "security_groups",
            group,
            "allow_all_outbound",
            "a list of ec2.ISecurityGroup",
            "For a security group that exists already use "
            "ec2.SecurityGroup.from_security_group_id.",
        )
    return groups
