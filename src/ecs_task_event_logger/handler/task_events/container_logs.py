"""Add the last lines of a container's own log to the record of a failed task.

Only the prop `container_log_groups` needs this, so `main` imports it at the first failed task.
`log_client` makes the calls, and `log_tail` makes the lines safe and short.
"""

from operator import attrgetter
from os import environ
from threading import Thread

from .fields import masked, resource_arn, resource_name, text
from .filters import fits_any
from .known_values import make_hide
from .log_client import LookUpError, last_messages, log_configurations
from .log_tail import printable, safe_tail
from .stop import Stop

TYPE_CHECKING = False  # like typing.TYPE_CHECKING, without its import cost
if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from typing import Any

    from .aliases import Record
    from .stop import Container

_LOG_GROUPS = environ.get("CONTAINER_LOG_GROUPS", "").split(",")
_LINES = int(environ.get("CONTAINER_LOG_LINES", "20"))

# Causes of tasks whose culprit never ran.
_BEFORE_THE_START = """
IMAGE_PULL SECRETS LOG_DRIVER STORAGE NETWORK RESOURCE_INITIALIZATION CONTAINER_START CAPACITY
""".split()  # noqa: SIM905
# The longest name of a log group or stream.
_LONGEST_NAME = 512

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
        hide = make_hide(event["detail"], unredacted)
        container = _responsible_container(event["detail"], record, hide)
        if container:
            found = _find(event, container, hide, context)
            later = {key: record.pop(key) for key in _LATER if key in record}
            record.update({key: found[key] for key in _KEYS if key in found})
            record.update(later)
    except Exception as error:
        record["logTailError"] = type(error).__name__


def _responsible_container(
    detail: "Record", record: "Record", hide: "Callable[[str], str]"
) -> "Container | None":
    """Return the culprit, or else the main container, unless it never ran."""
    stop = Stop(detail)
    name = record.get("culprit")
    culprits = [each for each in stop.containers if masked(hide(_name(each))) == name]
    container = min(culprits or stop.main, key=attrgetter("suspicion"), default=None)
    if container is None or record.get("cause") in _BEFORE_THE_START:
        return None
    has_run = container.exit_code is not None or bool(detail.get("startedAt"))
    return container if has_run else None


def _name(container: "Container") -> str:
    return text(container.detail, "name")


def _find(
    event: "Record", container: "Container", hide: "Callable[[str], str]", context: "Any"
) -> "Record":
    event_id = text(event, "id")
    if event_id in _known:
        return _known[event_id]
    found = _look_up_in_time(event, container, hide, context)
    if len(_known) == _MOST_KNOWN:
        _known.clear()
    if event_id:
        _known[event_id] = found
    return found


def _look_up_in_time(
    event: "Record", container: "Container", hide: "Callable[[str], str]", context: "Any"
) -> "Record":
    """Return the parts that are found within the budget."""
    if _is_elsewhere(event, context):
        return {"logTailError": "the task ran in another account or region"}
    found: Record = {}
    # A thread, because a name server that does not answer would block for longer.
    thread = Thread(target=_look_up, args=(event, container, hide, found), daemon=True)
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
    own = {"account": account, "region": region}
    return any(text(event, key) not in ("", value) for key, value in own.items())


def _seconds(context: "Any") -> float:
    """Return the budget, or half of the time that the invocation has left if that is less."""
    if not hasattr(context, "get_remaining_time_in_millis"):
        return BUDGET
    left: int = context.get_remaining_time_in_millis()
    return min(BUDGET, left / 2000)


def _look_up(
    event: "Record", container: "Container", hide: "Callable[[str], str]", found: "Record"
) -> None:
    """Add what is found to ``found``, which another thread may read at any time."""
    try:
        group, stream = _stream(event, container)
        found["logStream"] = f"{_safe(group, hide)}:{_safe(stream, hide)}"
        tail = safe_tail(last_messages(group, stream, _LINES), hide)[-_LINES:]
        if not tail:
            raise LookUpError("the log is empty")
        found["logTail"] = tail
    except LookUpError as error:
        found["logTailError"] = _safe(str(error), hide)
    except Exception as error:
        found["logTailError"] = type(error).__name__


def _safe(name: str, hide: "Callable[[str], str]") -> str:
    return masked(hide(printable(name[:_LONGEST_NAME])))


def _stream(event: "Record", container: "Container") -> tuple[str, str]:
    """Return the log group and stream of a container.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specify-log-config.html
    """
    detail, name = event["detail"], _name(container)
    options = _awslogs_options(text(detail, "taskDefinitionArn"), name)
    group, region = options.get("awslogs-group", ""), options.get("awslogs-region")
    if region not in (None, environ["AWS_REGION"]):
        raise LookUpError(f"the log of container {name} is in {region}")
    if not fits_any(group, _LOG_GROUPS):
        raise LookUpError(f"container_log_groups does not include {group}")
    prefix = options.get("awslogs-stream-prefix")
    # On EC2, a stream without a prefix has the ID that the container runtime gave.
    task_id = resource_name(text(detail, "taskArn") or resource_arn(event))
    stream_id = task_id if prefix else text(container.detail, "runtimeId")
    if not stream_id:
        raise LookUpError(f"the event does not say which stream container {name} logs to")
    return group, f"{prefix}/{name}/{stream_id}" if prefix else stream_id


def _awslogs_options(task_definition: str, name: str) -> "Record":
    """Return the options of the log driver of a container."""
    configuration = log_configurations(task_definition).get(name) if task_definition else None
    if not configuration:
        raise LookUpError(f"container {name} has no log configuration")
    driver, options = configuration["logDriver"], configuration.get("options", {})
    if driver != "awslogs":
        raise LookUpError(f"container {name} logs to {driver}, not to awslogs")
    return dict(options)
