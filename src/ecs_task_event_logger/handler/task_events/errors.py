"""Note errors inside the handler: each costs only the part of the record that raised it."""

TYPE_CHECKING = False  # like typing.TYPE_CHECKING, without its import cost
if TYPE_CHECKING:
    from .aliases import Part, Record


def add_parts(parts: "dict[str, Part]", detail: "Record", record: "Record") -> bool:
    """Add each part of a record by its function, whatever becomes of the others.

    Returns:
        Whether the event is understood: False if any function returns False or raises.
    """
    understood = True
    for name, add in parts.items():
        try:
            understood &= add(detail, record) is not False
        except Exception as error:
            understood = add_error(name, error, record)
    return understood


def add_error(part: str, error: Exception, record: "Record") -> bool:
    """Name the part that raised, and return False: the event is not fully understood."""
    # Only the exception's type: its message might hold a secret.
    record.setdefault("handlerErrors", {})[part] = type(error).__name__
    if record["level"] == "INFO":
        record["level"] = "WARN"
    return False
