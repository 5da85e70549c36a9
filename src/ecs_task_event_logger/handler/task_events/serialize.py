"""From a record to the one line of JSON that is logged."""

from json import JSONEncoder, loads

TYPE_CHECKING = False  # as in typing, which is not imported for its cost
if TYPE_CHECKING:
    from typing import Any

# What CloudWatch Logs takes of one event for certain, less the 26 bytes that it adds to each.
MAX_BYTES = 256 * 1024 - 26

# An event is a tree, so no circle has to be looked for.
_encode = JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode
_encode_to_ascii = JSONEncoder(check_circular=False, separators=(",", ":")).encode


def to_line(record: "dict[str, Any]") -> str:
    """Return the record as JSON on one line that fits into one event of CloudWatch Logs."""
    line = to_json(record)
    # No character takes more than four bytes.
    if len(line) * 4 > MAX_BYTES and size(line) > MAX_BYTES:
        from .truncate import cut

        line = to_json(cut(record))
    return line


def to_json(value: "Any", ascii_only: bool = False) -> str:
    """Return a value as JSON in which nothing but what is printable stands unescaped."""
    if not ascii_only:
        text = _encode(value)
        # Of ASCII, JSON itself escapes all that is not printable, but for DEL.
        if text.isascii() and "\x7f" not in text:
            return text
        # Line separators, control characters, lone surrogates: they could end or break the line.
        if text.isprintable():
            return text
    return _encode_to_ascii(value)


def is_altered(line: str) -> bool:
    """Return whether a line may say something else than its record, which is rare."""
    # One character is found sooner than three.
    return ("\\" in line and "\\ud" in line) or len(line) * 4 > MAX_BYTES


def to_record(line: str) -> "dict[str, Any]":
    """Return the record that a line says, as Lambda can send it on.

    Half of a surrogate pair cannot be sent as UTF-8: Lambda's runtime client dies of it.
    """
    record: dict[str, Any] = loads(_encode(loads(line)).encode(errors="replace"))
    return record


def size(text: str) -> int:
    """Return how many bytes a text takes in UTF-8."""
    return len(text.encode())
