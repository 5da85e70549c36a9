"""Which records are logged, where the rule's pattern has no words for it.

By default all are, so this is imported when it is needed.
"""

TYPE_CHECKING = False  # as in typing, which is not imported for its cost
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    Record = dict[str, Any]


def make_selection(settings: "Mapping[str, str]") -> "Callable[[Record], bool]":
    """Return the function that says whether a record is logged.

    Args:
        settings: The environment variables ``ONLY_FAILURES``, ``CAUSES``, ``SERVICES`` (of all but
            tasks), ``EXCLUDE_SERVICES`` and ``EXCLUDE_TASK_FAMILIES``, each absent where nothing
            is asked for.
    """
    only_failures = "ONLY_FAILURES" in settings
    causes = _items(settings, "CAUSES")
    wanted = _items(settings, "SERVICES")
    services = _items(settings, "EXCLUDE_SERVICES")
    families = _items(settings, "EXCLUDE_TASK_FAMILIES")

    def is_selected(record: "Record") -> bool:
        service = record.get("service", "")
        family = record.get("taskDefinition", "").rpartition(":")[0]
        if fits_any(service, services) or fits_any(family, families):
            return False
        is_task = record.get("eventType", "TASK_STATE_CHANGE") == "TASK_STATE_CHANGE"
        if wanted and service and not is_task and not fits_any(service, wanted):
            return False
        if "unparsed" in record and "cause" not in record:
            # Whether it was asked for nobody can tell, and nothing is lost.
            return True
        if not is_task:
            # Causes are of tasks; of what else there is, the level says whether it failed.
            if wanted and not service:
                return False
            return not only_failures or record["level"] == "ERROR"
        if only_failures and not record.get("failed"):
            return False
        return not causes or record.get("cause") in causes

    return is_selected


def fits_any(name: str, patterns: list[str]) -> bool:
    """Return whether a name fits one of the patterns, in which ``*`` stands for anything."""
    return bool(name) and any(_fits(name, pattern) for pattern in patterns)


def _fits(name: str, pattern: str) -> bool:
    # Not by regular expression: those take ages over some names.
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
