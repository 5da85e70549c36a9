"""Add the parts that events about services, daemons and container instances share.

An error in a part costs only that part.
"""

from .errors import add_error
from .fields import copy_fields, masked, resource_name

TYPE_CHECKING = False  # like typing.TYPE_CHECKING, without its import cost
if TYPE_CHECKING:
    from collections.abc import Callable

    from .aliases import Json, Meanings, Record

# ECS's severities. Only events about daemons have WARNING.
_SEVERITIES = {"INFO": "INFO", "WARN": "WARN", "ERROR": "ERROR", "WARNING": "WARN"}


def add_owner(
    kind: str, arns: "tuple[Json, ...]", names: "tuple[Json, ...]", record: "Record"
) -> bool:
    """Add the name of a service or daemon, and of its cluster if the record lacks it.

    The ARNs are ``…:KIND/NAME``, ``…:KIND/CLUSTER/NAME`` or ``…:KIND-OTHER/CLUSTER/NAME/ID``.
    """
    cluster = owner = ""
    try:
        for arn in arns:
            parts = arn.split("/") if type(arn) is str else [""]
            resource_type = parts[0].rpartition(":")[2]
            if resource_type == kind and len(parts) in (2, 3):
                cluster, owner = (parts[1] if len(parts) == 3 else ""), parts[-1]
            elif resource_type.startswith(f"{kind}-") and len(parts) == 4:
                cluster, owner = parts[1], parts[2]
            if owner:
                break
        else:
            owner = next(filter(None, map(resource_name, names)), "")
    except Exception as error:
        return add_error(kind, error, record)
    if cluster and "cluster" not in record:
        record["cluster"] = masked(cluster)
    if owner:
        record[kind] = masked(owner)
    return True


def add_fields(detail: "Record", keys: tuple[str, ...], record: "Record") -> bool:
    """Copy fields to the record and return whether each has the type that ECS documents."""
    try:
        return copy_fields(detail, keys, record)
    except Exception as error:
        return add_error("fields", error, record)


def add_level(detail: "Record", meanings: "Meanings", record: "Record") -> bool:
    """Add the level of a named event and return whether ECS documents the event's severity."""
    try:
        severity = detail.get("eventType", "INFO")
        known = severity is None or (type(severity) is str and severity in _SEVERITIES)
        level, _ = meanings.get(record["eventName"], ("", ""))
        record["level"] = level or (_SEVERITIES[severity] if known and severity else "INFO")
    except Exception as error:
        return add_error("level", error, record)
    return known


def add_message(
    write: "Callable[[Meanings, Record], str]", meanings: "Meanings", record: "Record"
) -> bool:
    """Add the message that a function writes about the record."""
    try:
        record["message"] = write(meanings, record)
    except Exception as error:
        return add_error("message", error, record)
    return True


def phrase(kind: str, meanings: "Meanings", record: "Record") -> str:
    """Return what happened to a service or daemon: ``service web has stopped tasks``."""
    name = record["eventName"]
    _, words = meanings.get(name, ("", f"reports {name}"))
    return f"{kind} {record.get(kind, 'without a name')} {words}"


def with_reason(message: str, reason: str) -> str:
    """Return the message with the reason after a colon, if there is one."""
    return f"{message}: {reason}" if reason else message
