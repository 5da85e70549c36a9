"""Describe calls of RunTask and StartTask that made no task, or fewer than were asked for.

A task that was not made has no events, but CloudTrail reports the call.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/api_failures_messages.html
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
"""

from .cause import Cause
from .errors import add_parts
from .fields import copy_fields, masked, objects, resource_name, text
from .known_values import hide_known_values
from .matching import find_cause
from .reason_patterns import WENT_WRONG
from .remedies import find_remedy

TYPE_CHECKING = False  # like typing.TYPE_CHECKING, without its import cost
if TYPE_CHECKING:
    from .aliases import Json, Part, Record

_FAILURE_KEYS = ("arn", "reason", "detail")
_MOST_REASONS = 3
# The tasks of one call: RunTask makes 10 at most, StartTask one on each of 10 instances.
_MOST_TASKS = 10
# What comes before the name of a schedule in ``startedBy``.
_SCHEDULES = ("events-rule/", "chronos-schedule/")
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
# Parts of the codes of errors that are not the caller's, in lower case.
_ERRORS_OF_ECS = ("server", "internal", "unavailable")
_UNKNOWN_REASON = "Look the reason up in the Amazon ECS documentation of API failure reasons."


def describe(event: "Record", detail: "Record", record: "Record") -> bool:
    """Fill in the record and return whether the fields read have the types that AWS documents."""
    parts: dict[str, Part] = {
        "fields": _add_fields,
        "names": _add_names,
        "failures": _add_failures,
        "counts": _add_counts,
        "cause": _add_verdict,
        "message": _add_message,
    }
    return add_parts(parts, hide_known_values(detail, ()), record)


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
        record["failures"] = failures
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
        record["failedCount"] = max(asked - len(objects(answer.get("tasks"))), 0)


def _add_verdict(detail: "Record", record: "Record") -> None:
    if "failures" not in record and "errorCode" not in record:
        return
    record["level"] = "ERROR"
    record["failed"] = True
    code, message = _code(record).lower(), record.get("errorMessage", "").lower()
    cause = _cause(code, message) if "errorCode" in record else _failure(code)[0]
    record["cause"] = cause.value
    is_unknown = cause is Cause.UNKNOWN
    record["remedy"] = _UNKNOWN_REASON if is_unknown else find_remedy(cause, f"{code} {message}")


def _add_message(detail: "Record", record: "Record") -> None:
    if "failed" not in record:
        record["message"] = f"{_what(record)} started{_where(record)}"
        return
    why = _error(record) if "errorCode" in record else _reasons(record)
    record["message"] = f"{_what(record)} could not be started{_where(record)}: {why}"


def _code(record: "Record") -> str:
    """Return the error code, or the reason of the first failure."""
    if "errorCode" in record:
        return str(record["errorCode"])
    return str(record["failures"][0].get("reason", ""))


def _cause(code: str, message: str) -> Cause:
    """Return the cause that an error of the call shows."""
    if any(map(code.__contains__, _ERRORS_OF_ECS)):
        return Cause.INTERNAL_ERROR
    is_capacity = find_cause(WENT_WRONG, message) is Cause.CAPACITY
    return Cause.CAPACITY if is_capacity else Cause.REQUEST_REFUSED


def _failure(reason: str) -> tuple[Cause, str]:
    for beginning, failure in _FAILURES.items():
        if reason.startswith(beginning):
            return failure
    return Cause.UNKNOWN, "ECS gives a reason of its own"


def _error(record: "Record") -> str:
    said = record.get("errorMessage", "").rstrip(".") or "no reason given"
    return f"{said} ({record['errorCode']})"


def _reasons(record: "Record") -> str:
    """Return what each reason means, with the reason itself: ``… enough CPU (RESOURCE:CPU)``."""
    reasons = dict.fromkeys(
        (each.get("reason", ""), each.get("detail", "")) for each in record["failures"]
    )
    texts = [
        f"{detail or _failure(reason.lower())[1]} ({reason or 'no reason given'})"
        for reason, detail in list(reasons)[:_MOST_REASONS]
    ]
    return ", and ".join(texts)


def _what(record: "Record") -> str:
    what = record.get("taskDefinition", "a task")
    asked = record.get("requestedCount", 1)
    failed = record.get("failedCount", asked)
    return f"{failed or asked} of {asked} tasks of {what}" if asked > 1 else what


def _where(record: "Record") -> str:
    """Return where the call was made and by whom: `` in batch by the schedule nightly``."""
    where = f" in {record['cluster']}" if "cluster" in record else ""
    started_by = record.get("startedBy", "")
    for prefix in _SCHEDULES:
        if started_by.startswith(prefix):
            return f"{where} by the schedule {started_by.removeprefix(prefix)}"
    service = record.get("invokedBy", "")
    who = _SERVICES.get(service, "") or record.get("caller", "") or service
    return f"{where} by {who}" if who else where
