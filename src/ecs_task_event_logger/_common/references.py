"""References: the resources that tokens stand for."""

import json
from typing import Any

from aws_cdk import CfnResource, Stack, Tokenization


def holds_token(text: str) -> bool:
    """Return whether a text holds a token, as ``Token.is_unresolved`` does but without Node.js."""
    return "${Token[" in text


def resource_behind(value: Any) -> CfnResource | None:
    """Return the resource of the app whose name or ARN a token is, or None."""
    if not (isinstance(value, str) and holds_token(value)):
        return None
    parts = Tokenization.reverse_string(value)
    target = getattr(parts.first_token, "target", None) if parts.length == 1 else None
    return target if isinstance(target, CfnResource) else None


def path_of(resource: CfnResource) -> str:
    """Return the path of the construct that a resource belongs to."""
    return resource.node.path.removesuffix("/Resource")


def has_aws_managed_key(resource: CfnResource | None) -> bool:
    """Return whether a queue or topic is encrypted with a key that AWS manages.

    EventBridge cannot use such a key, and loses the events without a sign.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-encryption-event-bus-cmkey.html
    """
    key = getattr(resource, "kms_master_key_id", None)
    if resource is None or key is None:
        return False
    return "alias/aws/" in json.dumps(Stack.of(resource).resolve(key))
