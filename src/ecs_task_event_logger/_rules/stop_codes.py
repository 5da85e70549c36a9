"""Which causes the diagnosis can find for a task with a given stop code.

The event pattern uses this table to drop stop codes that no logged task can have.
"""

from ..enums import StopCode
from ..handler.task_events.cause import Cause

_STOPPED_BY_THE_PLATFORM = frozenset(
    {
        Cause.CONTAINER_HEALTH_CHECK,
        Cause.HOST_FAILURE,
        Cause.LOAD_BALANCER_HEALTH_CHECK,
        Cause.MAINTENANCE,
        Cause.SPOT_INTERRUPTION,
    }
)
# ECS's own sentence "Scaling activity initiated by …" beats every stop code. AWS Batch stops jobs
# that take too long, or that cannot be placed.
_STOPPED_ON_REQUEST = frozenset(
    {Cause.SCHEDULER_STOPPED, Cause.USER_STOPPED, Cause.TIMEOUT, Cause.CAPACITY}
)
_STOPPED_FROM_OUTSIDE = _STOPPED_BY_THE_PLATFORM | _STOPPED_ON_REQUEST
_NOT_BY_ITSELF = _STOPPED_BY_THE_PLATFORM - {Cause.CONTAINER_HEALTH_CHECK}
# A request that was refused makes no task.
_STOPPED_BY_ITSELF = frozenset(Cause) - _NOT_BY_ITSELF - {Cause.REQUEST_REFUSED}

POSSIBLE_CAUSES: dict[StopCode, frozenset[Cause]] = {
    StopCode.TASK_FAILED_TO_START: _STOPPED_BY_ITSELF,
    StopCode.ESSENTIAL_CONTAINER_EXITED: _STOPPED_BY_ITSELF,
    StopCode.USER_INITIATED: _STOPPED_FROM_OUTSIDE,
    StopCode.SERVICE_SCHEDULER_INITIATED: _STOPPED_FROM_OUTSIDE,
    StopCode.SPOT_INTERRUPTION: _STOPPED_FROM_OUTSIDE,
    StopCode.TERMINATION_NOTICE: _STOPPED_FROM_OUTSIDE,
    StopCode.INFRASTRUCTURE_HEALTH: _STOPPED_FROM_OUTSIDE,
}
