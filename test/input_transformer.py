"""Renders a message as EventBridge's input transformer does.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
"""

import json
import re
from collections.abc import Mapping
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_events as events

from ecs_task_event_logger._insights.messages import show_log_lines_below
from ecs_task_event_logger.handler.task_events.notification import add_notification
from ecs_task_event_logger.handler.task_events.record import make_record


def variables_and_template(
    message: events.RuleTargetInput, has_log_lines: bool = False
) -> tuple[dict[str, str], str]:
    """Return the variables and the template of the input transformer.

    ``has_log_lines`` says whether the logger has ``container_log_groups``.
    """
    stack = cdk.Stack(cdk.App(), "Stack")
    if has_log_lines:
        show_log_lines_below(stack)
    rule = events.Rule(stack, "Rule", event_pattern=events.EventPattern(source=["aws.ecs"]))
    properties = message.bind(rule)
    return stack.resolve(properties.input_paths_map), stack.resolve(properties.input_template)


def render(
    message: events.RuleTargetInput,
    event: Any,
    log_group: str = "/shop/tasks",
    log: Mapping[str, Any] | None = None,
) -> Any:
    """Return the message about an ECS event.

    A value is written inside of quotes as it is, and outside of them as JSON. ``log`` is what the
    record says about the container's log, if the logger has ``container_log_groups``.
    """
    record = {**make_record(event), **(log or {})}
    add_notification(record, log_group)
    variables, template = variables_and_template(message, log is not None)
    text = ""
    for part in re.split(r"(<[^>]+>)", template):
        if not part.startswith("<"):
            text += part
            continue
        value = _value_at(variables[part[1:-1]], record)
        is_in_quotes = text.replace('\\"', "").count('"') % 2
        text += value if is_in_quotes else json.dumps(value)
    return json.loads(text)


def _value_at(path: str, record: dict[str, Any]) -> str:
    value: Any = {"detail": {"responsePayload": record}}
    for key in path.removeprefix("$.").split("."):
        value = value[key]
    return str(value)
