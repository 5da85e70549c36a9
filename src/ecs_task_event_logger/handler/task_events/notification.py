"""Add what messages about a record say beyond it: a title, what to do, and links.

Only loggers with notifications need this, so `main` imports it on demand. The line has none of it.
"""

from os import environ
from re import compile as compile_pattern

from .cause import Cause
from .errors import add_error
from .fields import resource_name
from .links import console_link, lines_link
from .matching import find_cause
from .message import plain
from .reason_patterns import WENT_WRONG
from .remedies import find_remedy

TYPE_CHECKING = False  # like typing.TYPE_CHECKING, without its import cost
if TYPE_CHECKING:
    from .aliases import Record

_TASK = "ECS Task State Change"
_CALL = "AWS API Call via CloudTrail"
# The kind of what an event is about, and what a failure is called.
_KINDS = {
    _TASK: ("Task", "Task failed"),
    _CALL: ("Cluster", "Task not started"),
    "ECS Service Action": ("Service", "Service impaired"),
    "ECS Deployment State Change": ("Service", "Deployment failed"),
    "ECS Hook State Change": ("Service", "Deployment hook failed"),
    "ECS Container Instance State Change": ("Container instance", "Instance could not join"),
    "ECS Container Instance Health Change": ("Container instance", "Instance impaired"),
    "ECS Daemon Deployment State Change": ("Daemon", "Daemon deployment failed"),
    "ECS Daemon Service Action": ("Daemon", "Daemon impaired"),
}
_TITLES = {
    "SERVICE_TASK_PLACEMENT_FAILURE": "Task not placed",
    "SERVICE_TASK_START_IMPAIRED": "Tasks do not start",
    "SERVICE_TASK_CONFIGURATION_FAILURE": "Task not configured",
    "SERVICE_DEPLOYMENT_FAILED": "Deployment failed",
    "DAEMON_DEPLOYMENT_ROLLBACK_FAILED": "Daemon rollback failed",
}
_DEPLOYMENT = "Look at the tasks that the deployment started, and at its alarms and hooks."
_DAEMON = "Look at the tasks of the daemon, and why they failed."
# By the name of the event, or else by its type.
_REMEDIES = {
    "SERVICE_TASK_START_IMPAIRED": "Look at the service's last stopped tasks, and why each failed.",
    "SERVICE_TASK_CONFIGURATION_FAILURE": "Check the service's network configuration and roles, "
    "and the account settings for ECS.",
    "SERVICE_DAEMON_PLACEMENT_CONSTRAINT_VIOLATED": "Check the placement constraints of the task "
    "definition, and the attributes of the instance.",
    "SERVICE_DEPLOYMENT_FAILED": _DEPLOYMENT,
    "ECS Deployment State Change": _DEPLOYMENT,
    "ECS Hook State Change": "Look at the logs of the hook's function.",
    "ECS Container Instance Health Change": "Drain and replace the instance if it stays impaired.",
    "ECS Daemon Deployment State Change": _DAEMON,
    "ECS Daemon Service Action": _DAEMON,
}
_NOT_PLACED = "Read the reason: more capacity helps only if it says so."
_PAUSE = "Continue the deployment or roll it back, or give the hook more time."
_AGENT = "Check the instance, its role, its route to ECS, and the log of its agent."
_TRUNKING = (
    "Check ENI trunking: the instance type, the subnet, and the quota of network interfaces."
)
_READ_LINES = "Read its lines in the log."
_NO_ACTION = "Nothing has to be done."
_UNKNOWN = "unknown"
# What chats make links of. A space before the last character prevents that.
_LINK = compile_pattern(r"(?i)(://|\]\(|www\.|mailto:)")
# Slack accepts headers of 150 characters. The name of the environment comes before the title.
_LONGEST = {
    "title": 100,
    "message": 1000,
    "remedy": 1000,
    **dict.fromkeys(("kind", "name", "cluster", "account", "region", "time"), 255),
}
_HAS_LOG_LINES = "CONTAINER_LOG_GROUPS" in environ
# How many of a container's last log lines messages show.
_LOG_LINES = 3
_LONGEST_LOG_LINE = 300
_NO_LOG = "no container log"
_FALLBACK = {
    **dict.fromkeys(_LONGEST, _UNKNOWN),
    "title": "ECS event",
    "remedy": _READ_LINES,
    **dict.fromkeys(("linesUrl", "consoleUrl"), "https://console.aws.amazon.com/"),
}
_FALLBACK_LINES = dict.fromkeys(("logLines", "logLine1", "logLine2", "logLine3"), _NO_LOG)


