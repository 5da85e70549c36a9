"""Tell what a container that exited with 0 brought about: the end of the work, or of the others."""

from .cause import Cause
from .exit_codes import name_exit_code
from .fields import text
from .reason_patterns import TROUBLE
from .stop import Container, Stop

TYPE_CHECKING = False  # like typing.TYPE_CHECKING, without its import cost
if TYPE_CHECKING:
    from .stop import Finding


def by_signal(stop: Stop, stopped: list[Container]) -> "Finding":
    """Return who told the main containers to stop: a user, or a helper that exited with 0."""
    if stop.reason and not stop.code and not any(word in stop.reason for word in TROUBLE):
        return Cause.USER_STOPPED, stop.reason, None
    return Cause.SIGNAL, f"exit code {stopped[0].exit_code}", (_ended_helpers(stop) or stopped)[0]


def _ended_helpers(stop: Stop) -> list[Container]:
    """Return the helpers that exited with 0, but not those that only prepare others."""
    ended = [each for each in stop.containers if each.exit_code == 0 and each not in stop.main]
    if ended:
        from .helpers import is_init_container

        ended = [each for each in ended if not is_init_container(each.name)]
    return ended


def explain_exits(stop: Stop, culprit: Container | None) -> str:
    """Return which container exited with 0, and what followed."""
    if not culprit:
        done = _names([each for each in stop.main if each.exit_code == 0])
        then = ", so the service starts another task" if stop.is_of_service else ""
        return f"completed, container {done} exited with 0{then}"
    stopped = [
        f"{_names([each])} (exit code {name_exit_code(each.exit_code)})"
        for each in stop.main
        if each.exit_code
    ]
    return f"container {_names([culprit])} exited with 0 and so stopped {', '.join(stopped)}"


def explain_kill(stop: Stop) -> str:
    """Return the helpers whose end may have been what stopped a container, if there are any."""
    ended = _ended_helpers(stop)
    return f"container {_names(ended)} exited with 0" if ended else ""


def _names(containers: list[Container]) -> str:
    """Return the names of containers."""
    return ", ".join(text(each.detail, "name") or "without a name" for each in containers)
