"""What a construct is called where people look for what it has made."""

from aws_cdk import Stack, Token
from constructs import Construct


def readable_name(scope: Construct) -> str:
    """Return a name like ``Shop/Log``: the stack's name, and the construct's path within it.

    So two deployments of one app under different stack names do not get mixed up. The name of a
    nested stack is known at deployment only; there the path in the app must do.
    """
    stack = Stack.of(scope)
    if Token.is_unresolved(stack.stack_name):
        return scope.node.path
    within = scope.node.path.removeprefix(stack.node.path)
    return f"{stack.stack_name}/{within.lstrip('/')}"
