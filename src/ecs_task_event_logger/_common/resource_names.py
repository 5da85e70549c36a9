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
# CloudFormation shortens the parts of a nested stack's name, but to no fewer characters.
_KEPT_OF_A_STACK_NAME = 25


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


def name_of(scope: Construct, kind: str, value: Any) -> Any:
    """Return the name of a construct of this kind, or the value itself if it is none.

    ``kind`` is ``service``, ``cluster``, ``capacity provider`` or ``task definition`` (its family).
    The name is a token if the construct is one of the app.
    """
    resource = _resource_of(kind, value)
    if resource is None:
        return _given_name(kind, value)
    attribute = _name_attribute(kind, resource)
    return Lazy.uncached_string(_ChosenName(scope, kind, resource, attribute))


def name_pattern_of(scope: Construct, prop: str, kind: str, value: Any) -> Any:
    """Return the name as ``name_of`` does, or a pattern for a name that CloudFormation makes.

    The attribute of a resource makes the rule wait until the resource is stable. The pattern
    ``STACK-LOGICALID-*`` waits for nothing. A warning names each other token.
    """
    resource = _resource_of(kind, value)
    if resource is None:
        name = _given_name(kind, value)
        if isinstance(name, str) and Token.is_unresolved(name):
            _warn_of_token(scope, f"{prop} holds a token", f"Pass a {kind} of this app, or write")
        return name
    pattern = _generated_name_pattern(scope, resource)
    if pattern is None and _chosen_name(kind, resource) is None:
        _warn_of_token(scope, f"{prop} holds {path_of(resource)}", "Choose")
    pattern = pattern or _name_attribute(kind, resource)
    return Lazy.uncached_string(_ChosenName(scope, kind, resource, pattern))


@jsii.implements(IStringProducer)
class _ChosenName:
    """The chosen name of a resource, or else another text.

    Aspects may still choose the name. So it is read at synthesis.
    """

    def __init__(self, scope: Construct, kind: str, resource: CfnResource, otherwise: str) -> None:
        """Keep the resource for synthesis."""
        self._scope = scope
        self._kind = kind
        self._resource = resource
        self._otherwise = otherwise

    def produce(self, context: IResolveContext) -> str:
        """Return the name or the other text."""
        chosen = _chosen_name(self._kind, self._resource)
        if chosen is None:
            return self._otherwise
        stack = Stack.of(self._resource)
        return chosen if stack is Stack.of(self._scope) else text_in(stack, chosen)


def text_in(stack: Stack, text: str) -> str:
    """Return a text of a stack for use in another one: with the name and place of its own stack."""
    known = {
        "AWS::StackName": stack.stack_name,
        "AWS::Region": stack.region,
        "AWS::AccountId": stack.account,
    }

    resolved = stack.resolve(text)
    parts = resolved.get("Fn::Join", ["", [resolved]])[1] if isinstance(resolved, dict) else []
    texts = [each if isinstance(each, str) else known.get(each.get("Ref")) for each in parts]
    return "".join(map(str, texts)) if texts and None not in texts else text


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

    A nested stack or a product of Service Catalog has another name than in the app. From outside, a
    nested stack is known by its parent's name and its logical ID, ``PARENT-LOGICALID*``.
    """
    is_inside_another = any(Stack.is_stack(each) for each in stack.node.scopes[:-1])
    if stack is own and is_inside_another:
        return Aws.STACK_NAME
    parent, resource = stack.nested_stack_parent, stack.nested_stack_resource
    if parent is None or resource is None:
        return None if Token.is_unresolved(stack.stack_name) else stack.stack_name
    parent_name = _deployed_stack_name(parent, own) or Aws.STACK_NAME
    if Token.is_unresolved(parent_name) or len(parent_name) > _KEPT_OF_A_STACK_NAME:
        return None
    # CloudFormation shortens the logical ID, and a random part follows.
    logical_id = str(parent.resolve(resource.logical_id))
    return f"{parent_name}-{logical_id[:_KEPT_OF_A_STACK_NAME]}*"


def _warn_of_token(scope: Construct, problem: str, advice: str) -> None:
    Annotations.of(scope).add_warning_v2(
        "ecs-task-event-logger:tokenAsName",
        f"{problem}, whose name is unknown until it is deployed. So the rule may wait for it, and "
        f"miss the first events. {advice} its name.",
    )


def _resource_of(kind: str, value: Any) -> CfnResource | None:
    """Return the resource of the app that a construct or a token stands for."""
    if isinstance(value, _KINDS[kind].resource):
        return value
    if isinstance(getattr(value, "node", None), Node):
        child = value.node.default_child
        if isinstance(child, _KINDS[kind].resource):
            return child
        value = getattr(value, _KINDS[kind].attribute, None)
    resource = resource_behind(value)
    return resource if isinstance(resource, _KINDS[kind].resource) else None


def _given_name(kind: str, value: Any) -> Any:
    """Return the name of a construct that is not of the app, or the value itself."""
    if not isinstance(getattr(value, "node", None), Node):
        return value
    if kind == "task definition":
        return _family_of(value)
    name = getattr(value, _KINDS[kind].attribute, None)
    return value if name is None else name


def _family_of(definition: Any) -> Any:
    """Return the family of an imported task definition, which its ARN tells."""
    family = getattr(definition, "family", None)
    arn = getattr(definition, "task_definition_arn", None)
    if family is not None or arn is None:
        return definition if family is None else family
    return _family_in(definition, arn)


def _family_in(scope: Construct, arn: str) -> str:
    name_and_revision = Stack.of(scope).split_arn(arn, ArnFormat.SLASH_RESOURCE_NAME)
    return Fn.select(0, Fn.split(":", str(name_and_revision.resource_name)))


def _name_attribute(kind: str, resource: CfnResource) -> str:
    """Return the token of the name that CloudFormation makes."""
    if kind == "task definition":
        return _family_in(resource, resource.ref)
    return str(getattr(resource, "attr_name", resource.ref))


def _chosen_name(kind: str, resource: CfnResource) -> str | None:
    name: str | None = getattr(resource, _KINDS[kind].chosen)
    # A construct (L2) without a name has a token that resolves to nothing.
    return None if Stack.of(resource).resolve(name) is None else name
