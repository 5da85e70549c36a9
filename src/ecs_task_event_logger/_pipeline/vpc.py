"""The function's VPC. By default it runs in none, since it needs no network."""

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from .._common.environment import refuse_other_environment
from .._common.validation import given_names, import_line, shown, validate_list, validate_resource

_SAME_REGION = "Use one in the stack's account and region."


@dataclass(frozen=True)
class VpcSettings:
    """The function's VPC, subnets and security groups; None for the defaults."""

    vpc: ec2.IVpc | None
    vpc_subnets: ec2.SubnetSelection | None
    security_groups: Sequence[ec2.ISecurityGroup] | None

    def __post_init__(self) -> None:
        """Validate the settings."""
        if self.vpc is None:
            others = {"vpc_subnets": self.vpc_subnets, "security_groups": self.security_groups}
            if names := given_names(others):
                raise ValueError(f"Without vpc, {names} cannot be used. Pass vpc too.")
            return
        validate_resource(
            "vpc",
            self.vpc,
            "vpc_id",
            "an ec2.IVpc",
            "For an existing Vpc write ec2.Vpc.from_lookup(self, 'Vpc', vpc_id=…).",
        )
        if not isinstance(self.vpc_subnets, ec2.SubnetSelection | None):
            raise TypeError(
                f"vpc_subnets must be an ec2.SubnetSelection, got {shown(self.vpc_subnets)}. Write "
                "ec2.SubnetSelection(subnets=[…]), for example."
            )
        if self.security_groups is not None:
            for group in validate_list("security_groups", self.security_groups, "security groups"):
                validate_resource(
                    "security_groups",
                    group,
                    "allow_all_outbound",
                    "ec2.ISecurityGroup in a list",
                    import_line("ec2.SecurityGroup.from_security_group_id", group),
                )

    def check_environment(self, scope: Construct) -> None:
        """Check that the stack of a construct can use the VPC and the security groups."""
        if self.vpc is not None:
            refuse_other_environment(scope, "vpc", self.vpc, self.vpc.vpc_id, _SAME_REGION)
        for group in self.security_groups or ():
            refuse_other_environment(
                scope, "the security group", group, group.security_group_id, _SAME_REGION
            )

    @property
    def allow_all_outbound(self) -> bool | None:
        """Whether the default security group allows outbound traffic: never."""
        return False if self.vpc is not None and self.security_groups is None else None
