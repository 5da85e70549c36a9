"""What a construct is called where people look for what it has made."""

import re

from constructs import Construct

from .environment import place_of

_STACK_NAME = re.compile(r"[A-Za-z0-9-]+")


def readable_name(scope: Construct) -> str:
    """Return a name like ``Shop/Log``: the stack's name, and the construct's path within it.

    So two deployments of one app under different stack names do not get mixed up. The name of a
    nested stack is known at deployment only; there the path in the app must do.
    """
    stack, path = place_of(scope).stack, scope.to_string()
    name = stack.stack_name
    if not _STACK_NAME.fullmatch(name) or path.startswith(f"{name}/"):
        return path
    return f"{name}/{path.removeprefix(stack.node.path).lstrip('/')}"
