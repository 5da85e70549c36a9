"""The log group: which events have a line in it."""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

# CloudWatch Logs Insights finds a line only some time after the function wrote it. Each query costs
# money, so the waits between them grow.
_INGESTION_SECONDS = 180
_POLL_SECONDS = 1.0
_MAX_POLL_SECONDS = 30.0
# Events and this machine may have clocks that are ahead or behind.
_AHEAD_SECONDS = 3600
# CloudWatch Logs refuses older lines, and those that are older than the log group's retention.
# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
_MAX_AGE_DAYS = 14


class RedriveError(RuntimeError):
    """The function has no dead-letter queue, or its log group cannot be queried."""


@dataclass(frozen=True)
class LogGroup:
    """A function's log group, and the boto3 client that queries it."""

    logs: Any
    name: str

    @cached_property
    def max_age(self) -> timedelta:
        """The age from which on CloudWatch Logs refuses a line."""
        pages = self.logs.get_paginator("describe_log_groups").paginate(
            logGroupNamePrefix=self.name
        )
        groups = [group for page in pages for group in page["logGroups"]]
        days = [
            group.get("retentionInDays") for group in groups if group["logGroupName"] == self.name
        ]
        return timedelta(days=min([_MAX_AGE_DAYS, *filter(None, days)]))

    def find(self, event_ids: Sequence[str], since: datetime) -> set[str]:
        """Return the IDs of the events whose lines have a later time than ``since``.

        Lambda may give a line the time of its event, which may be days ago.
        """
        if not event_ids:
            return set()
        query = f"fields @message | filter @message like /{'|'.join(event_ids)}/ | limit 10000"
        try:
            rows = self._query(query, since)
        except self.logs.exceptions.ResourceNotFoundException:
            return set()
        return set(_event_ids(rows)) & set(event_ids)

    def wait_for(self, event_ids: Sequence[str], since: datetime) -> Iterator[str]:
        """Yield each event's ID once its line is found, and give up some minutes later."""
        missing = list(event_ids)
        deadline, wait = time.monotonic() + _INGESTION_SECONDS, _POLL_SECONDS
        while missing:
            found = self.find(missing, since)
            yield from found
            missing = [event_id for event_id in missing if event_id not in found]
            if time.monotonic() > deadline:
                break
            time.sleep(wait if missing else 0)
            wait = min(2 * wait, _MAX_POLL_SECONDS)

    def _query(self, query: str, since: datetime) -> list[list[dict[str, str]]]:
        """Return the rows of a query. Insights reads log groups of both log classes."""
        query_id = self.logs.start_query(
            logGroupName=self.name,
            queryString=query,
            startTime=int(since.timestamp()),
            endTime=int(time.time()) + _AHEAD_SECONDS,
        )["queryId"]
        while True:
            answer = self.logs.get_query_results(queryId=query_id)
            if answer["status"] == "Complete":
                return list(answer["results"])
            if answer["status"] not in ("Scheduled", "Running", "Unknown"):
                problem = f"The query of log group {self.name} ended as {answer['status']}."
                raise RedriveError(f"{problem} Run redrive again in a few minutes.")
            time.sleep(_POLL_SECONDS)


def _event_ids(rows: Sequence[Sequence[dict[str, str]]]) -> Iterator[str]:
    for row in rows:
        for cell in row:
            # A line may come from something other than a logger.
            with suppress(ValueError, KeyError, TypeError):
                yield json.loads(cell["value"])["eventId"]
