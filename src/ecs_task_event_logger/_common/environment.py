"""Accounts and regions: the stack's, and those of resources that callers pass."""

import re

from aws_cdk import IResource, Stack
from constructs import Construct

ACCOUNT = re.compile(r"\d{12}", re.ASCII)
REGION = re.compile(r"[a-z]{2,}(?:-[a-z]+)+-\d")


def any_rule_arn(scope: Construct) -> str:
    """Return an ARN pattern for every rule of the stack's account and region, on any bus."""
    return Stack.of(scope).format_arn(service="events", resource="rule", resource_name="*")


def is_in_same_environment(scope: Construct, resource: IResource) -> bool:
    """Return whether a resource's account and region are the stack's. Equal tokens are equal."""
    stack, environment = Stack.of(scope), resource.env
    return (environment.account, environment.region) == (stack.account, stack.region)


def describe_mismatch(
    scope: Construct, resource: IResource, arn: str, *, any_account: bool = False
) -> str | None:
    """Return the resource's account or region if it differs from the stack's, else None.

    Tokens are not compared: their values are unknown until deployment.
    """
    stack = Stack.of(scope)
    _, _, _, region, account, *_ = [*arn.split(":"), *[""] * 5]
    if not (REGION.fullmatch(region) and ACCOUNT.fullmatch(account)):
        region, account = resource.env.region, resource.env.account
    comparisons = [("region", REGION, region, stack.region)]
    if not any_account:
        comparisons.append(("account", ACCOUNT, account, stack.account))
    for name, pattern, theirs, ours in comparisons:
        if theirs != ours and pattern.fullmatch(theirs) and pattern.fullmatch(ours):
            return f"{name} {theirs}, but the stack {stack.node.path} is in {ours}"
    return None
