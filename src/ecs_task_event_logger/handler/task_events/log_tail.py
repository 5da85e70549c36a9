"""Make the lines of a container's log safe and short enough for the record."""

import re
from json import dumps

from .fields import masked
from .known_values import hide_in_texts
from .masking import MASK

TYPE_CHECKING = False  # like typing.TYPE_CHECKING, without its import cost
if TYPE_CHECKING:
    from collections.abc import Collection

    from .aliases import Record

# The most bytes of all lines together, as they are logged.
MOST_BYTES = 4096
# The most characters of one line.
LONGEST = 500
_ELLIPSIS = " … "
# Spares the search for characters in a huge message.
_LONG_ENOUGH = 6000
# https://en.wikipedia.org/wiki/ANSI_escape_code: colours, links and other commands for terminals.
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_])")
# A line of a private key in PEM format, whose other lines may not be in the tail.
_KEY_MATERIAL = re.compile(r"(?=.*\d)(?=.*[a-z])(?=.*[A-Z])[\w+/=]{40,}")


def safe_tail(messages: list[str], detail: "Record", unredacted: "Collection[str]") -> list[str]:
    """Return the last lines of a log that fit, without credentials and control characters."""
    hidden = hide_in_texts(messages, detail, unredacted)
    lines: list[str] = []
    room = MOST_BYTES - len("[]")
    for each in reversed(hidden):
        line = _safe_line(each)
        room -= len(dumps(line, ensure_ascii=False).encode()) + len(",") if line else 0
        if room < 0:
            break
        if line:
            lines.insert(0, line)
    return lines


def _safe_line(message: str) -> str:
    """Return a message of the log as one short line of printable text."""
    text = _ANSI.sub("", _shorten(masked(message), _LONG_ENOUGH))
    text = "".join(c if c.isprintable() else " " for c in text).rstrip()
    # What a terminal does not show may have stood within a secret.
    return MASK if _KEY_MATERIAL.fullmatch(text.strip()) else _shorten(masked(text), LONGEST)


def _shorten(text: str, length: int) -> str:
    """Return a text without its middle: errors begin or end with what went wrong."""
    if len(text) <= length:
        return text
    beginning = length * 3 // 5
    return text[:beginning] + _ELLIPSIS + text[beginning + len(_ELLIPSIS) - length :]
