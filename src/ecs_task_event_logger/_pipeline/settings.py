"""The function's settings as environment variables. A setting with its default needs none."""

from collections.abc import Sequence

from .._common.validation import shown, validate_items, validate_member
from ..enums import RecordFormat


def record_environment(
    record_format: RecordFormat | str | None, unredacted_environment: Sequence[str] | None
) -> dict[str, str]:
    """Return the environment variables for the record's format and redaction."""
    environment = {}
    if record_format is not None:
        value = validate_member("record_format", record_format, RecordFormat)
        if value != RecordFormat.COMPACT:
            environment["RECORD_FORMAT"] = value
    if unredacted_environment is not None:
        names = validate_items(
            "unredacted_environment", unredacted_environment, "names of environment variables"
        )
        for name in names:
            if not isinstance(name, str) or not name or "," in name:
                raise ValueError(
                    f"unredacted_environment holds {shown(name)}, which is not the name of an "
                    "environment variable. Write a string without commas."
                )
        environment["UNREDACTED_ENVIRONMENT"] = ",".join(names)
    return environment
