"""Accounts and regions: the stack's, and those of resources that callers pass."""

import re

from aws_cdk import IResource, Stack, Token
from constructs import Construct, IConstruct

from .references import holds_token

ACCOUNT = re.compile(r"\d{12}", re.ASCII)
REGION = re.compile(r"[a-z]{2,}(?:-[a-z]+)+-\d")


def any_rule_arn(scope: Construct) -> str:
    """Return an ARN pattern for every rule of the stack's account and region, on any bus."""
    return Stack.of(scope).format_arn(service="events", resource="rule", resource_name="*")


def is_in_same_environment(scope: Construct, resource: IResource) -> bool:
    """Return whether a resource's account and region are the stack's. Equal tokens are equal."""
    stack, environment = Stack.of(scope), resource.env
    return (environment.account, environment.region) == (stack.account, stack.region)


def refuse_other_environment(
    scope: Construct,
    what: str,
    resource: IResource,
    arn: str,
    advice: str,
    *,
    any_account: bool = False,
) -> None:
    """Refuse a resource that the scope's stack cannot use because of its account or region.

    Args:
        scope: The construct that uses it.
        what: The prop that holds it, for the error.
        resource: The resource.
        arn: Its ARN, or another token that stands for it.
        advice: What to do instead, for the error.
        any_account: Whether it may be in another account.
    """
    if mismatch := describe_mismatch(scope, resource, arn, any_account=any_account):
        raise ValueError(f"{what} {resource.node.path} is in {mismatch}. {advice}")
    refuse_missing_env(scope, what, resource, arn)


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


def refuse_missing_env(scope: Construct, what: str, resource: IConstruct, arn: str) -> None:
    """Refuse a resource of another stack if CDK needs an ``env`` that one of the stacks lacks."""
    if not holds_token(arn):
        return
    ours, theirs = Stack.of(scope), Stack.of(resource)
    if ours is theirs:
        return
    without_env = [each for each in (ours, theirs) if _lacks_env(each)]
    if len(without_env) == 1 and needs_reference(scope, arn):
        path = resource.node.path.removesuffix("/Resource")
        raise ValueError(
            f"{what} {path} is in another stack than {scope.node.path}, and the "
            f"stack {without_env[0].node.path} has no env. So CDK cannot tell whether both are in "
            "one account and region. Set env on both stacks."
        )


def needs_reference(scope: Construct, arn: str) -> bool:
    """Return whether the scope's stack can only refer to a resource by an exported value.

    It needs none if the resource has a name. CDK refuses to export values to another account, or
    between stacks with and without an ``env``.
    """
    try:
        resolved = Stack.of(scope).resolve(arn)
    except RuntimeError:
        return True
    return isinstance(resolved, dict) and not {"Ref", "Fn::GetAtt"}.isdisjoint(resolved)


def _lacks_env(stack: Stack) -> bool:
    return any(map(Token.is_unresolved, (stack.account, stack.region)))
