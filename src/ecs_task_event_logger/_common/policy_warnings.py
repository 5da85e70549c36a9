"""Warnings about the policies of resources that the app cannot change."""

import json
from collections.abc import Sequence
from typing import Any

from aws_cdk import Annotations, Stack
from constructs import Construct


def warn_of_missing_statements(
    scope: Construct,
    id: str,
    resource: str,
    consequence: str,
    statements: Sequence[Any],
    advice: str = "",
    state: str = "is imported",
) -> None:
    """Warn that the policy of a resource needs further statements, in IAM's own terms."""
    resolved = Stack.of(scope).resolve(statements)
    Annotations.of(scope).add_warning_v2(
        f"ecs-task-event-logger:{id}",
        f"{resource} {state}, so this app cannot change its policy. Add these statements to it; "
        f"without them {consequence}: {json.dumps(_readable(resolved))} {advice}".rstrip(),
    )


def _readable(value: Any) -> Any:
    """Return a part of a template with its references as ``${AWS::Region}``."""
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
