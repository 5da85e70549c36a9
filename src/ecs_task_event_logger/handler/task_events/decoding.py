# ruff: noqa: RUF001 - look-alikes of letters are the subject
"""Read a text as a person would: without invisible characters, and with its escapes decoded.

Only texts with such characters need it, so `masking` imports this module on demand.
"""

import re
from itertools import islice

TYPE_CHECKING = False  # like typing.TYPE_CHECKING, without its import cost
if TYPE_CHECKING:
    from collections.abc import Sequence

# Texts may be encoded several times: JSON in a URL in HTML.
_ROUNDS = 3
# More escapes than any text of ECS has.
_MOST = 5000
_ENCODED = re.compile(
    r"""
    # characters without width, and colours of a terminal, also as an escape
    (?P<invisible>[^\n\x08]\x08|(?<=\w)(?:''|"")(?=\w)|\x1b\][^\x07\x1b]{0,300}(?:\x07|\x1b\\)|[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff]
      |(?:[\x1b\u241b]|(?<!\\)\\+(?:u001[bB]|x1[bB]|033|e))\[[\d;?]{0,20}[A-Za-z]
      |[\x00-\x08\x0e-\x1f\x7f]|\\\r?\n|(?:\^\[)?\[\d{1,3}(?:;\d{1,3}){0,4}m)
    |(?P<utf8>(?:%(?:25)*[89A-Fa-f][\da-fA-F]){2,4})
    |%(?:25)*(?P<percent>[2-7][\da-fA-F]|0[aAdD9])
    |(?P<plus>(?<=%[\dA-F][\da-fA-F])\+|\+(?=%[\da-fA-F]))
    |&(?:amp;)*(?P<entity>quot|apos|lt|gt|amp|colon|equals|nbsp|\#\d{1,6}|\#[xX][\da-fA-F]{1,5});
    |(?<!\\)\\+(?:u(?=[\da-fA-F]{4})|x(?=[2-7][\da-fA-F]|0[aAdD9])|u\{|U0000)(?P<hex>(?<=x)[\da-fA-F]{2}|(?<!x)[\da-fA-F]{2,5}(?=\})|(?<!x)[\da-fA-F]{4})\}?
    |(?<!\\)\\+0?(?P<octal>[4-7][0-7]|1[0-7][0-7])
    |(?<!\\)\\+(?P<letter>[nrt])
    |(?<!\\)\\(?P<escaped>[/ ])
    |(?P<look_alike>[АВЕКМНОРСТХаеорсухѕіј“”„‟‘’‚→➜⇒])
    |(?P<wide>[\uff01-\uff5e])
    """,
    re.VERBOSE,
)
# Cyrillic letters that look like Latin ones, and typographic quotes and arrows.
_LOOK_ALIKES = dict(
    zip(
        "АВЕКМНОРСТХаеорсухѕіј“”„‟‘’‚→➜⇒",
        "ABEKMHOPCTXaeopcyxsij" + 4 * '"' + 3 * "'" + "===",
        strict=True,
    )
)
_ENTITIES = {
    **{"quot": '"', "apos": "'", "lt": "<", "gt": ">", "amp": "&"},
    **{"colon": ":", "equals": "=", "nbsp": " "},
}
_LETTERS = {"n": "\n", "r": "\r", "t": "\t"}


_VISIBLE: dict[int, str | None] = {
    **dict.fromkeys((*range(0x200B, 0x2010), *range(0x2060, 0x206A), 0xAD, 0xFEFF)),
    **{code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},
    **{ord(letter): plain for letter, plain in _LOOK_ALIKES.items()},
}


_NOT_VISIBLE = re.compile(f"[{''.join(map(chr, _VISIBLE))}]")


def visible(text: str) -> str:
    """Return a text without invisible characters, and with plain ones for their look-alikes."""
    # A search takes a tenth of the time, and most texts have nothing to translate.
    return text.translate(_VISIBLE) if _NOT_VISIBLE.search(text) else text


def decode(text: str) -> "tuple[str, Sequence[int]] | None":
    """Return the decoded text, and for each of its positions the one in the original text.

    Returns:
        None if there is nothing to decode. Of a text with very many escapes, only the beginning.
    """
    decoded: tuple[str, Sequence[int]] | None = None
    for _ in range(_ROUNDS):
        found = list(islice(_ENCODED.finditer(text), _MOST))
        if not found:
            break
        text, positions = _decode_once(text, found)
        decoded = text, [decoded[1][each] for each in positions] if decoded else positions
    return decoded


def _decode_once(text: str, found: "list[re.Match[str]]") -> "tuple[str, list[int]]":
    pieces: list[str] = []
    positions: list[int] = []
    end = 0
    for match in found:
        pieces.append(text[end : match.start()])
        positions.extend(range(end, match.start()))
        characters = _characters(match)
        pieces.append(characters)
        positions.extend([match.start()] * len(characters))
        end = match.end()
    if len(found) < _MOST:
        pieces.append(text[end:])
        positions.extend(range(end, len(text)))
        end = len(text)
    positions.append(end)
    return "".join(pieces), positions


def _characters(match: "re.Match[str]") -> str:
    kind, code = match.lastgroup, match[match.lastgroup or 0]
    if kind == "invisible":
        return ""
    if kind == "utf8":
        return bytes.fromhex(re.sub("%(?:25)*", "", code)).decode(errors="replace")
    if kind == "plus":
        return " "
    if kind == "escaped":
        return code
    if kind == "entity":
        return _ENTITIES.get(code) or chr(int(code[1:].lstrip("xX"), 16 if code[1] in "xX" else 10))
    if kind == "letter":
        return _LETTERS[code]
    if kind == "look_alike":
        return _LOOK_ALIKES[code]
    if kind == "octal":
        return chr(int(code, 8))
    if kind == "wide":
        return chr(ord(code) - 0xFEE0)
    return chr(int(code, 16))
