"""Helpers that read a synthesized template."""

import json
import re
from typing import Any

from aws_cdk import Stack
from aws_cdk.assertions import Template
from constructs import Construct

CHANGED = (
    "The template differs from its snapshot. If that is intended, run `uv run projen test:update` "
    "and describe the change in CHANGELOG.md."
)


def without_hashes(template: str) -> Any:
    """Return a template without the hash that each edit of the function changes."""
    return json.loads(re.sub(r'"[0-9a-f]{64}\.zip"', '"HASH.zip"', template))


def only(template: Template, resource_type: str) -> dict[str, Any]:
    """Return the properties of the only resource of a type."""
    (resource,) = template.find_resources(resource_type).values()
    properties: dict[str, Any] = resource["Properties"]
    return properties


def only_id(template: Template, resource_type: str) -> str:
    """Return the logical ID of the only resource of a type."""
    (logical_id,) = template.find_resources(resource_type)
    return logical_id


def pattern(stack: Stack) -> dict[str, Any]:
    """Return the event pattern of a stack's only rule."""
    found: dict[str, Any] = only(Template.from_stack(stack), "AWS::Events::Rule")["EventPattern"]
    return found


def arn_of(template: Template, resource_type: str) -> dict[str, Any]:
    """Return the template's expression for the ARN of its only resource of a type."""
    return {"Fn::GetAtt": [only_id(template, resource_type), "Arn"]}


def generated_prefix(construct: Construct) -> str:
    """Return the beginning of the name that CloudFormation makes for a construct's resource."""
    resource: Any = construct.node.default_child
    stack = Stack.of(construct)
    return f"{stack.stack_name}-{stack.get_logical_id(resource)}-"


def warnings_of(construct: Construct) -> list[str]:
    """Return the warnings on a construct."""
    return [str(entry.data) for entry in construct.node.metadata if entry.type.endswith(":warning")]
