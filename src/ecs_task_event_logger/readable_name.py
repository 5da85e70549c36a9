"""What a construct is called where people look for what it has made."""

from aws_cdk import Stack, Token
from constructs import Construct


def readable_name(scope: Construct) -> str:
    """Return a name like ``Shop/Log``: the stack's name, and the construct's path within it.

    So two deployments of one app under different stack names do not get mixed up. The name of a
    nested stack is known at deployment only; there the path in the app must do.
    """
    stack, path = Stack.of(scope), scope.node.path
    name = stack.stack_name
    if Token.is_unresolved(name):
        return path
    return f"{name}/{path.removeprefix(stack.node.path).lstrip('/')}"
