"""Roles that AWS services assume, each with one managed policy.

CDK would create inline policies, which many security reviews refuse.
"""

from typing import Any

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

# A statement in IAM's own terms.
Statement = dict[str, Any]


def create_role(scope: Construct, policy: iam.ManagedPolicy, service: str) -> iam.Role:
    """Create a role for a service, with one policy."""
    return iam.Role(
        scope,
        "Role",
        # The service may assume the role for resources of this account only. It is not documented
        # that each service sends the key, so the role must work without it, too.
        assumed_by=iam.ServicePrincipal(
            service,
            conditions={"StringEqualsIfExists": {"aws:SourceAccount": Stack.of(scope).account}},
        ),
        managed_policies=[policy],
    )


def create_policy(
    scope: Construct, description: str, statements: list[Statement]
) -> iam.ManagedPolicy:
    """Create a policy with these statements."""
    return iam.ManagedPolicy(
        scope,
        "Policy",
        description=f"{description} (ecs-task-event-logger)",
        # One JSON document, because each statement would be an object in Node.js.
        document=iam.PolicyDocument.from_json({"Statement": statements}),
    )


def allow(
    actions: list[str], resources: list[str], conditions: dict[str, Any] | None = None
) -> Statement:
    """Return a statement that allows actions on resources."""
    statement: Statement = {"Effect": "Allow", "Action": actions, "Resource": resources}
    return statement | {"Condition": conditions} if conditions else statement
