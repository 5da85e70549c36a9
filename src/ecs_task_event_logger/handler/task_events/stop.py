"""Read the evidence of a stop: its reason and code, and what became of its containers."""

from .fields import lowered, objects

TYPE_CHECKING = False  # like typing.TYPE_CHECKING, without its import cost
if TYPE_CHECKING:
    from .aliases import Json, Record

# Exit codes of containers that were told to stop: by SIGINT, by SIGTERM, or on Windows.
TERMINATED = (130, 143, 0xC000013A)
# The exit code of a container that SIGKILL had to stop.
KILLED = 137
# By exit code, a sort key that puts the most evidence first: any other code has 0.
_SUSPICION: dict[int | None, int] = {KILLED: 1, **dict.fromkeys(TERMINATED, 2), 0: 3, None: 4}

# The default and the minimum of ``stopTimeout``: the seconds from SIGTERM to SIGKILL.
_STOP_TIMEOUT = 30
_MIN_STOP_TIMEOUT = 2


class Container:
    """A container of a task that has stopped or is being stopped. Its texts are in lower case."""

    __slots__ = ("detail", "exit_code", "is_unhealthy", "name", "reason", "suspicion")

    def __init__(self, detail: "Record") -> None:
        """Read a container of the event."""
        self.detail = detail
        self.name = lowered(detail, "name")
        self.reason = lowered(detail, "reason")
        self.exit_code = _exit_code(detail.get("exitCode"))
        self.suspicion = _SUSPICION.get(self.exit_code, 0)
        self.is_unhealthy = detail.get("healthStatus") == "UNHEALTHY"


class Stop:
    """A task that has stopped or is being stopped.

    Attributes:
        detail: The detail of its event. A field that has another type than ECS documents is no
            evidence.
        code: Its stop code, or None.
        reason: Its reason, in lower case.
    """

    def __init__(self, detail: "Record") -> None:
        """Read the detail."""
        self.detail = detail
        self.code = detail.get("stopCode")
        self.reason = lowered(detail, "stoppedReason")
        # Read on demand: who stopped a task mostly shows without them.
        self._containers: list[Container] | None = None
        self._main: list[Container] | None = None

    @property
    def is_of_service(self) -> bool:
        """Whether it belongs to a service, which replaces it."""
        is_in_group = lowered(self.detail, "group").startswith("service:")
        return is_in_group or lowered(self.detail, "startedBy").startswith("ecs-svc/")

    @property
    def is_by_itself(self) -> bool:
        """Whether, by its stop code, nothing outside the task stopped it."""
        return self.code in ("TaskFailedToStart", "EssentialContainerExited")

    @property
    def has_exited(self) -> bool:
        """Whether ECS says that a container's exit ended the task."""
        return self.code == "EssentialContainerExited" or "essential container" in self.reason

    @property
    def containers(self) -> list[Container]:
        """All containers."""
        if self._containers is None:
            self._containers = [Container(c) for c in objects(self.detail.get("containers"))]
        return self._containers

    @property
    def main(self) -> list[Container]:
        """The containers that do the task's work. The others only help them."""
        if len(self.containers) < 2:
            return self.containers
        if self._main is None:
            from .helpers import find_main

            self._main = find_main(self.detail, self.containers)
        return self._main

    @property
    def is_done(self) -> bool:
        """Whether the task did its work: a main container exited with 0, and none crashed."""
        if all(each.exit_code != 0 for each in self.containers):
            return False
        codes = [each.exit_code for each in self.main]
        return 0 in codes and None not in codes and not any(map(self.has_crashed, self.main))

    def has_crashed(self, container: Container) -> bool:
        """Return whether a container exited with an error of its own."""
        return bool(container.exit_code) and not self.was_told_to_stop(container)

    def was_told_to_stop(self, container: Container) -> bool:
        """Return whether a container's exit code is the consequence of a stop."""
        if container.exit_code != KILLED:
            return container.exit_code in TERMINATED
        from .durations import seconds_between

        begin, end = self.detail.get("stoppingAt"), self.detail.get("executionStoppedAt")
        seconds = seconds_between(begin, end)
        if container in self.main:
            return seconds is not None and seconds >= _STOP_TIMEOUT
        return seconds is None or seconds >= _MIN_STOP_TIMEOUT


def _exit_code(code: "Json") -> int | None:
    if type(code) is not int:
        return None
    # Windows reports 32 bits, signed or unsigned.
    unsigned = code + 2**32 if code < 0 else code
    return unsigned if is_windows_crash(unsigned) else code


def is_windows_crash(code: int) -> bool:
    """Return whether an unsigned code is one with which Windows ends a crashed process."""
    return 0xC0000000 <= code <= 0xCFFFFFFF or code in (0xE0434352, 0xE06D7363)


if TYPE_CHECKING:
    from .cause import Cause

    # A cause, the text that shows it, and the container with that text (None: the task itself).
    Finding = tuple[Cause, str, Container | None]
    # A text, the container with that text (None: the task itself), and whether ECS wrote it.
    Text = tuple[str, Container | None, bool]
