"""How much of an event is logged, and with what masked."""

from collections.abc import Sequence

from .._common.validation import checked_member, checked_names
from ..enums import RecordFormat


def format_environment(
    record_format: RecordFormat | str | None, unredacted_environment: Sequence[str] | None
) -> dict[str, str]:
    """Return the environment variables that tell the function; none where it is the default."""
    environment = {}
    if record_format is not None:
        value = checked_member("record_format", record_format, RecordFormat)
        if value != RecordFormat.COMPACT:
            environment["RECORD_FORMAT"] = value
    if unredacted_environment is not None:
        names = checked_names(
            "unredacted_environment", unredacted_environment, "names of environment variables"
        )
        for name in names:
            if not isinstance(name, str) or not name or "," in name:
                raise ValueError(
                    f"unredacted_environment holds {name!r}, which is no name of an environment "
                    "variable: a string that is not empty and has no comma."
                )
        environment["UNREDACTED_ENVIRONMENT"] = ",".join(names)
    return environment
