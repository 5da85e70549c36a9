"""Names: of the resources that callers pass, and of the logger in the console."""

import re
from typing import Any

from aws_cdk import ArnFormat, Fn, Stack, Token
from constructs import Construct, Node

_STACK_NAME = re.compile(r"[A-Za-z0-9-]+")


def name_of(kind: str, value: Any) -> Any:
    """Return the name of a construct of this kind, or the value itself if it is none.

    ``kind`` is ``service``, ``cluster``, ``capacity provider`` or ``task definition`` (its family).
    """
    if not isinstance(getattr(value, "node", None), Node):
        return value
    if kind == "task definition":
        return _family_of(value)
    attribute = f"{kind.replace(' ', '_')}_name"
    name = getattr(value, attribute, None)
    if name is None or not Token.is_unresolved(name):
        return value if name is None else name
    # A name that the caller chose does not make the rule wait for the resource, as a token does.
    chosen = getattr(value.node.default_child, attribute, None)
    return name if chosen is None or Token.is_unresolved(chosen) else chosen


def _family_of(definition: Any) -> Any:
    """Return the family of a task definition. The ARN tells the family of an imported one."""
    family = getattr(definition, "family", None)
    arn = getattr(definition, "task_definition_arn", None)
    if family is not None or arn is None:
        return definition if family is None else family
    name_and_revision = Stack.of(definition).split_arn(arn, ArnFormat.SLASH_RESOURCE_NAME)
    return Fn.select(0, Fn.split(":", str(name_and_revision.resource_name)))


def logger_name(scope: Construct) -> str:
    """Return a name such as ``Shop/Log``: the stack's name, and the construct's path within it.

    Two deployments of one app under different stack names keep different names. The name of a
    nested stack is a token, so its path in the app takes the place of the name.
    """
    stack, path = Stack.of(scope), scope.to_string()
    name = stack.stack_name
    if not _STACK_NAME.fullmatch(name) or path.startswith(f"{name}/"):
        return path
    return f"{name}/{path.removeprefix(stack.node.path).lstrip('/')}"
