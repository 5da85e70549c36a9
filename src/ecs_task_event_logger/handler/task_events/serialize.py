"""Serialize a record as the one line of JSON that is logged."""

from json import JSONEncoder, loads

TYPE_CHECKING = False  # like typing.TYPE_CHECKING, without its import cost
if TYPE_CHECKING:
    from .aliases import Json, Record

# The quota of CloudWatch Logs for one log event, less the 26 bytes of overhead that it counts.
MAX_BYTES = 256 * 1024 - 26

# An event is a tree, so the encoder need not look for cycles.
_encode = JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode
_encode_to_ascii = JSONEncoder(check_circular=False, separators=(",", ":")).encode


def to_line(record: "Record") -> str:
    """Return the record as one line of JSON that fits into one log event of CloudWatch Logs."""
    line = _to_json(record)
    # A character takes four bytes at most.
    if len(line) * 4 > MAX_BYTES and len(line.encode()) > MAX_BYTES:
        from .truncate import truncate

        line = _to_json(truncate(record, MAX_BYTES))
    return line


def _to_json(value: "Json") -> str:
    """Return a value as JSON in which every character that is not printable is escaped."""
    text = _encode(value)
    # JSON escapes all ASCII characters that are not printable, except DEL.
    if text.isascii() and "\x7f" not in text:
        return text
    # Line separators, control characters and lone surrogates could end or break the line.
    return text if text.isprintable() else _encode_to_ascii(value)


def is_altered(line: str) -> bool:
    """Return whether a line may differ from its record: it was cut, or holds a lone surrogate."""
    # Most lines hold no backslash, and one character is found faster than three.
    return ("\\" in line and "\\ud" in line) or len(line) * 4 > MAX_BYTES


def to_record(line: str) -> "Record":
    """Return the record that a line holds, in a form that Lambda can send to a destination.

    Lambda's runtime client cannot encode lone surrogates as UTF-8 and would crash.
    """
    record: Record = loads(_encode(loads(line)).encode(errors="replace"))
    return record
