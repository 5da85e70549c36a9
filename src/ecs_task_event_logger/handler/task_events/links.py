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
_LONGEST_URL = 3000  # of a button in Slack

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
    # In chats, these may end a link or format it.
    for character, code in (("~", "$7E"), ("(", "$28"), (")", "$29"), ("'", "$27"), ("*", "$2A")):
        detail = detail.replace(character, code)
    page = f"{_console(region)}/cloudwatch/home?region={_percent(region)}#logsV2:logs-insights"
    url = f"{page}$3FqueryDetail$3D{detail}"
    return url if len(url) <= _LONGEST_URL else page


def console_link(record: "Record") -> str:
    """Return the link to the task, service, daemon or instance in the ECS console."""
    region = record.get("region") or environ.get("AWS_REGION", "")
    page = f"{_console(region)}/ecs/v2/clusters"
    place = f"?region={_percent(region)}"
    path = "".join(f"/{_percent(each)}" for each in _path(record))
    is_short = len(page + path + place) <= _LONGEST_URL
    return page + (path if is_short else "") + place


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
    names = (
        *("taskId", "service", "daemon", "ec2InstanceId", "containerInstanceArn"),
        *("taskDefinition", "cluster"),
    )
    name = next((each for each in names if each in record), "eventId")
    keys = [name]
    if name in (
        "service",
        "daemon",
        "taskDefinition",
        "cluster",
    ):  # other clusters may have one of the same name
        keys = list(dict.fromkeys((name, "cluster", "account", "region")))
    conditions = {key: record[key] for key in keys if key in record}
    wanted = " and ".join(f'{name} = "{_quotable(text)}"' for name, text in conditions.items())
    return f"fields timestamp, level, message, remedy\n| filter {wanted}\n| sort timestamp asc"


def _quotable(text: str) -> str:
    """Return the beginning of a text without what would end a text in a query."""
    return text[:_LONGEST].replace('"', "").replace("\\", "")


def _times(record: "Record") -> tuple[str, str]:
    """Return the times from the creation of the task, or a day before the event, until now.

    The line of an event that was delivered late has a late time.
    """
    try:
        time = datetime.fromisoformat(record["timestamp"])
        total = record.get("durations", {}).get("total", 0)
        begin = time - max(timedelta(seconds=total), _BEFORE)
        return _in_utc(begin), _in_utc(max(time, _now()) + _AFTER)
    except (KeyError, OSError, OverflowError, TypeError, ValueError):
        return "1970-01-01T00:00:00.000Z", "2100-01-01T00:00:00.000Z"


def _now() -> datetime:
    return datetime.now(UTC)


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
