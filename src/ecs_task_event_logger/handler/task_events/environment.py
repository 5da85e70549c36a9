"""Show the variables in a task's overrides that stay readable.

Only the prop `unredacted_environment` needs this, so `record` imports it on demand.
"""

from .fields import objects

TYPE_CHECKING = False  # like typing.TYPE_CHECKING, without its import cost
if TYPE_CHECKING:
    from collections.abc import Collection

    from .aliases import Record


def add_environment(detail: "Record", unredacted: "Collection[str]", record: "Record") -> None:
    """Add the variables in a task's overrides that stay readable.

    A variable that differs between containers has all its values, with commas between them.
    """
    overrides = detail.get("overrides")
    containers = overrides.get("containerOverrides") if type(overrides) is dict else None
    values: dict[str, list[str]] = {}
    for container in objects(containers):
        for variable in objects(container.get("environment")):
            name, value = variable.get("name"), variable.get("value")
            if type(name) is str and name in unredacted and type(value) is str:
                shown = values.setdefault(name, [])
                shown += [] if value in shown else [value]
    if values:
        record["environment"] = {name: ", ".join(each) for name, each in values.items()}
