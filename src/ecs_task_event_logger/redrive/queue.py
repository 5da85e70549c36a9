"""The dead-letter queue, and the events in its messages."""

import json
import re
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

Event = dict[str, Any]
Message = dict[str, Any]

# Long enough to replay a batch of events and to wait for their lines.
_VISIBILITY_SECONDS = 900
# SQS goes on counting a deleted message for up to a minute.
_COUNT_SECONDS = 75
_POLL_SECONDS = 1.0
_EVENT_ID = re.compile(r"[0-9a-fA-F-]{36}")


@dataclass(frozen=True)
class DeadLetter:
    """The content of a message.

    Attributes:
        body: The message's text.
        event: The ECS event, or None if the message holds none.
        target: The ARN of the function or event bus that did not get the event, or None if the
            message does not say.
    """

    body: str
    event: Event | None = None
    target: str | None = None

    @property
    def event_id(self) -> str | None:
        """The ID of the event, or None if it has none."""
        event_id = None if self.event is None else self.event.get("id")
        has_id = isinstance(event_id, str) and _EVENT_ID.fullmatch(event_id)
        return event_id if has_id else None


class DeadLetterQueue:
    """A dead-letter queue, and the messages that this run has received from it."""

    def __init__(self, sqs: Any, arn: str) -> None:
        """Find a queue with the boto3 client of its account and region."""
        self._sqs = sqs
        *_, account, name = arn.split(":")
        queue = sqs.get_queue_url(QueueName=name, QueueOwnerAWSAccountId=account)
        self._url: str = queue["QueueUrl"]
        self._receipt_handles: dict[str, str] = {}
        self._seen: set[str] = set()

    def receive(self, count: int) -> dict[str, DeadLetter]:
        """Return new messages by ID: ``count`` or a few more, or fewer at the end of the queue."""
        letters: dict[str, DeadLetter] = {}
        while len(letters) < count:
            received = self._receive_messages()
            new = [each for each in received if each["MessageId"] not in self._seen]
            if not new:
                break
            self._seen.update(each["MessageId"] for each in new)
            letters.update((each["MessageId"], read_dead_letter(each)) for each in new)
        return letters

    def _receive_messages(self) -> list[Message]:
        messages: list[Message] = self._sqs.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=10,
            MessageAttributeNames=["All"],
            VisibilityTimeout=_VISIBILITY_SECONDS,
            WaitTimeSeconds=1,  # with 0, SQS asks only some of its servers
        ).get("Messages", [])
        # A message that is received again has a new receipt handle.
        self._receipt_handles |= {each["MessageId"]: each["ReceiptHandle"] for each in messages}
        return messages

    def delete(self, message_id: str) -> None:
        """Delete a message."""
        handle = self._receipt_handles[message_id]
        # If another run holds the message by now, that run finds its event in the log.
        with suppress(self._sqs.exceptions.ReceiptHandleIsInvalid):
            self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=handle)
        del self._receipt_handles[message_id]

    def release(self) -> None:
        """Make the messages that were not deleted visible to other consumers."""
        for handle in self._receipt_handles.values():
            # If this fails, the message becomes visible when its timeout ends.
            with suppress(Exception):
                self._sqs.change_message_visibility(
                    QueueUrl=self._url, ReceiptHandle=handle, VisibilityTimeout=0
                )

    def count_unseen(self, left: int) -> int:
        """Return about how many messages there are besides the ``left`` that this run leaves."""
        deadline = time.monotonic() + _COUNT_SECONDS
        while unseen := max(0, self._length() - left):
            if time.monotonic() > deadline:
                break
            time.sleep(_POLL_SECONDS)
        return unseen

    def _length(self) -> int:
        counts = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        answer = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=counts)
        return sum(map(int, answer["Attributes"].values()))


def read_dead_letter(message: Message) -> DeadLetter:
    """Read a message, whatever its content.

    EventBridge sends the event itself, and so does Lambda to a function's dead-letter queue. To a
    destination on failure, Lambda sends the event in an envelope.
    """
    body = message["Body"]
    target = message.get("MessageAttributes", {}).get("TARGET_ARN", {}).get("StringValue")
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):
        return DeadLetter(body)
    if isinstance(event, dict) and "requestPayload" in event:
        context = event.get("requestContext")
        target = context.get("functionArn") if isinstance(context, dict) else None
        event = event["requestPayload"]
    if not isinstance(event, dict) or event.get("source") != "aws.ecs":
        return DeadLetter(body)
    return DeadLetter(body, event, unqualified(target))


def unqualified(function_arn: Any) -> str | None:
    """Return a function's ARN without its version or alias, or None if it is not a string."""
    return ":".join(function_arn.split(":")[:7]) if isinstance(function_arn, str) else None


def event_time(event: Event) -> datetime | None:
    """Return when an event happened, or None if it does not say."""
    try:
        happened = datetime.fromisoformat(event["time"])
    except (KeyError, TypeError, ValueError):
        return None
    return happened.replace(tzinfo=happened.tzinfo or UTC)
