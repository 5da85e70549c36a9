"""One sentence that says what happened, for a person who sees nothing else of the record."""

TYPE_CHECKING = False  # as in typing, which is not imported for its cost
if TYPE_CHECKING:
    from typing import Any

    from .cause import Cause

# What a task does in a status that it only passes through.
_PASSING = {
    "PROVISIONING": "preparing its network",
    "PENDING": "waiting for containers to start",
    "ACTIVATING": "containers run, joining its load balancer",
    "DEACTIVATING": "leaving its load balancer",
    "STOPPING": "waiting for containers to stop",
    "DEPROVISIONING": "containers stopped, releasing its network",
}

# As much of a reason in other people's words as a sentence can bear.
_EXCERPT = 200

# Signals 1 to 15, in order.
_SIGNALS = (
    *("HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE"),
    *("KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM"),
)


def plain(message: str) -> str:
    """Return a sentence without what would break the text or JSON that it is put into.

    EventBridge puts it into notifications as it is.
    """
    if message.isprintable() and '"' not in message and "\\" not in message:
        return message
    message = message.replace('"', "'").replace("\\", "/")
    return "".join(c if c.isprintable() else " " for c in message)


def task_message(record: "dict[str, Any]", cause: "Cause | None") -> str:
    """Return the sentence for a task, from the rest of its record and why the task stopped."""
    spans = record.get("durations", {})
    who = record.get("taskDefinition") or f"task {record.get('taskId', 'without an ID')}"
    status = record.get("lastStatus", "in an unknown status")
    if cause is not None:
        return f"{who} {status}{_after(spans)}: {_why(record, cause)}"
    if status == "RUNNING" and "start" in spans:
        pulled = f", image pull {in_words(spans['pull'])}" if "pull" in spans else ""
        return f"{who} RUNNING, started in {in_words(spans['start'])}{pulled}"
    if status in _PASSING:
        return f"{who} {status}: {_PASSING[status]}"
    return f"{who} {status}{_after(spans)}"


def _after(spans: dict[str, float]) -> str:
    span = spans.get("run", spans.get("total"))
    return "" if span is None else f" after {in_words(span)}"


def _why(record: "dict[str, Any]", cause: "Cause") -> str:
    why = cause.phrase
    if cause.value == "UNKNOWN" and "stoppedReason" in record:
        why = f"{why}: {record['stoppedReason'][:_EXCERPT]}"
    if cause.value == "APPLICATION_ERROR" and "exitCode" not in record:
        why = "an essential container exited, its exit code is unknown"
    if "culprit" in record:
        why += f" in container {record['culprit']}"
    if "exitCode" in record:
        why += f" (exit code {_exit_code(record['exitCode'])})"
    return why


def _exit_code(code: int) -> str:
    signal = code - 128
    return f"{code}, SIG{_SIGNALS[signal - 1]}" if 0 < signal <= len(_SIGNALS) else str(code)


def in_words(seconds: float) -> str:
    """Return a span as a person writes it: ``0.4s``, ``54s``, ``2m 3s``, ``1h 0m``, ``3d 4h``."""
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
