"""Queues for what EventBridge and Lambda cannot deliver: their checks, and who may send."""

import re
from typing import Any

from aws_cdk import Resource, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from .encryption import refuse_alias
from .environment import any_rule_arn, refuse_other_environment
from .policy_warnings import warn_of_missing_statements
from .references import has_aws_managed_key, resource_behind
from .validation import import_line, validate_resource

_URL = re.compile(r"https://sqs\.([\w-]+)\.amazonaws\.com(\.cn)?/(\d{12})/([\w-]+)")


def _import_line(queue: Any) -> str:
    """Return the line to write for a queue whose URL, name or ARN was given."""
    url = _URL.fullmatch(queue) if isinstance(queue, str) else None
    arn = f"arn:aws{'-cn' if url[2] else ''}:sqs:{url[1]}:{url[3]}:{url[4]}" if url else queue
    return import_line("sqs.Queue.from_queue_arn", arn, "sqs:{self.region}:{self.account}:")


def validate_dead_letter_queue(scope: Construct, queue: Any) -> None:
    """Check that EventBridge and Lambda can send to a queue."""
    arn = validate_resource(
        "dead_letter_queue",
        queue,
        "queue_arn",
        "an sqs.IQueue",
        _import_line(queue),
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
    if queue.encryption_master_key is not None:
        refuse_alias("The key of dead_letter_queue", queue.encryption_master_key)
    refuse_other_environment(
        scope,
        "dead_letter_queue",
        queue,
        arn,
        "Use a queue in the stack's account and region.",
    )


def queue_of_a_target(scope: Construct, queue: sqs.IQueue) -> sqs.IQueue:
    """Return the dead-letter queue for a rule's target, which may send to it.

    CDK lets a rule send to a queue of the same stack, by a statement that names the rule. A queue
    of another stack cannot name the rule, because the rule names the queue.
    """
    is_in_same_stack = Resource.is_owned_resource(queue) and Stack.of(queue) is Stack.of(scope)
    return queue if is_in_same_stack else allow_rules_to_send(scope, queue)


def allow_rules_to_send(scope: Construct, queue: sqs.IQueue) -> sqs.IQueue:
    """Let every rule of the account and region send to a queue.

    A warning names the missing statement if the queue is imported.

    Returns:
        The queue as an import, to whose policy CDK adds no further statements.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
    """
    statement = iam.PolicyStatement(
        principals=[iam.ServicePrincipal("events.amazonaws.com")],
        actions=["sqs:SendMessage"],
        resources=[queue.queue_arn],
        conditions={"ArnLike": {"aws:SourceArn": any_rule_arn(scope)}},
    )
    if not queue.add_to_resource_policy(statement).statement_added:
        warn_of_missing_statements(
            scope,
            "importedQueue",
            f"dead_letter_queue {queue.node.path}",
            "EventBridge loses undelivered events",
            [statement.to_statement_json()],
            "If the queue is encrypted with a key, import it with sqs.Queue.from_queue_attributes "
            "and its key_arn.",
        )
    return sqs.Queue.from_queue_arn(scope, "Undelivered", queue.queue_arn)
