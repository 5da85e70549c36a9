"""Sends the events in a logger's dead-letter queue to its function again.

```console
pip install "ecs-task-event-logger[redrive]"
python -m ecs_task_event_logger.redrive FUNCTION
```

A message is deleted once the line of its event is in the log, or once the function's own filters
drop the event. An event that has a line already, or that is in the queue twice, is not sent again.
A message stays in the queue if it holds no event for this function, or if the function fails again.

``--queue ARN`` takes the events from another queue, the one of a forwarder. It may be in another
account (``--queue-profile``) and region.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from .function import LoggerFunction, ReplayError
from .log import LogGroup, RedriveError
from .queue import DeadLetter, DeadLetterQueue, Event, event_time

__all__ = ["RedriveError", "Redriven", "redrive"]

# Small enough for one query, and to be done before the messages become visible again.
_BATCH_SIZE = 50
# The clocks of this machine and of CloudWatch Logs may differ.
_CLOCK_SKEW = timedelta(minutes=5)


@dataclass
class Redriven:
    """The outcome for the messages in the queue.

    Attributes:
        logged: How many events were brought back. Their lines are in the log.
        known: How many messages held an event that was logged already.
        filtered: How many events the function's own filters dropped.
        left: The reason why a message was left in the queue, by message ID.
        unseen: About how many messages in the queue this run has not seen. Another run holds them,
            or they arrived during this one.
    """

    logged: int = 0
    known: int = 0
    filtered: int = 0
    left: dict[str, str] = field(default_factory=dict)
    unseen: int = 0

    @property
    def is_all_done(self) -> bool:
        """Whether the queue is empty now."""
        return not self.left and not self.unseen

    def __str__(self) -> str:
        """Return the counts in words."""
        counts = {
            "brought back": self.logged,
            "filtered out": self.filtered,
            "logged already": self.known,
            "left in the queue": len(self.left),
            "not seen": self.unseen,
        }
        always = ("brought back", "logged already", "left in the queue")
        return ", ".join(
            f"{count} {outcome}" for outcome, count in counts.items() if count or outcome in always
        )


def redrive(
    session: Any, function_name: str, *, queue_arn: str | None = None, queue_session: Any = None
) -> Redriven:
    """Send all events in a function's dead-letter queue to the function again.

    It needs these permissions:

    - ``lambda:GetFunctionConfiguration``, ``lambda:GetFunctionEventInvokeConfig`` and
      ``lambda:InvokeFunction`` on the function, and the first of them on functions that it replaces
    - ``sqs:ChangeMessageVisibility``, ``sqs:DeleteMessage``, ``sqs:GetQueueAttributes``,
      ``sqs:GetQueueUrl`` and ``sqs:ReceiveMessage`` on the queue, and ``kms:Decrypt`` on its key if
      it has one
    - ``logs:StartQuery`` on the log group, and ``logs:GetQueryResults``
    - with ``queue_arn``, ``events:ListRuleNamesByTarget``, ``events:DescribeRule`` and
      ``events:TestEventPattern`` where the function is. An event that the function's rules on the
      central bus do not match stays in the queue. Other functions on that bus get no events.

    CloudWatch Logs Insights tells which events are logged already. It finds a line only some time
    after it was written. So do not start a second run at the same time, or right after a failure.
    For every 50 messages, Insights reads the log from the oldest of their events on. That costs
    $0.005 for a GB (US East, November 2026).

    Args:
        session: A ``boto3.Session``.
        function_name: The function's name or ARN.
        queue_arn: The ARN of a forwarder's dead-letter queue, with events that did not reach the
            central bus. By default, the function's own dead-letter queue.
        queue_session: A ``boto3.Session`` for the account and region of that queue. By default
            ``session``.

    Raises:
        RedriveError: If the function has no dead-letter queue, or its log group cannot be queried.
        botocore.exceptions.ClientError: If AWS refuses a request.
    """
    function = LoggerFunction(session, function_name)
    arn = queue_arn or function.dead_letter_queue_arn()
    if ":sqs:" not in arn:
        raise RedriveError(
            f"{function_name} has no dead-letter queue in SQS, so there are no events to send. "
            "Name the function of an EcsTaskEventLogger, or the queue of a forwarder."
        )
    queue = DeadLetterQueue((queue_session or session).client("sqs"), arn)
    log = LogGroup(session.client("logs"), function.log_group_name)
    return _Redrive(function, queue, log, is_forwarder_queue=queue_arn is not None).run()


@dataclass
class _Redrive:
    """One run: receive messages, skip logged events, replay the others, confirm, and delete."""

    function: LoggerFunction
    queue: DeadLetterQueue
    log: LogGroup
    is_forwarder_queue: bool
    logged: set[str] = field(default_factory=set)
    result: Redriven = field(default_factory=Redriven)

    def run(self) -> Redriven:
        """Handle each message once. Release what stays in the queue, also after an error."""
        try:
            while letters := self.queue.receive(_BATCH_SIZE):
                self._handle(letters)
                if len(letters) < _BATCH_SIZE or self.function.is_broken:
                    break
            self.result.unseen = self.queue.count_unseen(left=len(self.result.left))
        finally:
            self.queue.release()
        return self.result

    def _handle(self, letters: dict[str, DeadLetter]) -> None:
        """Bring back the events of a batch of messages."""
        events = [letter.event for letter in letters.values() if letter.event]
        since = min(map(event_time, events), default=datetime.now(UTC))
        self.logged |= self.log.find([event["id"] for event in events], since)
        started = datetime.now(UTC)
        replayed: dict[str, str] = {}
        for message_id, letter in letters.items():
            if reason := self._bring_back(message_id, letter, replayed):
                self.result.left[message_id] = reason
        self._confirm(replayed, started - _CLOCK_SKEW)

    def _bring_back(
        self, message_id: str, letter: DeadLetter, replayed: dict[str, str]
    ) -> str | None:
        """Skip or replay an event. Return why its message stays in the queue, or None.

        A replayed event is added to ``replayed``: the IDs of messages by event ID.
        """
        if letter.event is None:
            return "it holds no ECS event"
        if reason := self._explain_mismatch(letter.event, letter.target):
            return reason
        event_id = letter.event["id"]
        if event_id in self.logged or event_id in replayed:
            self.queue.delete(message_id)
            self.result.known += 1
            return None
        try:
            is_logged = self.function.replay(letter.event)
        except ReplayError as error:
            return str(error)
        if is_logged:
            replayed[event_id] = message_id
        else:
            self.queue.delete(message_id)
            self.result.filtered += 1
        return None

    def _explain_mismatch(self, event: Event, target: str | None) -> str | None:
        """Return why an event is not for the function, or None if it is."""
        if self.is_forwarder_queue and target and ":event-bus/" in target:
            return self.function.explain_no_match(event, target)
        return self.function.explain_other_target(target)

    def _confirm(self, replayed: dict[str, str], since: datetime) -> None:
        """Delete the messages of replayed events once their lines are in the log."""
        for event_id in self.log.wait_for(list(replayed), since):
            self.logged.add(event_id)
            self.queue.delete(replayed.pop(event_id))
            self.result.logged += 1
        reason = f"the function has run, but {self.log.name} does not have the line yet"
        self.result.left |= dict.fromkeys(replayed.values(), reason)
