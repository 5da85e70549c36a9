"""Links into the AWS console: to the lines of a task or service, and to the resource in ECS."""

from datetime import UTC, datetime, timedelta
from os import environ

from .fields import resource_name

TYPE_CHECKING = False  # like typing.TYPE_CHECKING, without its import cost
if TYPE_CHECKING:
    from .aliases import Record

# By the beginning of the region's name. All other regions are in the partition "aws".
_CONSOLES = {
    "cn-": "console.amazonaws.cn",
    "us-gov-": "console.amazonaws-us-gov.com",
    "eusc-": "console.amazonaws-eusc.eu",
    "us-iso-": "console.c2shome.ic.gov",
    "us-isob-": "console.sc2shome.sgov.gov",
    "us-isof-": "console.csphome.hci.ic.gov",
    "eu-isoe-": "console.csphome.adc-e.uk",
}
_SAFE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")
_LONGEST = 255

# How far the lines may be away from the event.
_BEFORE = timedelta(days=1)
_AFTER = timedelta(hours=1)


def lines_link(record: "Record", log_group: str) -> str:
    """Return the link to CloudWatch Logs Insights with the query for the lines around a record.

    The console writes such links itself: an object as https://github.com/Sage/jsurl writes it, with
    ``*`` for ``%`` inside of texts and ``$`` for ``%`` outside.
    """
    region = environ.get("AWS_REGION", "")  # of the log group
    begin, end = _times(record)
    query = {
        "end": f"'{_hex(end)}",
        "start": f"'{_hex(begin)}",
        "timeType": "'ABSOLUTE",
        "tz": "'UTC",
        "editorString": f"'{_hex(_query(record))}",
        "source": f"(~'{_hex(log_group)})",
    }
    detail = f"~({'~'.join(f'{key}~{value}' for key, value in query.items())})"
    for character, code in (("~", "$7E"), ("(", "$28"), (")", "$29"), ("'", "$27")):
        detail = detail.replace(character, code)
    fragment = f"logsV2:logs-insights$3FqueryDetail$3D{detail}"
    return f"{_console(region)}/cloudwatch/home?region={_percent(region)}#{fragment}"


def console_link(record: "Record") -> str:
    """Return the link to the task, service, daemon or instance in the ECS console."""
    region = record.get("region") or environ.get("AWS_REGION", "")
    path = "/".join(map(_percent, _path(record)))
    return f"{_console(region)}/ecs/v2/clusters{path and '/' + path}?region={_percent(region)}"


def _console(region: str) -> str:
    domain = next(
        (each for start, each in _CONSOLES.items() if region.startswith(start)),
        "console.aws.amazon.com",
    )
    return f"https://{_percent(region)}.{domain}" if region else f"https://{domain}"


def _path(record: "Record") -> list[str]:
    """Return the path below the page of all clusters."""
    cluster = record.get("cluster")
    if not cluster:
        return []
    if "taskId" in record:
        return [cluster, "tasks", record["taskId"], "configuration"]
    if "service" in record:
        is_deployment = record.get("detailType") != "ECS Service Action"
        page = "deployments" if is_deployment else "health"
        return [cluster, "services", record["service"], page]
    instance = resource_name(record.get("containerInstanceArn"))
    if instance:
        return [cluster, "infrastructure", "container-instances", instance]
    return [cluster]


def _query(record: "Record") -> str:
    """Return the query for the lines of the same task, service, daemon or instance."""
    keys = ("taskId", "service", "daemon", "ec2InstanceId", "containerInstanceArn", "cluster")
    key = next((each for each in keys if each in record), "eventId")
    conditions = {key: record.get(key, "")}
    if key in ("service", "daemon") and "cluster" in record:
        conditions["cluster"] = record["cluster"]
    wanted = " and ".join(f'{name} = "{_quotable(text)}"' for name, text in conditions.items())
    return f"fields timestamp, level, message, remedy\n| filter {wanted}\n| sort timestamp asc"


def _quotable(text: str) -> str:
    """Return the beginning of a text without what would end a text in a query."""
    return text[:_LONGEST].replace('"', "").replace("\\", "")


def _times(record: "Record") -> tuple[str, str]:
    """Return the times from the creation of the task, or a day before the event, until after it."""
    try:
        time = datetime.fromisoformat(record["timestamp"])
        total = record.get("durations", {}).get("total", 0)
        begin = time - max(timedelta(seconds=total), _BEFORE)
        return _in_utc(begin), _in_utc(time + _AFTER)
    except (KeyError, OSError, OverflowError, ValueError):
        return "1970-01-01T00:00:00.000Z", "2100-01-01T00:00:00.000Z"


def _in_utc(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%S.000Z}"


def _hex(text: str) -> str:
    """Return a text in which ``*`` and two digits stand for each byte that is not safe."""
    return _encoded(text, "*")


def _percent(text: str) -> str:
    return _encoded(text[:_LONGEST], "%")


def _encoded(text: str, mark: str) -> str:
    return "".join(
        each
        if each in _SAFE
        else "".join(f"{mark}{byte:02x}" for byte in each.encode(errors="replace"))
        for each in text
    )
