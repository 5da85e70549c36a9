"""The dead-letter queue: it keeps events that could not be delivered or logged."""

from dataclasses import dataclass

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from .._common.encryption import allow_rules_to_encrypt
from .._common.queues import queue_of_a_target, validate_dead_letter_queue
from .._common.validation import validate_removal_policy

# An event has at most 1 MiB. AWS's pages disagree on the default.
_MAX_MESSAGE = 1024 * 1024


@dataclass(frozen=True)
class QueueSettings:
    """The caller's own queue, or the settings of a new one; None for the defaults."""

    queue: sqs.IQueue | None
    removal_policy: RemovalPolicy | None
    encryption_key: kms.IKey | None

    def __post_init__(self) -> None:
        """Validate the settings."""
        validate_removal_policy(self.removal_policy)

    @property
    def key(self) -> kms.IKey | None:
        """The customer managed key of the queue, if it has one."""
        return self.encryption_key if self.queue is None else self.queue.encryption_master_key


def queue_or_default(scope: Construct, settings: QueueSettings) -> sqs.IQueue:
    """Return the caller's own queue, or a new one, with a key that EventBridge may use."""
    if settings.queue is None:
        queue: sqs.IQueue = _create_queue(scope, settings)
    else:
        queue = settings.queue
        validate_dead_letter_queue(scope, queue)
    if settings.key is not None:
        allow_rules_to_encrypt(scope, settings.key)
    return queue


def target_queue(scope: Construct, queue: sqs.IQueue, settings: QueueSettings) -> sqs.IQueue:
    """Return the dead-letter queue for a rule's target, which may send to it."""
    return queue if settings.queue is None else queue_of_a_target(scope, queue)


def _create_queue(scope: Construct, settings: QueueSettings) -> sqs.Queue:
    key = settings.encryption_key
    return sqs.Queue(
        scope,
        "DeadLetterQueue",
        retention_period=Duration.days(14),  # the maximum
        max_message_size_bytes=_MAX_MESSAGE,
        encryption=sqs.QueueEncryption.KMS if key else sqs.QueueEncryption.SQS_MANAGED,
        encryption_master_key=key,
        enforce_ssl=True,
        # Like the log group, so that undelivered events outlive the stack.
        removal_policy=settings.removal_policy or RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    )
