"""What becomes of a record that is too long for one event of CloudWatch Logs.

Hardly any is, so this is imported when it is needed.
"""

from .serialize import MAX_BYTES, to_json

TYPE_CHECKING = False  # as in typing, which is not imported for its cost
if TYPE_CHECKING:
    from typing import Any

    Record = dict[str, Any]


def cut(record: "Record") -> "Record":
    """Return what fits of a record: last things go first, and ``truncated`` says of which."""
    kept = dict(record)
    truncated: list[str] = []
    for key in reversed(record):
        truncated.insert(0, key)
        value = kept.pop(key)
        room = MAX_BYTES - _size({**kept, key: "", "truncated": truncated})
        part = _first_part(value, room)
        if part is not None:
            kept[key] = part
        if room > 0:
            break
    kept["truncated"] = truncated
    return kept


def _size(value: "Any") -> int:
    """Return how many bytes a value takes at most: one character may have all of them escaped."""
    return len(to_json(value, ascii_only=True))


def _first_part(value: "Any", room: int) -> "Any":
    """Return the first part of a value that takes no more than so many bytes, if any."""
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


def _first_items(items: "list[Any]", room: int) -> "list[Any] | None":
    kept: list[Any] = []
    for item in items:
        part = _first_part(item, room - 3)
        if part is not None:
            kept.append(part)
        if part is not item:
            break
        room -= _size(item) + 1
    return kept or None


def _first_members(members: "dict[str, Any]", room: int) -> "dict[str, Any] | None":
    kept: dict[str, Any] = {}
    for key, value in members.items():
        label = _size(key) + 2
        part = _first_part(value, room - label - 2)
        if part is not None:
            kept[key] = part
        if part is not value:
            break
        room -= label + _size(value)
    return kept or None
