"""Write the sentence that says what happened to a task, for readers who see only that."""

TYPE_CHECKING = False  # like typing.TYPE_CHECKING, without its import cost
if TYPE_CHECKING:
    from .aliases import Record

# What a task does in a status that it only passes through.
_PASSING = {
    "PROVISIONING": "preparing its network",
    "PENDING": "waiting for containers to start",
    "ACTIVATING": "containers run, joining its load balancer",
    "DEACTIVATING": "leaving its load balancer",
    "STOPPING": "waiting for containers to stop",
    "DEPROVISIONING": "containers stopped, releasing its network",
}


def plain(message: str) -> str:
    """Return a message without characters that would break the text or JSON around it.

    EventBridge puts it into notifications unchanged.
    """
    if message.isprintable() and '"' not in message and "\\" not in message:
        return message
    message = message.replace('"', "'").replace("\\", "/")
    return "".join(c if c.isprintable() else " " for c in message)


def task_message(record: "Record") -> str:
    """Return the message of a task's record, whose message so far says only why it stopped."""
    seconds = record.get("durations", {})
    who = record.get("taskDefinition") or f"task {record.get('taskId', 'without an ID')}"
    status = record.get("lastStatus", "in an unknown status")
    if record["message"]:
        return f"{who} {status}{_after(seconds)}: {record['message']}"
    if status == "RUNNING" and "start" in seconds:
        pulled = f", image pull {in_words(seconds['pull'])}" if "pull" in seconds else ""
        return f"{who} RUNNING, started in {in_words(seconds['start'])}{pulled}"
    if status in _PASSING:
        return f"{who} {status}: {_PASSING[status]}"
    return f"{who} {status}{_after(seconds)}"


def _after(seconds: dict[str, float]) -> str:
    duration = seconds.get("run", seconds.get("total"))
    return "" if duration is None else f" after {in_words(duration)}"


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
