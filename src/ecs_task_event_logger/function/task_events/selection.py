"""Which records are logged, where the rule's pattern has no words for it.

By default all are, so this is imported when it is needed.
"""

import re

TYPE_CHECKING = False  # as in typing, which is not imported for its cost
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    Record = dict[str, Any]


def make_selection(settings: "Mapping[str, str]") -> "Callable[[Record], bool]":
    """Return the function that says whether a record is logged.

    Args:
        settings: The environment variables ``ONLY_FAILURES``, ``CAUSES``, ``EXCLUDE_SERVICES`` and
            ``EXCLUDE_TASK_FAMILIES``, each absent where nothing is asked for.
    """
    only_failures = "ONLY_FAILURES" in settings
    causes = _items(settings, "CAUSES")
    services = _names(settings, "EXCLUDE_SERVICES")
    families = _names(settings, "EXCLUDE_TASK_FAMILIES")

    def is_selected(record: "Record") -> bool:
        if services(record.get("service", "")):
            return False
        if families(record.get("taskDefinition", "").rpartition(":")[0]):
            return False
        if "unparsed" in record and "cause" not in record:
            # Whether it was asked for nobody can tell, and nothing is lost.
            return True
        if only_failures and not record.get("failed"):
            return False
        return not causes or record.get("cause") in causes

    return is_selected


def _items(settings: "Mapping[str, str]", name: str) -> list[str]:
    return settings[name].split(",") if name in settings else []


def _names(settings: "Mapping[str, str]", name: str) -> "Callable[[str], object]":
    """Return the function that says whether a name is one of those, in which ``*`` is anything."""
    patterns = [".*".join(map(re.escape, item.split("*"))) for item in _items(settings, name)]
    if not patterns:
        return lambda _: False
    return re.compile("|".join(patterns), re.DOTALL).fullmatch
