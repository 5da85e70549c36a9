"""The dead-letter queue: where an event goes that could not be delivered, or not be logged."""

from typing import Any

from aws_cdk import Duration, RemovalPolicy, Resource, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from .._common.environment import any_rule, known_elsewhere, place_of
from .._common.validation import checked_number, checked_resource
from .encryption import allow_rules, check_no_alias
from .policy_warnings import warn_of_policy

_MINUTE, _HOUR = 60, 3600
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html
_RULE_MAX_AGE, _RULE_MAX_RETRIES = 24 * _HOUR, 185
# https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-configuring.html
_FUNCTION_MAX_AGE, _FUNCTION_MAX_RETRIES = 6 * _HOUR, 2
# As large as an event can be: what SQS takes at most. AWS's pages disagree on the default.
_MAX_MESSAGE = 1024 * 1024


class RetryPolicy:
    """How long, and how often, the delivery of an event is tried.

    It is tried by two services: EventBridge hands the event to Lambda's queue, and Lambda takes it
    from there to the function. The limits of Lambda are the lower ones.
    """

    def __init__(self, max_event_age: Duration | None, retry_attempts: int | None) -> None:
        """Check what the caller asks for; what is None is left to AWS, which then does its utmost.

        Raises:
            TypeError: If one of them is not what its type says.
            ValueError: If one of them is outside of what EventBridge accepts.
        """
        self._seconds = _checked_seconds(max_event_age)
        self._attempts = checked_number(
            "retry_attempts",
            retry_attempts,
            0,
            _RULE_MAX_RETRIES,
            "EventBridge accepts 0 to 185, and of more than 2 Lambda takes 2.",
        )

    def of_rule(self) -> dict[str, Any]:
        """Return what a rule's target is told."""
        told: dict[str, Any] = {}
        if self._seconds is not None:
            told["max_event_age"] = Duration.seconds(self._seconds)
        if self._attempts is not None:
            told["retry_attempts"] = self._attempts
        return told

    def of_target(self) -> events.CfnRule.RetryPolicyProperty | None:
        """Return the same in CloudFormation's words; None if nothing is said."""
        if self._seconds is None and self._attempts is None:
            return None
        return events.CfnRule.RetryPolicyProperty(
            maximum_event_age_in_seconds=self._seconds, maximum_retry_attempts=self._attempts
        )

    def of_function(self) -> dict[str, Any]:
        """Return what Lambda is told of the function's asynchronous invocations."""
        told = {}
        if self._seconds is not None:
            told["maximum_event_age_in_seconds"] = min(self._seconds, _FUNCTION_MAX_AGE)
        if self._attempts is not None:
            told["maximum_retry_attempts"] = min(self._attempts, _FUNCTION_MAX_RETRIES)
        return told


def _checked_seconds(age: Any) -> int | None:
    if age is None:
        return None
    if not isinstance(age, Duration):
        raise TypeError(
            f"max_event_age must be a Duration, got {age!r}. Write Duration.hours(2), for example."
        )
    seconds = None if age.is_unresolved() else age.to_seconds(integral=False)
    if seconds is None or not _MINUTE <= seconds <= _RULE_MAX_AGE or seconds % 1:
        given = "a token" if seconds is None else f"{seconds:g} seconds"
        raise ValueError(
            f"max_event_age is {given}. EventBridge accepts whole seconds from 60 (1 minute) to "
            "86,400 (24 hours), and of more than 6 hours Lambda takes 6."
        )
    return int(seconds)


def provide_queue(
    scope: Construct,
    own: sqs.IQueue | None,
    removal_policy: RemovalPolicy | None,
    encryption_key: kms.IKey | None,
) -> sqs.IQueue:
    """Return the caller's own queue, or make one.

    Raises:
        TypeError: If the caller's own is no queue.
        ValueError: If it is a FIFO queue, is encrypted with a key that EventBridge may not use, or
            is known to be in another account or region.
    """
    if own is None:
        queue: sqs.IQueue = _make_queue(scope, removal_policy, encryption_key)
        key = encryption_key
    else:
        queue = _checked_queue(scope, own)
        key = queue.encryption_master_key
    if key is not None:
        allow_rules(scope, key)
    return queue


