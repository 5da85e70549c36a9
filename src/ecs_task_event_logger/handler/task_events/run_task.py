"""Describe calls of RunTask and StartTask that made no task, or fewer than were asked for.

A task that was not made has no events, but CloudTrail reports the call.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/api_failures_messages.html
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
"""

from .cause import Cause
from .errors import add_parts
from .fallback import name_event
from .fields import copy_fields, masked, objects, resource_name, text
from .filters import CALLS
from .known_values import hide_known_values
from .remedies import find_remedy

TYPE_CHECKING = False  # like typing.TYPE_CHECKING, without its import cost
if TYPE_CHECKING:
    from .aliases import Json, Part, Record

_FAILURE_KEYS = ("arn", "reason", "detail")
_MOST_REASONS = 3
_MOST_FAILURES = 20
# The tasks of one call: RunTask makes 10 at most, StartTask one on each of 10 instances.
_MOST_TASKS = 10
# What comes before the name of a schedule in ``startedBy``.
_SCHEDULES = ("events-rule/", "chronos-schedule/")
_SCHEDULERS = ("events.amazonaws.com", "scheduler.amazonaws.com")
# The services that call RunTask for their users, by their names in CloudTrail.
_SERVICES = {
    "batch.amazonaws.com": "Batch",
    "events.amazonaws.com": "EventBridge",
    "pipes.amazonaws.com": "EventBridge Pipes",
    "scheduler.amazonaws.com": "EventBridge Scheduler",
    "states.amazonaws.com": "Step Functions",
}
# By the beginning of a failure's reason, in lower case: the cause, and what it means.
_FAILURES = {
    "resource:cpu": (Cause.CAPACITY, "no container instance has enough CPU"),
    "resource:memory": (Cause.CAPACITY, "no container instance has enough memory"),
    "resource:eni": (Cause.CAPACITY, "no container instance has a free network interface"),
    "resource:ports": (Cause.CAPACITY, "no container instance has the ports free"),
    "resource:gpu": (Cause.CAPACITY, "no container instance has enough GPUs"),
    "resource:": (Cause.CAPACITY, "no container instance has enough resources"),
    "agent": (Cause.HOST_FAILURE, "the agent of the container instance is disconnected"),
    "attribute": (Cause.CAPACITY, "no container instance has an attribute that the task needs"),
    "location": (
        Cause.CAPACITY,
        "the container instance is not in an availability zone of the task's subnets",
    ),
    "memberof": (Cause.CAPACITY, "no container instance meets the placement constraints"),
    "distinctinstance": (Cause.CAPACITY, "each container instance has such a task already"),
    "no active instances": (Cause.CAPACITY, "the cluster has no active container instances"),
    "no container instances": (Cause.CAPACITY, "the cluster has no container instances"),
    "empty capacity provider": (Cause.CAPACITY, "the capacity provider has no instances"),
    "capacity": (Cause.CAPACITY, "there is no capacity"),
    "missing": (Cause.REQUEST_REFUSED, "the container instance does not exist"),
    "inactive": (Cause.HOST_FAILURE, "the container instance has left the cluster"),
}
# Parts of the codes of errors that are not the caller's, and of messages about capacity, in lower
# case.
_ERRORS_OF_ECS = ("server", "internal", "unavailable")
_NO_CAPACITY = ("capacity is unavailable", "no container instances", "reached the limit")
_UNKNOWN_REASON = "Look the reason up in the Amazon ECS documentation of API failure reasons."


def describe(event: "Record", detail: "Record", record: "Record") -> bool:
    """Fill in the record and return whether the fields read have the types that AWS documents."""
    if detail.get("eventName") not in CALLS:
        name_event(event, detail, record)
        return False
    parts: dict[str, Part] = {
        "fields": _add_fields,
        "names": _add_names,
        "failures": _add_failures,
        "counts": _add_counts,
        "cause": _add_verdict,
        "message": _add_message,
    }
    return add_parts(parts, _hide_overrides(detail), record)


def _hide_overrides(detail: "Record") -> "Record":
    """Return the detail with the values of the call's overrides masked in its texts.

    An override may repeat a name that the call has anyway. Such a name is no secret.
    """
    call = _object(detail, "requestParameters")
    names = {"clusterArn": call.get("cluster"), "taskDefinitionArn": call.get("taskDefinition")}
    _, _, schedule = text(call, "startedBy").partition("/")
    hidden: Record = hide_known_values({**detail, **names, "name": schedule}, ())
    return hidden


def _object(source: "Record", key: str) -> "Record":
    value = source.get(key)
    return value if type(value) is dict else {}


def _add_fields(detail: "Record", record: "Record") -> bool:
    understood = copy_fields(detail, ("eventName", "errorCode", "errorMessage"), record)
    call = _object(detail, "requestParameters")
    return copy_fields(call, ("group", "startedBy"), record) and understood


def _add_names(detail: "Record", record: "Record") -> None:
    call, identity = (_object(detail, key) for key in ("requestParameters", "userIdentity"))
    definition = resource_name(text(call, "taskDefinition"))
    # CloudTrail leaves out the parameters of some calls that were denied.
    cluster = resource_name(text(call, "cluster")) or ("default" if definition else "")
    names = {
        "cluster": cluster,
        "taskDefinition": definition,
        "caller": _caller(identity),
        "invokedBy": text(identity, "invokedBy"),
        "requestId": text(detail, "requestID"),
    }
    record.update({key: masked(name) for key, name in names.items() if name})


