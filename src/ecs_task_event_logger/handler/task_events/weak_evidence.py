"""Find the cause of a stop that no text, exit code or health check explains."""

from .attachments import failed_attachments
from .cause import Cause
from .fields import text
from .stop import Container, Stop

TYPE_CHECKING = False  # like typing.TYPE_CHECKING, without its import cost
if TYPE_CHECKING:
    from .aliases import Record
    from .stop import Finding


def by_attachment(stop: Stop) -> "Finding | None":
    """Return the cause if a network interface or a volume could not be attached."""
    for each in failed_attachments(stop.detail):
        kind = text(each, "type").lower()
        is_storage = any(word in kind for word in ("storage", "ebs", "volume"))
        words = f"{kind}: {text(each, 'reason').lower()}"
        return (Cause.STORAGE if is_storage else Cause.NETWORK), words, None
    return None


def without_evidence(stop: Stop, suspects: list[Container]) -> "Finding | None":
    """Return the cause if no text and no exit code shows it: None before STOPPED."""
    if stop.detail.get("lastStatus") != "STOPPED":
        return None
    if stop.code == "TaskFailedToStart" and stop.reason:
        return Cause.RESOURCE_INITIALIZATION, stop.reason, None
    if stop.has_exited and all(each.exit_code is None for each in suspects):
        return Cause.APPLICATION_ERROR, stop.reason, None
    return Cause.UNKNOWN, stop.reason, None


def say_what_is_known(detail: "Record", record: "Record") -> str:
    """Return what the event shows of a task that failed to start, where ECS gives no reason."""
    if "attachments" in record:
        failed = record["attachments"][0]
        why = failed.get("reason", "ECS gives no reason")
        return f"attachment {failed.get('type', '')} failed: {why}"
    facts = ["ECS gives no reason"]
    if detail.get("connectivity") == "DISCONNECTED":
        facts.append("the agent is disconnected")
    if detail.get("launchType") == "EC2" and not detail.get("containerInstanceArn"):
        facts.append("it was never placed on an instance")
    elif not detail.get("pullStartedAt"):
        facts.append("no image pull began")
    return ", ".join(facts)