def _checked_queue(scope: Construct, own: sqs.IQueue) -> sqs.IQueue:
    checked_resource(
        "dead_letter_queue",
        own,
        "queue_arn",
        "an sqs.IQueue",
        "For a queue that exists already use sqs.Queue.from_queue_arn.",
    )
    if own.fifo:
        raise ValueError(
            f"dead_letter_queue {own.node.path} is a FIFO queue, to which neither EventBridge "
            "nor Lambda sends what it cannot deliver. Use a standard queue."
        )
    if own.encryption_type is sqs.QueueEncryption.KMS_MANAGED:
        raise ValueError(
            f"dead_letter_queue {own.node.path} is encrypted with KMS_MANAGED, a key of AWS's own "
            "that EventBridge may not use. Use QueueEncryption.SQS_MANAGED, or KMS with your key."
        )
    if own.encryption_master_key is not None:
        check_no_alias("The key of dead_letter_queue", own.encryption_master_key)
    if elsewhere := known_elsewhere(scope, own, own.queue_arn):
        raise ValueError(
            f"dead_letter_queue {own.queue_arn} is in {elsewhere}. Use a queue of the stack's "
            "own account and region."
        )
    return own


def _make_queue(
    scope: Construct, removal_policy: RemovalPolicy | None, encryption_key: kms.IKey | None
) -> sqs.Queue:
    """Make a queue that keeps what SQS can, as long as SQS can, encrypted."""
    managed, own = sqs.QueueEncryption.SQS_MANAGED, sqs.QueueEncryption.KMS
    return sqs.Queue(
        scope,
        "DeadLetterQueue",
        retention_period=Duration.days(14),
        max_message_size_bytes=_MAX_MESSAGE,
        encryption=own if encryption_key else managed,
        encryption_master_key=encryption_key,
        enforce_ssl=True,
        # As of the log group: what could not be logged is not to be lost with the stack.
        removal_policy=removal_policy or RemovalPolicy.RETAIN,
    )


def queue_for_rules(scope: Construct, queue: sqs.IQueue, own: sqs.IQueue | None) -> sqs.IQueue:
    """Return a queue as rules are to be given it, with the caller's own admitting them.

    CDK itself can let a rule send to a queue of the same stack, by a statement that names the rule.
    A queue of another stack cannot name the rule, which names the queue.
    """
    if own is None:
        return queue
    is_of_same_stack = Resource.is_owned_resource(own) and Stack.of(own) is place_of(scope).stack
    return own if is_of_same_stack else admit_rules(scope, own)


def admit_rules(scope: Construct, queue: sqs.IQueue) -> sqs.IQueue:
    """Let all rules of this account and region send to a queue; return it as they are to be given.

    Of an imported queue, a warning names what is missing in its policy.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
    """
    statement = iam.PolicyStatement(
        principals=[iam.ServicePrincipal("events.amazonaws.com")],
        actions=["sqs:SendMessage"],
        resources=[queue.queue_arn],
        conditions={"ArnLike": {"aws:SourceArn": any_rule(scope)}},
    )
    if not queue.add_to_resource_policy(statement).statement_added:
        warn_of_policy(
            scope,
            "importedQueue",
            f"dead_letter_queue {queue.node.path}",
            "EventBridge loses what it cannot deliver",
            [statement],
            "If the queue is encrypted with a key, import it with sqs.Queue.from_queue_attributes "
            "and its key_arn.",
        )
    # CDK can add nothing to the policy of this one.
    return sqs.Queue.from_queue_arn(scope, "Undelivered", queue.queue_arn)