def add_notification(record: "Record", log_group: str) -> None:
    """Add what messages say beyond the record, unless no notification can be about it.

    The line is written already. An exception would make Lambda invoke the function again.
    """
    if record["level"] == "INFO" and record.get("lastStatus") != "STOPPED":
        return
    try:
        notification = _notification(record, log_group)
        if _HAS_LOG_LINES:
            notification.update(_log_lines(record))
        record["notification"] = notification
    except Exception as error:
        add_error("notification", error, record)
        # An empty message would be refused by the chats, and lost.
        lines = _FALLBACK_LINES if _HAS_LOG_LINES else {}
        record["notification"] = {**_FALLBACK, **lines, "message": plain(record["message"])}


def _notification(record: "Record", log_group: str) -> "Record":
    """Return texts that are safe in chats, none of them empty, and links."""
    kind, name = _owner(record)
    subject = " / ".join(filter(None, (record.get("cluster", ""), name))) or _UNKNOWN
    texts = {
        "title": f"{_title(record)}: {subject}",
        "message": record["message"].rstrip(". "),  # a period follows
        "remedy": _remedy(record),
        "kind": kind,
        "name": name,
        **{key: record.get(key, "") for key in ("cluster", "account", "region")},
        "time": record.get("timestamp", ""),
    }
    return {
        **{key: _safe(text, _LONGEST[key]) or _UNKNOWN for key, text in texts.items()},
        "linesUrl": lines_link(record, log_group),
        "consoleUrl": console_link(record),
    }


def _log_lines(record: "Record") -> "Record":
    """Return the last lines of a container's log, or why there are none.

    Together, and one by one for code blocks: a backtick could end one.
    """
    tail = record.get("logTail") or [record.get("logTailError", _NO_LOG)]
    lines = [_safe(each, _LONGEST_LOG_LINE).replace("`", "'") for each in tail[-_LOG_LINES:]]
    blank = [" "] * (_LOG_LINES - len(lines))
    return {
        "logLines": " / ".join(lines),
        **{f"logLine{number}": line for number, line in enumerate(lines + blank, 1)},
    }


def _title(record: "Record") -> str:
    detail_type = record.get("detailType", _TASK)
    if record["level"] == "ERROR":
        _, title = _KINDS.get(detail_type, ("", "ECS failure"))
        return _TITLES.get(record.get("eventName", ""), title)
    if detail_type == _TASK:
        return "Task stopped"
    return "Agent disconnected" if record.get("agentConnected") is False else "ECS warning"


def _remedy(record: "Record") -> str:
    if "remedy" in record:
        return str(record["remedy"])
    if record["level"] == "INFO":
        return _NO_ACTION
    if record.get("hookType") == "PAUSE":
        return _PAUSE
    if "agentConnected" in record:
        return _TRUNKING if record["level"] == "ERROR" else _AGENT
    if _is_not_placed(record):
        return _placement_remedy(record.get("reason", "").lower())
    by_type = _REMEDIES.get(record.get("detailType", ""), _READ_LINES)
    return _REMEDIES.get(record.get("eventName", ""), by_type)


def _placement_remedy(reason: str) -> str:
    cause = find_cause(WENT_WRONG, reason)
    remedy = find_remedy(cause or Cause.CAPACITY, reason)
    is_unknown = reason and not cause and remedy == find_remedy(Cause.CAPACITY, "")
    return _NOT_PLACED if is_unknown else remedy


def _is_not_placed(record: "Record") -> bool:
    by_service = record.get("eventName") == "SERVICE_TASK_PLACEMENT_FAILURE"
    return by_service or record.get("failureType") == "TASK_CREATION_FAILED"


def _owner(record: "Record") -> tuple[str, str]:
    """Return what a record is about: its kind, and its name."""
    for key, kind in (("service", "Service"), ("daemon", "Daemon")):
        if key in record:
            return kind, record[key]
    if "taskDefinition" in record:
        return "Task family", record["taskDefinition"].partition(":")[0]
    if "taskId" in record:
        return "Task", record["taskId"]
    kind, _ = _KINDS.get(record.get("detailType", ""), ("Resource", ""))
    instance = record.get("ec2InstanceId") or resource_name(record.get("containerInstanceArn"))
    return kind, instance


def _safe(text: str, length: int) -> str:
    """Return the beginning of a text, without what could break a message or be a link."""
    text = _LINK.sub(lambda match: f"{match[0][:-1]} {match[0][-1]}", plain(text))
    return text if len(text) <= length else f"{text[: length - 1]}…"
