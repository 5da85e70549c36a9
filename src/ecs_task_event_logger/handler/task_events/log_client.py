"""Read container logs: the only calls of the function to AWS. They never wait for long."""

from functools import cache, lru_cache
from os import environ
from time import sleep

TYPE_CHECKING = False  # like typing.TYPE_CHECKING, without its import cost
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .aliases import Json, Record

_CONNECT_SECONDS = 1
_READ_SECONDS = 3
# How long the log driver may take to send the last lines.
FLUSH_SECONDS = 2.0


class LookUpError(Exception):
    """A short reason why the lines of a container are not known."""


# A revision of a task definition never changes. Exceptions are not cached.
@lru_cache(maxsize=256)
def log_configurations(task_definition: str) -> "dict[str, Record | None]":
    """Return the log configuration of each container in a task definition, by its name."""
    client = _client("ecs")
    answer = _call(client.describe_task_definition, taskDefinition=task_definition)
    containers = answer["taskDefinition"]["containerDefinitions"]
    return {each["name"]: each.get("logConfiguration") for each in containers}


def last_messages(group: str, stream: str, count: int) -> list[str]:
    """Return the last messages of a stream, the oldest first.

    If there are none, the log driver gets some time to send them, once.
    """
    events = _last_events(group, stream, count)
    if not events:
        sleep(FLUSH_SECONDS)
        events = _last_events(group, stream, count)
    return [each["message"] for each in events]


def _last_events(group: str, stream: str, count: int) -> "list[Record]":
    request: Record = {
        "logGroupName": group,
        "logStreamName": stream,
        "limit": count,
        "startFromHead": False,
    }
    client = _client("logs")
    page = _call(client.get_log_events, **request)
    if not page["events"]:
        # A page may be empty although an earlier one is not.
        page = _call(client.get_log_events, **request, nextToken=page["nextBackwardToken"])
    events: list[Record] = page["events"]
    return events


def _call(operation: "Callable[..., Json]", **request: "Json") -> "Json":
    """Return what an operation of AWS returns, or raise a short reason."""
    from botocore.exceptions import BotoCoreError, ClientError

    name = operation.__name__.title().replace("_", "")
    try:
        return operation(**request)
    except ClientError as error:
        raise LookUpError(f"{name} failed: {error.response['Error']['Code']}") from error
    except BotoCoreError as error:
        raise LookUpError(f"{name} failed: {type(error).__name__}") from error


@cache
def _client(service: str) -> "Any":
    # Lambda's runtime has botocore. Its import takes longer than everything else here.
    from botocore.config import Config

    config = Config(
        connect_timeout=_CONNECT_SECONDS,
        read_timeout=_READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": 2},
    )
    return _session().create_client(service, region_name=environ["AWS_REGION"], config=config)


@cache
def _session() -> "Any":
    from logging import CRITICAL, getLogger

    from botocore.session import get_session

    # By default they log where they found credentials, which would be a line of its own.
    for name in ("botocore", "urllib3"):
        getLogger(name).setLevel(CRITICAL)
    return get_session()
