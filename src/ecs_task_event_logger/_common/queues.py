"""Queues for what EventBridge and Lambda cannot deliver."""

from typing import Any

from .references import has_aws_managed_key, resource_behind
from .validation import validate_resource


def validate_dead_letter_queue(queue: Any) -> None:
    """Check that EventBridge and Lambda can send to a queue."""
    arn = validate_resource(
        "dead_letter_queue",
        queue,
        "queue_arn",
        "an sqs.IQueue",
        "For an existing queue use sqs.Queue.from_queue_arn.",
    )
    if queue.fifo:
        raise ValueError(
            f"dead_letter_queue {queue.node.path} is a FIFO queue, but EventBridge and Lambda send "
            "undelivered events to standard queues only. Use a standard queue."
        )
    if has_aws_managed_key(resource_behind(arn)):
        raise ValueError(
            f"dead_letter_queue {queue.node.path} is encrypted with an AWS managed key, which "
            "EventBridge may not use. Use QueueEncryption.SQS_MANAGED, or KMS with your own key."
        )
