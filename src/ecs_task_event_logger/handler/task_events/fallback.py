"""Log whole events, and events whose record cannot be made or serialized.

Few events need this, so `record` and `main` import it on demand.
"""

from json import dumps, loads

from .errors import add_error
from .fields import masked, resource_arn, resource_name
from .known_values import hide_known_values
from .redaction import redact
from .serialize import to_line, to_record

TYPE_CHECKING = False  # like typing.TYPE_CHECKING, without its import cost
if TYPE_CHECKING:
    from collections.abc import Collection

    from .aliases import Json, Record

# The values of these keys are short, and none can hold a secret.
_SAFE_KEYS = (
    *("timestamp", "level", "message", "detailType", "eventId", "account", "region", "cluster"),
    *("lastStatus", "service", "taskId", "cause", "failed", "handlerErrors"),
)


def add_event(
    event: "Json", understood: bool, unredacted: "Collection[str]", record: "Record"
) -> None:
    """Add an event's detail, redacted, or the whole event if it was not understood."""
    if understood:
        try:
            detail = hide_known_values(event["detail"], unredacted)
            record["detail"] = redact(detail, unredacted)
            return
        except Exception as error:
            add_error("detail", error, record)
    if record["level"] == "INFO":
        record["level"] = "WARN"
    record["message"] = record["message"] or "This event could not be parsed: see unparsed"
    for key in ("detail", "unparsed"):
        record.pop(key, None)
    if "handlerErrors" in record:
        record["handlerErrors"] = record.pop("handlerErrors")
    record["unparsed"] = redact(hide_known_values(event, unredacted), unredacted)


def name_event(event: "Record", detail: "Record", record: "Record") -> None:
    """Say the type, name and resource of an event whose type is not known."""
    facts = (event.get("detail-type"), detail.get("eventName"), resource_name(resource_arn(event)))
    named = ", ".join(masked(each) for each in facts if type(each) is str and each)
    record["message"] = f"{named}: an event of a type that is not known, see unparsed"
    if "detailType" in record:
        record["detailType"] = masked(record["detailType"])


def log_anyway(
    part: str, error: Exception, event: "Json", unredacted: "Collection[str]", record: "Record"
) -> "tuple[str, Record]":
    """Return a line that names the part that raised, and the record in that line."""
    record = record or {"level": "WARN", "message": ""}
    add_error(part, error, record)
    try:
        add_event(event, False, unredacted, record)
        line = to_line(record)
        return line, to_record(line)
    except Exception as another:
        record = {key: record[key] for key in _SAFE_KEYS if key in record}
        add_error("line", another, record)
        # ASCII in the line, and no lone surrogates in the record: see serialize.py.
        return dumps(record), loads(dumps(record, ensure_ascii=False).encode(errors="replace"))
