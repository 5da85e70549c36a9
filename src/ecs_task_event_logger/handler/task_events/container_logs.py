"""Add the last lines of a container's own log to the record of a failed task.

Only the prop `container_log_groups` needs this, so `main` imports it at the first failed task.
`log_client` makes the calls, and `log_tail` makes the lines safe and short.
"""

from operator import attrgetter
from os import environ
from threading import Thread

from .fields import masked, text
from .log_client import LookUpError, last_messages, log_configurations
from .log_tail import safe_tail
from .stop import Stop

TYPE_CHECKING = False  # like typing.TYPE_CHECKING, without its import cost
if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any

    from .aliases import Record
    from .stop import Container

_LOG_GROUPS = environ.get("CONTAINER_LOG_GROUPS", "").split(",")
_LINES = int(environ.get("CONTAINER_LOG_LINES", "20"))

# The seconds that all calls for an event may take together. The line waits no longer.
BUDGET = 5.0
_KEYS = ("logTail", "logStream", "logTailError")
# The keys that follow these in the record.
_LATER = ("durations", "containers", "environment", "detail", "unparsed", "handlerErrors")
# Events may arrive twice. The second time needs no calls.
_known: "dict[str, Record]" = {}
_MOST_KNOWN = 32


def add_log_tail(
    event: "Record", record: "Record", unredacted: "Collection[str]", context: "Any"
) -> None:
    """Add what the responsible container logged last, or why that is not known.

    Nothing is added for a task in which that container never ran. An exception here costs neither
    the line nor its other parts.
    """
    try:
        detail = event["detail"]
        container = _responsible_container(detail, record)
        if container:
            found = _find(event, container, unredacted, context)
            later = {key: record.pop(key) for key in _LATER if key in record}
            record.update({key: found[key] for key in _KEYS if key in found})
            record.update(later)
    except Exception as error:
        record["logTailError"] = type(error).__name__


def _responsible_container(detail: "Record", record: "Record") -> "Container | None":
    """Return the culprit, or else the main container, unless it never ran."""
    stop = Stop(detail)
    name = record.get("culprit")
    culprits = [each for each in stop.containers if masked(text(each.detail, "name")) == name]
    container = min(culprits if name else stop.main, key=attrgetter("suspicion"), default=None)
    if container is None or record.get("cause") == "CONTAINER_START":
        return None
    has_run = container.exit_code is not None or bool(detail.get("startedAt"))
    return container if has_run else None


def _find(
    event: "Record", container: "Container", unredacted: "Collection[str]", context: "Any"
) -> "Record":
    task = text(event["detail"], "taskArn")
    if task not in _known:
        if len(_known) == _MOST_KNOWN:
            _known.clear()
        _known[task] = _look_up_in_time(event, container, unredacted, context)
    return _known[task]


def _look_up_in_time(
    event: "Record", container: "Container", unredacted: "Collection[str]", context: "Any"
) -> "Record":
    """Return the parts that are found within the budget."""
    if _is_elsewhere(event, context):
        return {"logTailError": "the task ran in another account or region"}
    found: Record = {}
    # A thread, because a name server that does not answer would block for longer.
    thread = Thread(target=_look_up, args=(event, container, unredacted, found), daemon=True)
    thread.start()
    thread.join(_seconds(context))
    in_time = dict(found)  # The thread may still run.
    if "logTail" not in in_time:
        in_time.setdefault("logTailError", "ECS or CloudWatch Logs took too long to answer")
    return in_time


def _is_elsewhere(event: "Record", context: "Any") -> bool:
    """Return whether an event comes from another account or region than the function's."""
    if not hasattr(context, "invoked_function_arn"):
        return False
    _, _, _, region, account, *_ = context.invoked_function_arn.split(":")
    return (event.get("account"), event.get("region")) != (account, region)


def _seconds(context: "Any") -> float:
    """Return the budget, or half of the time that the invocation has left if that is less."""
    if not hasattr(context, "get_remaining_time_in_millis"):
        return BUDGET
    left: int = context.get_remaining_time_in_millis()
    return min(BUDGET, left / 2000)


def _look_up(
    event: "Record", container: "Container", unredacted: "Collection[str]", found: "Record"
) -> None:
    """Add what is found to ``found``, which another thread may read at any time."""
    try:
        group, stream = _stream(event["detail"], container)
        found["logStream"] = masked(f"{group}:{stream}")
        messages = last_messages(group, stream, _LINES)
        tail = safe_tail(messages, event["detail"], unredacted)
        if not tail:
            raise LookUpError("the log is empty")
        found["logTail"] = tail
    except LookUpError as error:
        found["logTailError"] = masked(str(error))
    except Exception as error:
        found["logTailError"] = type(error).__name__


def _stream(detail: "Record", container: "Container") -> tuple[str, str]:
    """Return the log group and stream of a container.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specify-log-config.html
    """
    name = text(container.detail, "name")
    configuration = log_configurations(text(detail, "taskDefinitionArn")).get(name)
    if not configuration:
        raise LookUpError(f"container {name} has no log configuration")
    driver, options = configuration["logDriver"], configuration.get("options", {})
    if driver != "awslogs":
        raise LookUpError(f"container {name} logs to {driver}, not to awslogs")
    group, region = options.get("awslogs-group", ""), options.get("awslogs-region")
    if region not in (None, environ["AWS_REGION"]):
        raise LookUpError(f"the log of container {name} is in {region}")
    from .filters import fits_any

    if not fits_any(group, _LOG_GROUPS):
        raise LookUpError(f"container_log_groups does not include {group}")
    prefix, task = options.get("awslogs-stream-prefix"), text(detail, "taskArn")
    if prefix:
        return group, f"{prefix}/{name}/{task.rpartition('/')[2]}"
    # On EC2, the stream then has the ID that the container runtime gave.
    return group, text(container.detail, "runtimeId")