def _caller(identity: "Record") -> str:
    """Return the name of the user, or of the role and the session."""
    _, _, resource = text(identity, "arn").rpartition(":")
    kind, _, name = resource.partition("/")
    if kind in ("user", "federated-user"):
        return resource_name(name)
    issuer = _object(_object(identity, "sessionContext"), "sessionIssuer")
    return name or text(identity, "userName") or text(issuer, "userName") or kind


def _add_failures(detail: "Record", record: "Record") -> bool:
    items: Json = _object(detail, "responseElements").get("failures")
    understood = items is None or type(items) is list
    failures = []
    for item in objects(items):
        failure: Record = {}
        understood &= copy_fields(item, _FAILURE_KEYS, failure)
        if failure:
            failures.append(failure)
    if failures:
        record["failures"] = failures[:_MOST_FAILURES]
    return understood


def _add_counts(detail: "Record", record: "Record") -> None:
    """Add how many tasks were asked for, and how many were not made.

    ECS reports a failure for each instance that it considered, not for each task.
    """
    call, answer = (_object(detail, key) for key in ("requestParameters", "responseElements"))
    instances = call.get("containerInstances")
    asked = len(instances) if type(instances) is list else call.get("count", 1)
    if type(asked) is int and 0 < asked <= _MOST_TASKS:
        record["requestedCount"] = asked
        at_least = 1 if "failures" in record else 0
        record["failedCount"] = max(asked - len(objects(answer.get("tasks"))), at_least)


def _add_verdict(detail: "Record", record: "Record") -> None:
    if "failures" not in record and "errorCode" not in record:
        return
    record["level"] = "ERROR"
    record["failed"] = True
    if "errorCode" in record:
        cause, said = _of_error(record["errorCode"].lower(), record.get("errorMessage", "").lower())
    else:
        cause, said = _of_failures(record["failures"])
    record["cause"] = cause.value
    is_unknown = cause is Cause.UNKNOWN
    record["remedy"] = _UNKNOWN_REASON if is_unknown else find_remedy(cause, said)


def _of_error(code: str, message: str) -> tuple[Cause, str]:
    """Return the cause that an error of the call shows, and the text that shows it."""
    said = f"{code} {message}"
    if any(map(code.__contains__, _ERRORS_OF_ECS)):
        return Cause.INTERNAL_ERROR, said
    is_capacity = any(map(message.__contains__, _NO_CAPACITY))
    return Cause.CAPACITY if is_capacity else Cause.REQUEST_REFUSED, said


def _of_failures(failures: "list[Record]") -> tuple[Cause, str]:
    """Return the cause that the failures show, and the reason that shows it.

    There is a failure for each instance. If one is full, that counts more than an agent elsewhere.
    """
    reasons = [each.get("reason", "").lower() for each in failures]
    found = [(_meaning(each)[0], each) for each in reasons]
    return next((each for each in found if each[0] is Cause.CAPACITY), found[0])


def _meaning(reason: str) -> tuple[Cause, str]:
    for beginning, meaning in _FAILURES.items():
        if reason.startswith(beginning):
            return meaning
    return Cause.UNKNOWN, "ECS gives a reason of its own"


def _add_message(detail: "Record", record: "Record") -> bool:
    if "failed" in record:
        why = _error(record) if "errorCode" in record else _reasons(record["failures"])
        record["message"] = f"{_what(record)} could not be started{_where(record)}: {why}"
        return True
    are_made = bool(objects(_object(detail, "responseElements").get("tasks")))
    if are_made:
        record["message"] = f"{_what(record)} started{_where(record)}"
    return are_made


def _error(record: "Record") -> str:
    said = record.get("errorMessage", "").rstrip(".") or "no reason given"
    return f"{said} ({record['errorCode']})"


def _reasons(failures: "list[Record]") -> str:
    """Return what each reason means, with the reason itself: ``… enough CPU (RESOURCE:CPU)``."""
    details: dict[str, str] = {}
    for each in failures:
        details.setdefault(each.get("reason", ""), each.get("detail", ""))
    texts = [
        f"{detail or _meaning(reason.lower())[1]} ({reason or 'no reason given'})"
        for reason, detail in details.items()
    ]
    more = ["other reasons"] if len(texts) > _MOST_REASONS else []
    return ", and ".join(texts[:_MOST_REASONS] + more)


def _what(record: "Record") -> str:
    what = record.get("taskDefinition", "a task")
    asked = record.get("requestedCount", 1)
    if asked == 1:
        return str(what)
    made = asked - record["failedCount"]
    return f"{record['failedCount'] if 'failed' in record else made} of {asked} tasks of {what}"


def _where(record: "Record") -> str:
    """Return the place and the caller: `` in batch by the schedule nightly``."""
    where = f" in {record['cluster']}" if "cluster" in record else ""
    caller, service = record.get("caller", ""), record.get("invokedBy", "")
    who = _SERVICES.get(service, service)
    if who and caller:
        who = f"{who} ({caller})"
    started_by = record.get("startedBy", "")
    if service in _SCHEDULERS and started_by.startswith(_SCHEDULES):
        who = f"the schedule {started_by.partition('/')[2]}"
    who = who or caller
    return f"{where} by {who}" if who else where
