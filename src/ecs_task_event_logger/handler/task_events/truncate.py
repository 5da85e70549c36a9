"""Truncate a record that is too long for one log event of CloudWatch Logs.

Few records are that long, so `serialize` imports this module on demand.
"""

from json import JSONEncoder

TYPE_CHECKING = False  # like typing.TYPE_CHECKING, without its import cost
if TYPE_CHECKING:
    from .aliases import Json, Record

_encode_to_ascii = JSONEncoder(check_circular=False, separators=(",", ":")).encode


def truncate(record: "Record", max_bytes: int) -> "Record":
    """Return the part of a record that fits: its last keys go first.

    The names of the keys that were cut, in whole or in part, are added as ``truncated``.
    """
    kept = dict(record)
    truncated: list[str] = []
    # The errors of the handler stay: they are short, and say why other keys are missing.
    for key in [key for key in reversed(record) if key != "handlerErrors"]:
        truncated.insert(0, key)
        value = kept.pop(key)
        room = max_bytes - _size({**kept, key: "", "truncated": truncated})
        part = _first_part(value, room)
        if part is not None:
            kept[key] = part
        if room > 0:
            break
    kept["truncated"] = truncated
    return kept


def _size(value: "Json") -> int:
    """Return the most bytes that a value can take: any character may have to be escaped."""
    return len(_encode_to_ascii(value))


def _first_part(value: "Json", room: int) -> "Json":
    """Return the longest first part of a value that fits into `room` bytes, or None."""
    if _size(value) <= room:
        return value
    if type(value) is str:
        return _first_characters(value, room)
    if type(value) is list:
        return _first_items(value, room)
    if type(value) is dict:
        return _first_members(value, room)
    return None


def _first_characters(text: str, room: int) -> str | None:
    low, high = 0, min(len(text), room)
    while low < high:
        middle = (low + high + 1) // 2
        if _size(text[:middle]) <= room:
            low = middle
        else:
            high = middle - 1
    return text[:low] or None


def _first_items(items: "list[Json]", room: int) -> "list[Json] | None":
    kept: list[Json] = []
    for item in items:
        part = _first_part(item, room - 3)
        if part is not None:
            kept.append(part)
        if part is not item:
            break
        room -= _size(item) + 1
    return kept or None


def _first_members(members: "Record", room: int) -> "Record | None":
    kept: Record = {}
    for key, value in members.items():
        label = _size(key) + 2
        part = _first_part(value, room - label - 2)
        if part is not None:
            kept[key] = part
        if part is not value:
            break
        room -= label + _size(value)
    return kept or None
