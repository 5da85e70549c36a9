"""The dead-letter queue: it keeps events that could not be delivered or logged."""

from dataclasses import dataclass

from aws_cdk import Duration, RemovalPolicy, Resource, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from .._common.environment import any_rule_arn, refuse_other_environment
from .._common.queues import validate_dead_letter_queue
from .._common.validation import validate_removal_policy
from .encryption import allow_rules_to_encrypt, refuse_alias
from .policy_warnings import warn_of_missing_statements

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
        _check_queue(scope, queue)
    if settings.key is not None:
        allow_rules_to_encrypt(scope, settings.key)
    return queue


def target_queue(scope: Construct, queue: sqs.IQueue, settings: QueueSettings) -> sqs.IQueue:
    """Return the dead-letter queue for a rule's target, which may send to it.

    CDK lets a rule send to a queue of the same stack, by a statement that names the rule. A queue
    of another stack cannot name the rule, because the rule names the queue.
    """
    if settings.queue is None:
        return queue
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


def _check_queue(scope: Construct, queue: sqs.IQueue) -> None:
    validate_dead_letter_queue(queue)
    if queue.encryption_master_key is not None:
        refuse_alias("The key of dead_letter_queue", queue.encryption_master_key)
    refuse_other_environment(
        scope,
        "dead_letter_queue",
        queue,
        queue.queue_arn,
        "Use a queue in the stack's account and region.",
    )


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
