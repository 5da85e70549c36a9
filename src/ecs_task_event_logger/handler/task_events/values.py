"""Find where a value ends that follows a name in a text: quoted, in brackets, or bare.

Texts quote values of many languages, often within other quotes, and ECS cuts them off.
"""

import re

TYPE_CHECKING = False  # like typing.TYPE_CHECKING, without its import cost
if TYPE_CHECKING:
    from .aliases import Span

# More brackets and quotes than any text of ECS has. What follows them counts as one value.
_MOST = 5000

# What may stand between a sign and its value: types and constructors of languages.
# `[]string{`, `(*string)(0xc0004)`, `Array (`, `array(1) {`, `Some([`, `string(6) "`, `b'`, `$'`
_TYPE = (
    r"(?:\((?:(?:\[\])?\*?[\w.]{1,60}|0x[\da-f]{1,16}|len=\d+(?:\scap=\d+)?)\)(?=\s?[(\"{\[])|\((?=\(len=)|\[\][\w.*]{1,60}(?=\{)|array:\d+\s?(?=\[)|map\[\w+\]\w+(?=\{)|map(?=\[)"
    r"|(?:array|string|int)\s?\(\d{1,9}\)|(?:Array|Some|Just|List|Arrays\.asList|Set)\s{0,40}(?=[({\[])"
    r"|List\.of|new\s[\w.]{1,40}(?:\[\])?(?=[({\[])|%[wW](?=[(\[{])|[&@%*](?=[({\[])|[a-zA-Z_.]{1,40}(?=\[?\()"
    r"|[bruf$@](?=[\"'])|!{1,2}\w{1,20}\s)\s{0,8}"
)
SKIP_TYPES = rf"(?:{_TYPE}){{0,4}}+"
_SKIP_TYPES = re.compile(SKIP_TYPES)
_QUOTE = re.compile(r"\\*[\"'`]")
# In messages of shells, a backtick opens what an apostrophe closes.
_QUOTES = {
    each: re.compile(rf"(?<!\\)\\*{closing}")
    for each, closing in (('"', '"'), ("'", "'"), ("`", "[`']"))
}
_MARKS = re.compile(r"(?<!\\)\\*[\"'`]|[\[{(]|[\]})]")
_HEREDOC = re.compile(r"<<[-~]?[\"']?(\w{1,20})[\"']?\n([\s\S]{0,4000}?)(?=\n[ \t]*\1|\Z)")
# Shells join what is quoted without a blank: 'a'"b".
_JOINED = re.compile(r"""(?:"[^\s"]*"|'[^'\n]*')+""")
_TRUNCATED = re.compile(
    r"(?:…|\.\.\.)\s?[(\[]?\d*\s?(?:more|bytes|truncated|omitted|characters|chars)", re.IGNORECASE
)
_OPENING, _CLOSING = "[{(", "]})"
# A name and a sign end the value before them: "password=abc,user=me".
_NEXT_NAME = r"[\w.-]{1,40}\s?[=:]"
_BARE = re.compile(
    rf"""(?:
        [^\s,;&|"'`)\]}}>\\]
        |[,;|](?![\s"'`]|\Z|{_NEXT_NAME})
        |&(?![\s"'`]|\Z|{_NEXT_NAME}|amp;)
        |[)\]}}>](?![\s,.;:)\]}}>"'`\\]|\Z)
        |(?<=[A-Za-z\d])["'`](?=[A-Za-z\d])
        |\\[ ]
        |\\(?!\\{{0,8}}["'`]|[nrt](?:\Z|[\s\\-]|{_NEXT_NAME}))
    )*+""",
    re.VERBOSE,
)


def find_value(text: str, at: int) -> "Span":
    """Return where the value at a position begins and ends, without its quotes or brackets."""
    at = _SKIP_TYPES.match(text, at).end()  # type: ignore[union-attr]
    heredoc = _HEREDOC.match(text, at)
    if heredoc:
        return heredoc.span(2)
    quote = _QUOTE.match(text, at)
    if quote:
        triple = quote[0] * 3
        if text.startswith(triple, at):
            end = text.find(triple, at + len(triple))
            return at + len(triple), end if end >= 0 else len(text)
        return quote.end(), end_of_joined(text, quote[0], quote.end())
    if text[at : at + 1] in ("{", "[", "("):
        return at + 1, end_of_block(text, at)
    return at, end_of_bare(text, at)


def end_of_bare(text: str, at: int) -> int:
    """Return where a value without quotes ends."""
    end = _BARE.match(text, at).end()  # type: ignore[union-attr]
    return end - 1 if end > at + 1 and text[end - 1] in ".:!?" else end


def end_of_quoted(text: str, quote: str, at: int) -> int:
    """Return where a quoted value ends: before its quote, or where the text is cut off.

    Args:
        text: The whole text.
        quote: The quote that opened the value, with a backslash for each level of quoting.
        at: The position after that quote.
    """
    for match in _QUOTES[quote[-1]].finditer(text, at):
        if _closes(text, quote, match):
            return max(match.start(), match.end() - len(quote))
    return _end_of_cut(text, at)


def end_of_joined(text: str, quote: str, at: int) -> int:
    """Return where a quoted value ends, or what a shell joins to it."""
    end = end_of_quoted(text, quote, at)
    joined = _JOINED.match(text, end + len(quote)) if len(quote) == 1 else None
    return joined.end() if joined else end


def end_of_block(text: str, at: int) -> int:
    """Return where the block ends that a bracket opens, or where the text is cut off."""
    depth, quote = 0, ""
    for number, match in enumerate(_MARKS.finditer(text, at)):
        mark = match[0]
        if number == _MOST:
            break
        if quote:
            quote = (
                "" if _QUOTES[quote[-1]].fullmatch(mark) and _closes(text, quote, match) else quote
            )
        elif mark in _OPENING:
            depth += 1
        elif mark in _CLOSING:
            depth -= 1
            if not depth:
                return match.start()
        elif not text[match.start() - 1].isalnum():  # else an apostrophe
            quote = mark
    return _end_of_cut(text, at)


def _end_of_cut(text: str, at: int) -> int:
    truncated = _TRUNCATED.search(text, at)
    return truncated.start() if truncated else len(text)


def _closes(text: str, quote: str, match: "re.Match[str]") -> bool:
    # A quote with fewer backslashes ends the text around the value. At each level of quoting, the
    # value's own backslashes come in escaped pairs.
    extra = match.end() - match.start() - len(quote)
    if extra > 0 and extra % (2 * len(quote)):
        return False
    return match[0][-1] != "'" or not text[match.end() : match.end() + 1].isalnum()
