"""Write the sentence that says what happened to a task, for readers who see only that."""

from .fields import objects

TYPE_CHECKING = False  # like typing.TYPE_CHECKING, without its import cost
if TYPE_CHECKING:
    from .aliases import Record

# What a task does in a status that it only passes through.
_PASSING = {
    "PROVISIONING": "preparing its network",
    "PENDING": "waiting for containers to start",
    "ACTIVATING": "joining its load balancer",
}
_STOPPING = {
    "DEACTIVATING": "leaving its load balancer",
    "STOPPING": "waiting for containers to stop",
    "DEPROVISIONING": "releasing its network",
}
# Causes that end a running container, and those that mostly do.
_ENDS_A_RUN = """
APPLICATION_ERROR SIGNAL CONTAINER_HEALTH_CHECK LOAD_BALANCER_HEALTH_CHECK
""".split()  # noqa: SIM905
_FROM_OUTSIDE = """
SCHEDULER_STOPPED USER_STOPPED SPOT_INTERRUPTION HOST_FAILURE MAINTENANCE
""".split()  # noqa: SIM905


def plain(message: str) -> str:
    """Return a message without characters that would break the text or JSON around it.

    EventBridge puts it into notifications unchanged.
    """
    is_plain = not ('"' in message or "\\" in message or "<" in message or ">" in message)
    if is_plain and message.isprintable():
        return message
    # Slack reads mentions and links in angle brackets.
    message = message.translate(str.maketrans('"\\<>', "'/()"))
    return "".join(c if c.isprintable() else " " for c in message)


def has_run(detail: "Record", record: "Record") -> bool:
    """Return whether a container of a stopped task ran, as far as the event shows."""
    cause = record.get("cause")
    if detail.get("startedAt") or cause in _ENDS_A_RUN:
        return True
    if detail.get("stopCode") == "TaskFailedToStart":
        return False
    if cause in _FROM_OUTSIDE and not detail.get("createdAt"):
        return True  # The event is cut short.
    return any(type(each.get("exitCode")) is int for each in objects(detail.get("containers")))


def add_message(detail: "Record", record: "Record") -> None:
    """Complete the message of a task's record, which so far says only why it stopped."""
    seconds = record.get("durations", {})
    who = record.get("taskDefinition") or f"task {record.get('taskId', 'without an ID')}"
    status = record.get("lastStatus", "in an unknown status")
    what, why = status, record["message"] or _PASSING.get(status, "")
    if status == "STOPPED":
        what = _stopped(seconds, has_run(detail, record))
    elif status in _STOPPING or record.get("desiredStatus") == "STOPPED":
        what, why = "is being stopped", record["message"] or _STOPPING.get(status, "")
    elif status == "RUNNING" and "start" in seconds:
        what = f"RUNNING, started in {in_words(seconds['start'])}"
        if "pull" in seconds:
            what += f", image pull {in_words(seconds['pull'])}"
    if why[:8] == "stopped " and what[:5] != "never":
        why, what = "", f"{what} {why[8:]}"  # Not "is being stopped: stopped on request".
    record["message"] = f"{who} {what}: {why}" if why else f"{who} {what}"


def _stopped(seconds: dict[str, float], was_started: bool) -> str:
    if was_started:
        return f"STOPPED after {in_words(seconds['run'])}" if "run" in seconds else "STOPPED"
    if "total" not in seconds:
        return "never started"
    return f"never started, stopped {in_words(seconds['total'])} after it was created"


def in_words(seconds: float) -> str:
    """Return a duration as people write it: ``0.4s``, ``54s``, ``2m 3s``, ``1h 0m``, ``3d 4h``."""
    if seconds < 10:
        return f"{seconds:g}s"
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return f"{rest}s"
    hours, minutes = divmod(minutes, 60)
    if not hours:
        return f"{minutes}m {rest}s"
    days, hours = divmod(hours, 24)
    return f"{days}d {hours}h" if days else f"{hours}h {minutes}m"
