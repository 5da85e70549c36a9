"""Names of ECS resources, also of those that CloudFormation names at deployment."""

import re
from dataclasses import dataclass
from typing import Any

import jsii
from aws_cdk import (
    Annotations,
    ArnFormat,
    Aws,
    CfnResource,
    Fn,
    IResolveContext,
    IStringProducer,
    Lazy,
    Stack,
    Token,
)
from aws_cdk import aws_ecs as ecs
from constructs import Construct, Node

from .references import path_of, resource_behind

# The longest name that ECS accepts, and the random part with which CloudFormation ends a name.
_MAX_NAME = 255
_RANDOM_PART = 13


@dataclass(frozen=True)
class _Kind:
    """A kind of named resource.

    Attributes:
        attribute: The attribute of a construct (L2) with its name.
        resource: The class of its resource (L1).
        chosen: The property of that resource with the name that its owner chose.
    """

    attribute: str
    resource: type[CfnResource]
    chosen: str


_KINDS = {
    "service": _Kind("service_name", ecs.CfnService, "service_name"),
    "cluster": _Kind("cluster_name", ecs.CfnCluster, "cluster_name"),
    "capacity provider": _Kind("capacity_provider_name", ecs.CfnCapacityProvider, "name"),
    "task definition": _Kind("family", ecs.CfnTaskDefinition, "family"),
}


def name_of(kind: str, value: Any) -> Any:
    """Return the name of a construct of this kind, or the value itself if it is none.

    ``kind`` is ``service``, ``cluster``, ``capacity provider`` or ``task definition`` (its family).
    The name is a token if CloudFormation makes it.
    """
    name = _name_or_token(kind, value)
    resource = _resource_behind(kind, name)
    chosen = None if resource is None else _chosen_name(kind, resource)
    # A chosen name does not make the rule wait for the resource, as the resource's attribute does.
    return name if chosen is None else chosen


def name_pattern_of(scope: Construct, prop: str, kind: str, value: Any) -> Any:
    """Return the name as ``name_of`` does, or a pattern for a name that CloudFormation makes.

    The attribute of a resource makes the rule wait until the resource is stable. The pattern
    ``STACK-LOGICALID-*`` waits for nothing. A warning names each other token.
    """
    name = _name_or_token(kind, value)
    resource = _resource_behind(kind, name)
    if resource is not None:
        pattern = _generated_name_pattern(scope, resource)
        if pattern is not None:
            return Lazy.uncached_string(_NameOrPattern(kind, resource, pattern))
        name = name_of(kind, value)
    if isinstance(name, str) and Token.is_unresolved(name):
        _warn_of_token(scope, prop, kind, resource)
    return name


@jsii.implements(IStringProducer)
class _NameOrPattern:
    """The chosen name of a resource, or the pattern of the name that CloudFormation makes.

    Aspects may still choose the name. So it is read at synthesis.
    """

    def __init__(self, kind: str, resource: CfnResource, pattern: str) -> None:
        """Keep the resource for synthesis."""
        self._kind = kind
        self._resource = resource
        self._pattern = pattern

    def produce(self, context: IResolveContext) -> str:
        """Return the name or the pattern."""
        chosen = _chosen_name(self._kind, self._resource)
        return self._pattern if chosen is None else chosen


def _generated_name_pattern(scope: Construct, resource: CfnResource) -> str | None:
    """Return the pattern of the name that CloudFormation makes for a resource.

    Returns:
        None if the name of the resource's stack is unknown in the stack of ``scope``, or so long
        that CloudFormation would shorten it.
    """
    stack = Stack.of(resource)
    stack_name = _deployed_stack_name(stack, Stack.of(scope))
    if stack_name is None:
        return None
    # Some resource types write one hyphen for several in the stack's name.
    prefix = re.sub("-{2,}", "-*", f"{stack_name}-{resource.logical_id}-")
    if len(str(stack.resolve(prefix))) > _MAX_NAME - _RANDOM_PART:
        return None
    return f"{prefix}*"


def _deployed_stack_name(stack: Stack, own: Stack) -> str | None:
    """Return the name that a stack has when it is deployed, or None if it is unknown.

    A nested stack or a product of Service Catalog has another name than in the app.
    """
    is_inside_another = any(Stack.is_stack(each) for each in stack.node.scopes[:-1])
    if stack is own and is_inside_another:
        return Aws.STACK_NAME
    return None if Token.is_unresolved(stack.stack_name) else stack.stack_name


def _warn_of_token(scope: Construct, prop: str, kind: str, resource: CfnResource | None) -> None:
    if resource is None:
        what, advice = "a token", f"Pass a {kind} of this app, or write its name."
    else:
        what = path_of(resource)
        advice = "Set its name, or create the logger in its stack."
    Annotations.of(scope).add_warning_v2(
        "ecs-task-event-logger:tokenAsName",
        f"{prop} holds {what}, whose name is unknown until it is deployed. So the rule may wait "
        f"for it, and miss the first events. {advice}",
    )


def _name_or_token(kind: str, value: Any) -> Any:
    """Return the name of a construct, or a token that stands for it, or the value itself."""
    if isinstance(value, _KINDS[kind].resource):
        return getattr(value, "attr_name", value.ref)
    if not isinstance(getattr(value, "node", None), Node):
        return value
    if kind == "task definition":
        return _family_of(value)
    name = getattr(value, _KINDS[kind].attribute, None)
    return value if name is None else name


def _family_of(definition: Any) -> Any:
    """Return the family of a task definition. The ARN tells the family of an imported one."""
    family = getattr(definition, "family", None)
    arn = getattr(definition, "task_definition_arn", None)
    if family is not None or arn is None:
        return definition if family is None else family
    name_and_revision = Stack.of(definition).split_arn(arn, ArnFormat.SLASH_RESOURCE_NAME)
    return Fn.select(0, Fn.split(":", str(name_and_revision.resource_name)))


def _resource_behind(kind: str, name: Any) -> CfnResource | None:
    resource = resource_behind(name)
    return resource if isinstance(resource, _KINDS[kind].resource) else None


def _chosen_name(kind: str, resource: CfnResource) -> str | None:
    name: str | None = getattr(resource, _KINDS[kind].chosen)
    # A construct (L2) without a name has a token that resolves to nothing.
    return None if Stack.of(resource).resolve(name) is None else name
