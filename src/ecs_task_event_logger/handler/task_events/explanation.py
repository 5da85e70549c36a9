"""Explain why a task stopped, in words that help without the event."""

from .cause import Cause
from .fields import masked, text
from .message import has_run
from .stop import KILLED, TERMINATED

TYPE_CHECKING = False  # like typing.TYPE_CHECKING, without its import cost
if TYPE_CHECKING:
    from .aliases import Record
    from .stop import Container, Stop

# Causes for which an exit code is evidence. For others it is only a consequence.
_WITH_EXIT_CODE = (
    *(Cause.APPLICATION_ERROR, Cause.SIGNAL, Cause.OUT_OF_MEMORY, Cause.OUT_OF_DISK),
    *(Cause.CONTAINER_START, Cause.CONTAINER_HEALTH_CHECK, Cause.DEPENDENCY_FAILED, Cause.UNKNOWN),
)
# Causes that may hide the exit of another container.
_BESIDE_OTHERS = (Cause.APPLICATION_ERROR, Cause.OUT_OF_MEMORY)
# Causes for which an event may have no text.
_UNEXPLAINED = (Cause.RESOURCE_INITIALIZATION, Cause.UNKNOWN)
# Sentences of ECS that give no reason, or none that the cause does not give.
_NO_REASON = """\

essential container in task exited
task failed to start
taskfailedtostart
outofmemoryerror
outofmemoryerror: container killed due to memory usage
task failed container health checks
""".splitlines()


def explain(cause: Cause, stop: "Stop", culprit: "Container | None", record: "Record") -> str:
    """Return why a task stopped: the cause, the container, and the decisive words of ECS."""
    if cause is Cause.COMPLETED or (culprit and culprit.exit_code == 0 and cause is Cause.SIGNAL):
        from .told_to_stop import explain_exits

        return explain_exits(stop, culprit)
    container = culprit.detail if culprit else {}
    why = cause.phrase
    if cause is Cause.IMAGE_PULL and type(container.get("image")) is str:
        why = f"pull of image {masked(container['image'])} failed"
    elif culprit and cause is Cause.SIGNAL and (culprit.exit_code or 0) > 255:
        # Windows has no signals.
        why = "ended" if culprit.exit_code in TERMINATED else "crashed"
    if "culprit" in record:
        why += f" in container {record['culprit']}"
    facts = [_exit_code(stop, record)] if cause in _WITH_EXIT_CODE else []
    if cause is Cause.OUT_OF_MEMORY:
        limit = container.get("memory") or stop.detail.get("memory")
        facts.append(f"limit {limit} MiB" if str(limit).isdigit() else "")
    if culprit and cause is Cause.SIGNAL and culprit.exit_code == KILLED:
        from .told_to_stop import explain_kill

        facts.append(explain_kill(stop))
    if any(facts):
        why += f" ({'; '.join(filter(None, facts))})"
    words = _words(cause, stop, container, record)
    why = f"{why}: {words}" if words else why
    return why + _others(stop, culprit) if cause in _BESIDE_OTHERS else why


def _others(stop: "Stop", culprit: "Container | None") -> str:
    """Return the other main containers that exited with an error: any of them ends a task."""
    others = [
        f"; container {masked(text(each.detail, 'name'))} exited with {each.exit_code}"
        for each in stop.containers
        if each.exit_code and not each.suspicion and each is not culprit and each in stop.main
    ]
    return "".join(others[:2]) if culprit else ""


def _exit_code(stop: "Stop", record: "Record") -> str:
    code = record.get("exitCode")
    if code is None:
        is_unknown = record["cause"] == "APPLICATION_ERROR" and "exit code" not in stop.reason
        return "exit code unknown" if is_unknown else ""
    if 0 <= code < 125 or record["cause"] == "OUT_OF_MEMORY":
        return f"exit code {code}"
    from .exit_codes import name_exit_code

    return f"exit code {name_exit_code(code)}"


def _words(cause: Cause, stop: "Stop", container: "Record", record: "Record") -> str:
    """Return the decisive words of ECS or of the user, and what the event shows if that helps."""
    words = _quoted(cause, stop, container)
    failed = cause in (Cause.NETWORK, Cause.STORAGE) and record.get("attachments")
    if words:
        is_enough = not failed or failed[0].get("reason", words) in words
    else:
        is_enough = not failed and (cause not in _UNEXPLAINED or has_run(stop.detail, record))
    if is_enough:
        return words
    from .weak_evidence import say_what_is_known

    return "; ".join(filter(None, (words, say_what_is_known(stop.detail, record))))


def _quoted(cause: Cause, stop: "Stop", container: "Record") -> str:
    """Return the first text of the event that gives a reason, as a quotation."""
    texts = [container.get("reason"), stop.detail.get("stoppedReason")]
    if cause is Cause.UNKNOWN:
        texts += [each.detail.get("reason") for each in stop.containers]
    for reason in texts:
        if type(reason) is not str or reason.strip(" :.").lower() in _NO_REASON:
            continue
        from .excerpts import quote, quote_user

        return quote_user(reason) if cause is Cause.USER_STOPPED else quote(cause, reason)
    return ""
