"""Makes MiniStack's EventBridge write to log groups, if their policies allow it, as in AWS."""

import json
import time
from fnmatch import fnmatchcase
from typing import Any

from ministack.core.responses import new_uuid
from ministack.services import cloudwatch_logs

_WRITE = {"logs:CreateLogStream", "logs:PutLogEvents"}


def is_log_group(target: dict[str, Any]) -> bool:
    """Return whether a rule's target is a log group."""
    return ":log-group:" in target["Arn"]


def delivery_error(target: dict[str, Any]) -> tuple[str, str] | None:
    """Return the error code and message if EventBridge may not write to a log group, else None."""
    group = cloudwatch_logs._resolve_group_by_arn(target["Arn"])
    if group is None:
        return "NO_RESOURCE", "The log group does not exist."
    policy = cloudwatch_logs._log_group_policies.get(group)
    statements = json.loads(policy["policyDocument"])["Statement"] if policy else []
    if not any(_allows(statement, target["Arn"]) for statement in statements):
        return "NO_PERMISSIONS", "The policy of the log group does not allow EventBridge to write."
    return None


def write(target: dict[str, Any], event: dict[str, Any]) -> None:
    """Write an event to a log group, in a stream of its own."""
    group, stream = cloudwatch_logs._resolve_group_by_arn(target["Arn"]), new_uuid()
    cloudwatch_logs._create_log_stream({"logGroupName": group, "logStreamName": stream})
    line = {"timestamp": int(time.time() * 1000), "message": json.dumps(event)}
    cloudwatch_logs._put_log_events(
        {"logGroupName": group, "logStreamName": stream, "logEvents": [line]}
    )


def _allows(statement: dict[str, Any], arn: str) -> bool:
    resources = statement["Resource"]
    return (
        statement["Effect"] == "Allow"
        and "events.amazonaws.com" in statement["Principal"]["Service"]
        and set(statement["Action"]) >= _WRITE
        and any(
            fnmatchcase(f"{arn}:log-stream:x", each)
            for each in ([resources] if isinstance(resources, str) else resources)
        )
    )
