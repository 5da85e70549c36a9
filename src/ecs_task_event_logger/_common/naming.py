"""The name of the logger in the console."""

import re

from aws_cdk import Stack
from constructs import Construct

_STACK_NAME = re.compile(r"[A-Za-z0-9-]+")


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
