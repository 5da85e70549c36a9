"""Tell from exit codes and health checks what ended a task whose texts do not say it."""

from .cause import Cause
from .stop import Container, Stop, is_windows_crash

TYPE_CHECKING = False  # like typing.TYPE_CHECKING, without its import cost
if TYPE_CHECKING:
    from .stop import Finding

# A DLL is missing or cannot be loaded.
_WITHOUT_DLL = (0xC0000135, 0xC0000139, 0xC0000142)


def by_exit(stop: Stop, suspects: list[Container]) -> "Finding | None":
    """Return the cause that the exit codes show."""
    crashed = [each for each in suspects if stop.has_crashed(each)]
    if crashed:
        culprit = min(crashed, key=lambda c: (c.suspicion, c not in stop.main))
        if culprit.suspicion and culprit.is_unhealthy:
            return by_health([culprit])  # ECS killed it.
        return _cause_of_exit(culprit.exit_code or 0), f"exit code {culprit.exit_code}", culprit
    if stop.is_done:
        return Cause.COMPLETED, "", None
    stopped = [each for each in stop.main if each.exit_code]
    if not stopped:
        return None
    from .told_to_stop import by_signal

    return by_health(suspects) or by_signal(stop, stopped)


def _cause_of_exit(code: int) -> Cause:
    if code in _WITHOUT_DLL:
        return Cause.CONTAINER_START
    is_signal = 128 < code <= 128 + 64 or is_windows_crash(code)
    return Cause.SIGNAL if is_signal else Cause.APPLICATION_ERROR


def by_health(suspects: list[Container]) -> "Finding | None":
    """Return the first container that failed its health check, as the cause."""
    for each in suspects:
        if each.is_unhealthy:
            return Cause.CONTAINER_HEALTH_CHECK, "", each
    return None
