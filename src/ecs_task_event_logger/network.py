"""The network of the function: none by default, since it talks to nobody."""

from collections.abc import Sequence
from typing import Any

from aws_cdk import aws_ec2 as ec2

from .checks import checked_list, checked_resource


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
        given = {"vpc_subnets": vpc_subnets, "security_groups": security_groups}
        names = " and ".join(name for name, value in given.items() if value is not None)
        if names:
            raise ValueError(f"{names} given without vpc. Say which VPC, or leave out {names}.")
        return {}
    checked_resource(
        "vpc",
        vpc,
        "vpc_id",
        "an ec2.IVpc",
        "For a VPC that exists already use ec2.Vpc.from_lookup or ec2.Vpc.from_vpc_attributes.",
    )
    props = {"vpc": vpc, "vpc_subnets": vpc_subnets}
    if security_groups is None:
        # Nothing goes out: what is logged does not take this way.
        return {**props, "allow_all_outbound": False}
    return {
        **props,
        "security_groups": checked_list("security_groups", security_groups, "security groups"),
    }
