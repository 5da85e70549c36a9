"""Make the record of an ECS event: the contract with everyone who reads the log.

Values copied from the event keep ECS's own names and spelling. A key without a value is left out.
If an event is not as ECS documents it, all of it is added under ``unparsed``.
"""

from .errors import add_error
from .fields import masked, resource_arn, resource_name
from .message import plain
from .modules import load
from .task import describe as describe_task

TYPE_CHECKING = False  # like typing.TYPE_CHECKING, without its import cost
if TYPE_CHECKING:
    from collections.abc import Collection

    from .aliases import Json, Record

# The keys of every record. Only EventBridge writes their values, except for the type. A test event
# in the console, or a replayed one, may lack the fields.
_HEAD = {
    "timestamp": "time",
    "detailType": "detail-type",
    "eventId": "id",
    "account": "account",
    "region": "region",
}
# Longer than anything that ECS writes here, so that a broken event cannot fill a line.
_LONGEST = 1000


def make_record(event: "Json", full: bool = False, unredacted: "Collection[str]" = ()) -> "Record":
    """Return the record of an event, with its keys in the contract's order and none empty.

    Args:
        event: The event, as EventBridge delivers it to the function.
        full: Whether to add the whole detail, redacted.
        unredacted: Names of environment variables whose values may be logged.
    """
    record: Record = {"timestamp": "", "level": "INFO", "message": ""}
    try:
        understood = _describe(event, unredacted, record)
        if unredacted and "lastStatus" in record:
            load("environment").add_environment(event["detail"], unredacted, record)
        record["message"] = plain(record["message"][:_LONGEST])
        if "eventId" not in record and record["message"]:
            record["message"] += " (this event has no ID)"
    except Exception as error:
        understood = add_error("record", error, record)
    if not record["timestamp"]:
        del record["timestamp"]
    if full or not understood:
        try:
            from .fallback import add_event

            add_event(event, understood, unredacted, record)
        except Exception as error:
            add_error("unparsed", error, record)
    return record


def _describe(event: "Json", unredacted: "Collection[str]", record: "Record") -> bool:
    """Fill in the record and return whether all of the event is as ECS documents it."""
    if type(event) is not dict:
        return False
    detail: Json = event.get("detail")
    has_detail = type(detail) is dict
    try:
        understood = _add_head(event, detail if has_detail else {}, record)
    except Exception as error:
        understood = add_error("head", error, record)
    if not has_detail:
        return False
    kind = event.get("detail-type")
    if kind == "ECS Task State Change":
        if "taskArn" not in detail or detail["taskArn"] is None:
            detail = {**detail, "taskArn": resource_arn(event)}
        return describe_task(_hide_overrides(detail, unredacted), record) and understood
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_cwe_events.html
    if kind in ("ECS Service Action", "ECS Deployment State Change", "ECS Hook State Change"):
        from .services import describe
    elif kind in ("ECS Daemon Service Action", "ECS Daemon Deployment State Change"):
        from .daemons import describe
    elif kind in ("ECS Container Instance State Change", "ECS Container Instance Health Change"):
        from .container_instances import describe
    elif kind == "AWS API Call via CloudTrail":
        from .run_task import describe
    else:
        from .fallback import name_event

        name_event(event, detail, record)
        return False
    return describe(event, detail, record) and understood


def _hide_overrides(detail: "Record", unredacted: "Collection[str]") -> "Record":
    """Return the detail of a task without the values of its overrides in its texts."""
    try:
        for container in detail["overrides"]["containerOverrides"]:
            if len(container) > 1:  # more than its name
                detail = load("overrides").hide_overrides(detail, unredacted)
                break
    except (LookupError, TypeError):
        if detail.get("overrides"):
            detail = load("overrides").hide_overrides(detail, unredacted)
    return detail


def _add_head(event: "Record", detail: "Record", record: "Record") -> bool:
    understood = True
    for key, field in _HEAD.items():
        value = event.get(field)
        if type(value) is str and len(value) <= _LONGEST:
            if value:
                record[key] = value
        elif value is not None:
            understood = False
    arn = detail.get("clusterArn")
    cluster = resource_name(arn) or _cluster_in(resource_arn(event))
    if cluster:
        record["cluster"] = masked(cluster)
    return understood and (arn is None or type(arn) is str)


def _cluster_in(arn: str) -> str:
    """Return the cluster's name in an ARN of the long format, ``…/CLUSTER/NAME``."""
    parts = arn.split("/")
    return parts[1] if len(parts) == 3 else ""
