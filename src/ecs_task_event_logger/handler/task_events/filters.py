"""Filter records by what the rule's event pattern cannot match.

By default all records are logged, so `main` imports this module on demand.
"""

TYPE_CHECKING = False  # like typing.TYPE_CHECKING, without its import cost
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .aliases import Record


_TASK = "ECS Task State Change"
_CALL = "AWS API Call via CloudTrail"
# The calls that make tasks, by their names in CloudTrail.
CALLS = ("RunTask", "StartTask")

# The one definition of a failure: the level of its line.
FAILURE_LEVEL = "ERROR"


def make_selection(settings: "Mapping[str, str]") -> "Callable[[Record], bool]":
    """Return a function that says whether a record is logged.

    Args:
        settings: The environment variables ``ONLY_FAILURES``, ``CAUSES``, ``SERVICES`` (not
            applied to tasks), ``EXCLUDE_SERVICES``, ``TASK_FAMILIES`` (only applied to calls of
            RunTask) and ``EXCLUDE_TASK_FAMILIES``. Each filter is off if its variable is missing.
    """
    only_failures = "ONLY_FAILURES" in settings
    causes = _items(settings, "CAUSES")
    wanted = _items(settings, "SERVICES")
    services = _items(settings, "EXCLUDE_SERVICES")
    wanted_families = _items(settings, "TASK_FAMILIES")
    families = _items(settings, "EXCLUDE_TASK_FAMILIES")

    def is_selected(record: "Record") -> bool:
        service = record.get("service", "")
        family = record.get("taskDefinition", "").partition(":")[0]
        if fits_any(service, services) or fits_any(family, families):
            return False
        is_task = record.get("detailType", _TASK) == _TASK
        is_call = record.get("detailType") == _CALL
        if is_call and family and wanted_families and not fits_any(family, wanted_families):
            return False
        if wanted and service and not is_task and not fits_any(service, wanted):
            return False
        if "failed" not in record and ("unparsed" in record or "handlerErrors" in record):
            # The event was not understood, so no filter can be applied to it.
            return True
        if wanted and not service and not is_task:
            return False
        if only_failures and record.get("level") != FAILURE_LEVEL:
            return False
        return not causes or not (is_task or is_call) or record.get("cause") in causes

    return is_selected


def fits_any(name: str, patterns: list[str]) -> bool:
    """Return whether a name matches any pattern, in which ``*`` matches any text."""
    return bool(name) and any(_fits(name, pattern) for pattern in patterns)


def _fits(name: str, pattern: str) -> bool:
    # Not a regular expression: those can take exponential time.
    first, *parts = pattern.split("*")
    if not parts:
        return name == pattern
    if not name.startswith(first):
        return False
    position = len(first)
    last = parts.pop()
    for part in parts:
        position = name.find(part, position)
        if position < 0:
            return False
        position += len(part)
    return name.endswith(last) and len(name) - position >= len(last)


def _items(settings: "Mapping[str, str]", name: str) -> list[str]:
    return settings[name].split(",") if name in settings else []
