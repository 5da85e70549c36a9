"""What a stopped task leaves behind: a line in the log group, or a message in a queue."""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from .stack import Stack
from .waits import wait_until

Object = dict[str, Any]


def log_events(stack: Stack) -> list[Object]:
    """Return all events in the log group, with their times and messages."""
    paginator = stack.session.client("logs").get_paginator("filter_log_events")
    pages = paginator.paginate(logGroupName=stack.outputs["LogGroupName"])
    return [event for page in pages for event in page["events"]]


def read_record(text: str) -> Object | None:
    """Return the record in a text, or None if the text is not the JSON object of a record."""
    with suppress(ValueError):
        record = json.loads(text)
        if isinstance(record, dict) and "eventId" in record:
            return record
    return None


def wait_for_line(stack: Stack, task_arn: str) -> Object:
    """Wait for the line of a stopped task, and return its record."""

    def find() -> Object | None:
        texts = [event["message"] for event in log_events(stack)]
        return next((read_record(each) for each in texts if _is_stop(task_arn, each)), None)

    return wait_until(find, "the line of the stopped task")


def wait_for_notification(stack: Stack, task_arn: str) -> Object:
    """Wait for the notification of a stopped task, and return it."""
    message = _wait_for_message(
        stack, "NotifiedQueueUrl", lambda message: _is_stop(task_arn, message["Body"])
    )
    return dict(json.loads(message["Body"]))


def wait_for_dead_letter(stack: Stack, task_arn: str) -> dict[str, str]:
    """Wait for the event of a stopped task, and return the attributes of its message."""

    def is_wanted(message: Object) -> bool:
        task = json.loads(message["Body"])["detail"]  # the event, as ECS sent it
        return (task.get("taskArn"), task.get("lastStatus")) == (task_arn, "STOPPED")

    message = _wait_for_message(stack, "DeadLetterQueueUrl", is_wanted)
    attributes = message.get("MessageAttributes", {})
    return {name: attribute["StringValue"] for name, attribute in attributes.items()}


def _wait_for_message(stack: Stack, queue: str, is_wanted: Callable[[Object], bool]) -> Object:
    """Wait for a message, and leave it in the queue."""

    def find() -> Object | None:
        received = stack.session.client("sqs").receive_message(
            QueueUrl=stack.outputs[queue],
            MaxNumberOfMessages=10,
            MessageAttributeNames=["All"],
            VisibilityTimeout=0,
        )
        return next(filter(is_wanted, received.get("Messages", [])), None)

    return wait_until(find, f"a message in {queue}")


def _is_stop(task_arn: str, text: str) -> bool:
    """Return whether a text is the record of the STOPPED event of a task."""
    record = read_record(text) or {}
    task_id = task_arn.rpartition("/")[2]
    return (record.get("taskId"), record.get("lastStatus")) == (task_id, "STOPPED")
