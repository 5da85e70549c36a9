"""The policies of imported resources, which cannot be changed here: what is missing in them."""

import json
from collections.abc import Sequence
from typing import Any

from aws_cdk import Annotations
from aws_cdk import aws_iam as iam
from constructs import Construct

from .._common.environment import place_of


def warn_of_policy(
    scope: Construct,
    what: str,
    resource: str,
    consequence: str,
    statements: Sequence[iam.PolicyStatement],
    beside: str = "",
) -> None:
    """Warn that statements must be added to the policy of an imported resource.

    Args:
        scope: The construct that needs them.
        what: What the warning is known by to whoever acknowledges it.
        resource: What the caller calls the resource, and where it is.
        consequence: What happens without them.
        statements: The statements.
        beside: What else there is to do.
    """
    resolved = place_of(scope).stack.resolve([each.to_statement_json() for each in statements])
    Annotations.of(scope).add_warning_v2(
        f"ecs-task-event-logger:{what}",
        f"{resource} is imported, so its policy cannot be changed here, and without these "
        f"statements in it {consequence}: {json.dumps(_readable(resolved))} {beside}".rstrip(),
    )


def _readable(value: Any) -> Any:
    """Return a part of a template with what is known at deployment only as ``${AWS::Region}``."""
    if isinstance(value, list):
        return [_readable(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "Fn::Join" in value:
        separator, parts = value["Fn::Join"]
        if isinstance(parts, list):
            texts = map(_readable, parts)
            return separator.join(
                each if isinstance(each, str) else json.dumps(each) for each in texts
            )
    if "Ref" in value:
        return f"${{{value['Ref']}}}"
    if "Fn::GetAtt" in value:
        return f"${{{'.'.join(value['Fn::GetAtt'])}}}"
    return {key: _readable(item) for key, item in value.items()}
