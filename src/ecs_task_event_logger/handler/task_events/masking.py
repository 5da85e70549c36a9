"""Mask what must not be logged within a text, in place: the rest of the text stays readable.

Few texts need it, so `fields` imports this module on demand.
"""

import re
from functools import lru_cache

from .credentials import find_credentials
from .fields import has_hint
from .modules import load
from .secret_settings import find_settings

TYPE_CHECKING = False  # like typing.TYPE_CHECKING, without its import cost
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .aliases import Span

MASK = "***"
# The most characters of a text that is kept in memory.
_SHORT = 200
# The reasons that ECS writes are shorter. No text may take long to search, so the rest of a longer
# one is masked as a whole.
_LONGEST = 6000
# A secret that is found once is masked wherever it stands in the text.
_MOST = 50
_SHORTEST = 8
_RANDOM = re.compile(r"\d")
# Words for passwords that have no letters of ASCII.
_FOREIGN = ("пароль", "パスワード", "密码", "密碼", "비밀번호")
# Every text that quotes overrides has one of these, and every text with an escape one of those.
_OVERRIDES = (
    "=",
    "]",
    "}",
    "env",
    "ommand",
    "cmd",
    "entry",
    "args",
    "val",
    "setx",
    "override",
    "set ",
)
_ESCAPES = ("%", "&", "\\", "^[", "[", "''", '""')


@lru_cache(maxsize=64)
def _mask_short(text: str) -> str:
    return _mask(text)


def mask(text: str) -> str:
    """Return the text with ``***`` in place of overrides that it quotes, and of credentials."""
    return _mask_short(text) if len(text) <= _SHORT else _mask(text)


def mask_log(text: str) -> str:
    """Return lines of an application's log with ``***`` in place of credentials.

    Applications speak of commands and environments of their own. Only if the lines speak of
    overrides too, these may be quoted.
    """
    return _mask(text, may_quote_overrides="override" in text.lower())


def _mask(text: str, may_quote_overrides: bool = True) -> str:
    if len(text) > _LONGEST:
        plain = text
        if not text.isascii():
            plain = load("decoding").visible(text).encode("ascii", "ignore").decode()
        if not has_hint(plain) and not any(map(text.__contains__, _FOREIGN)):
            return text
        beginning = _mask(text[:_LONGEST], may_quote_overrides)
        return f"{beginning} {MASK} ({len(text) - _LONGEST} characters)"
    decoded = load("decoding").decode(text) if _may_be_encoded(text) else None
    if not has_hint(text) and not (decoded and has_hint(decoded[0])):
        return text
    spans = list(_find(text, may_quote_overrides))
    if decoded:
        reading, positions = decoded
        found = _find(reading, may_quote_overrides)
        spans += ((positions[start], positions[end]) for start, end in found)
        spans.append((positions[-1], len(text)))
    return replace_spans(text, spans)


def _may_be_encoded(text: str) -> bool:
    is_plain = text.isascii() and text.isprintable()
    return not is_plain or any(map(text.__contains__, _ESCAPES))


def _find(text: str, may_quote_overrides: bool) -> "Iterable[Span]":
    lowered = text.lower()
    if len(lowered) != len(text):  # A few letters are two in lower case.
        lowered = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    found = [*find_settings(text, lowered), *find_credentials(text, lowered)]
    if may_quote_overrides and any(map(lowered.__contains__, _OVERRIDES)):
        found += load("quoted_overrides").find_overrides(text, lowered)
    yield from found
    secrets = {text[start:end] for start, end in found[:_MOST] if _SHORTEST <= end - start <= 200}
    for secret in secrets:
        if _RANDOM.search(secret):
            start = text.find(secret)
            while start >= 0:
                yield start, start + len(secret)
                start = text.find(secret, start + len(secret))


def replace_spans(text: str, spans: "Sequence[Span]") -> str:
    """Return a text with ``***`` in place of its parts."""
    pieces: list[str] = []
    done = 0
    for start, end in sorted(spans):
        if end <= done or start == end:
            continue
        if start > done or not pieces:
            pieces += text[done:start], MASK
        done = end
    return "".join((*pieces, text[done:]))
