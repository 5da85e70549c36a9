"""Where things are: the account and region of a stack, and of what is not in it."""

import re
from dataclasses import dataclass
from functools import lru_cache

from aws_cdk import IResource, Stack
from constructs import Construct

ACCOUNT = re.compile(r"\d{12}", re.ASCII)
REGION = re.compile(r"[a-z]{2,}(?:-[a-z]+)+-\d")


@dataclass(frozen=True)
class Place:
    """The stack of a construct, and where that is, which may be known at deployment only."""

    stack: Stack
    account: str
    region: str


@lru_cache(maxsize=1)
def place_of(scope: Construct) -> Place:
    """Return where a construct is. It is asked for again and again while one is made; CDK, once."""
    stack = Stack.of(scope)
    return Place(stack, stack.account, stack.region)


def any_rule(scope: Construct) -> str:
    """Return what the ARNs of all rules of this account and region are like, on whatever bus."""
    return place_of(scope).stack.format_arn(service="events", resource="rule", resource_name="*")


def is_here(scope: Construct, resource: IResource) -> bool:
    """Return whether a resource is where the scope's stack is, as far as that can be known."""
    here, environment = place_of(scope), resource.env
    return (environment.account, environment.region) == (here.account, here.region)


def known_elsewhere(
    scope: Construct,
    resource: IResource,
    arn: str,
    *,
    whatever_account: bool = False,
) -> str | None:
    """Return where a resource is, if that is known not to be where the scope's stack is.

    Args:
        scope: A construct in the stack.
        resource: The resource.
        arn: Its ARN.
        whatever_account: Whether it may be in another account.
    """
    here = place_of(scope)
    _, _, _, region, account, *_ = [*arn.split(":"), *[""] * 5]
    if not (REGION.fullmatch(region) and ACCOUNT.fullmatch(account)):
        environment = resource.env
        region, account = environment.region, environment.account
    for what, pattern, theirs, ours in (
        ("region", REGION, region, here.region),
        ("account", ACCOUNT, account, here.account),
    ):
        if what == "account" and whatever_account:
            continue
        # What is known at deployment only looks like neither.
        if theirs != ours and pattern.fullmatch(theirs) and pattern.fullmatch(ours):
            return f"{what} {theirs}, and not in {ours} as the stack {here.stack.node.path} is"
    return None
