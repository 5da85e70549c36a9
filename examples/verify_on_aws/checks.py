"""The library's assumptions about AWS, and a check of each.

A check returns what it saw. It raises ``DoesNotHoldError`` if the assumption does not hold.
"""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from typing import NamedTuple

from ecs_task_event_logger.redrive import redrive

from . import evidence
from .faults import broken_function, missing_permissions
from .stack import Stack
from .tasks import Tasks

_REASON = "checked by run.py"

CheckFunction = Callable[[Stack, Tasks], str]


class DoesNotHoldError(Exception):
    """An assumption about AWS does not hold."""


def deploy(stack: Stack, tasks: Tasks) -> str:
    """Deploy the stack: AWS accepts the event patterns, the runtime, the roles and the rest."""
    stack.deploy()
    return f"stack {stack.name}"


def start_tasks(stack: Stack, tasks: Tasks) -> str:
    """Start a task for each check that stops one."""
    tasks.start(3)
    return f"{len(tasks.arns)} tasks"


def find_line(stack: Stack, tasks: Tasks) -> str:
    """Stop the first task, and find its line with the cause and the reason."""
    tasks.stop(tasks.arns[0], _REASON)
    record = evidence.wait_for_line(stack, tasks.arns[0])
    if record.get("cause") != "USER_STOPPED" or _REASON not in record["message"]:
        raise DoesNotHoldError(f"the record is {record}")
    return str(record["message"])


def read_lines(stack: Stack, tasks: Tasks) -> str:
    """Read each line as one record, and return whose time CloudWatch gave it."""
    times = {_origin_of_time(each) for each in evidence.log_events(stack)}
    if not times:
        raise DoesNotHoldError("the log group is empty")
    return f"with the time of {' or '.join(sorted(times))}"


def _origin_of_time(log_event: evidence.Object) -> str:
    record = evidence.read_record(log_event["message"])
    if record is None:
        raise DoesNotHoldError(f"a line is not a record: {log_event['message']}")
    sent = datetime.fromisoformat(record["timestamp"]).timestamp() * 1000
    return "the event" if log_event["timestamp"] == sent else "its arrival"


def receive_notification(stack: Stack, tasks: Tasks) -> str:
    """Receive the record of the first task from the target of the notification."""
    record = evidence.wait_for_notification(stack, tasks.arns[0])
    if missing := {"level", "message"} - set(record):
        raise DoesNotHoldError(f"the notification lacks {missing}: {record}")
    return f"level {record['level']}"


def find_failed_event(stack: Stack, tasks: Tasks) -> str:
    """Stop the second task while the function is broken, and find the event in the queue."""
    with broken_function(stack):
        tasks.stop(tasks.arns[1], _REASON)
        attributes = evidence.wait_for_dead_letter(stack, tasks.arns[1])
    return attributes.get("ErrorMessage", "")


def find_undelivered_event(stack: Stack, tasks: Tasks) -> str:
    """Stop the third task while EventBridge may not invoke the function, and find the event."""
    with missing_permissions(stack):
        tasks.stop(tasks.arns[2], _REASON)
        attributes = evidence.wait_for_dead_letter(stack, tasks.arns[2])
    if not attributes.get("TARGET_ARN", "").endswith(stack.outputs["FunctionName"]):
        raise DoesNotHoldError(f"TARGET_ARN does not name the function: {attributes}")
    return attributes.get("ERROR_CODE", "")


def bring_back_failed_event(stack: Stack, tasks: Tasks) -> str:
    """Redrive the queue, and find the line of the second task."""
    return _redrive(stack, tasks.arns[1])


def bring_back_undelivered_event(stack: Stack, tasks: Tasks) -> str:
    """Redrive the queue, and find the line of the third task."""
    return _redrive(stack, tasks.arns[2])


def _redrive(stack: Stack, task_arn: str) -> str:
    result = redrive(stack.session, stack.outputs["FunctionName"])
    if not (result.is_all_done and result.logged):
        raise DoesNotHoldError(f"{result} {list(result.left.values())}")
    evidence.wait_for_line(stack, task_arn)
    return f"{result.logged} brought back"


def delete_everything(stack: Stack, tasks: Tasks) -> str:
    """Delete the tasks, the stack and the bucket, and check that AWS finds nothing of them."""
    with ExitStack() as steps:  # it runs the last one first, and all of them after an error
        steps.callback(stack.delete_bucket)
        steps.callback(stack.delete)
        if stack.outputs:
            steps.callback(tasks.stop_all)
    stack.wait_until_nothing_is_left()
    return "no stack, bucket, log group, queue"


class Check(NamedTuple):
    """An assumption, the function that checks it, and the function that must succeed before."""

    assumption: str
    run: CheckFunction
    needs: CheckFunction | None = None


CHECKS = (
    Check("The stack deploys", deploy),
    Check("Tasks run on Fargate", start_tasks, deploy),
    Check("The line of a stopped task has the cause", find_line, start_tasks),
    Check("Each line is one JSON object", read_lines, start_tasks),
    Check("The notification has the record", receive_notification, start_tasks),
    Check("A failed event is in the queue", find_failed_event, start_tasks),
    Check("Redrive brings it back", bring_back_failed_event, find_failed_event),
    Check("An undelivered event is in the queue", find_undelivered_event, start_tasks),
    Check("Redrive brings it back too", bring_back_undelivered_event, find_undelivered_event),
)
LAST = Check("Nothing is left", delete_everything)
