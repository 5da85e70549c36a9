"""Note errors inside the handler: each costs only the part of the record that raised it."""

TYPE_CHECKING = False  # like typing.TYPE_CHECKING, without its import cost
if TYPE_CHECKING:
    from .aliases import Record


def add_error(part: str, error: Exception, record: "Record") -> bool:
    """Name the part that raised, and return False: the event is not fully understood."""
    # Only the exception's type: its message might hold a secret.
    record.setdefault("handlerErrors", {})[part] = type(error).__name__
    if record["level"] == "INFO":
        record["level"] = "WARN"
    return False
