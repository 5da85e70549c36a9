"""Find the values of settings whose names say that they are secret, in any notation.

``password=…``, ``"clientSecret": "…"``, ``--api-key …``, ``<password>…</password>``, ``PWD={…}``
"""

import re
import string

from .secret_names import ends_in_key, is_secret_name
from .values import SKIP_TYPES, end_of_bare, end_of_quoted, find_value

TYPE_CHECKING = False  # like typing.TYPE_CHECKING, without its import cost
if TYPE_CHECKING:
    from collections.abc import Iterable

    from .aliases import Span

# Beginnings of words that may make a name secret. The text is in lower case.
_STEM = (
    r"(?:pass|p(?:wd?|sw|in)|p[a4@][s5$][s5$]w|p\ a\ s\ s\ w\ o\ r\ d|kennwort|wachtw|contraseña"
    r"|senha|hasło|lösenord|пароль|パスワード|密码|密碼|비밀번호|secret|token|cred|sig|key|auth"
    r"|masterauth|otp|mfa|sid|code|session.?id|sessid|sonar\.login)"
)
_SIGN = r"(?:={1,3}>|:=|->|<-|={1,3}|:{1,2}|\?=|\|=)"
_REFERENCE = (
    r"(?:://[^\s/@\"'`]{1,300}@|arn:aws[\w-]*:[\w./:@+*-]+"
    r"|(?<![\w.-])(?:[\w-]{1,63}\.){1,6}[\w-]{1,63}(?::\d{1,5})?/[\w./-]{1,200}(?:[:@][\w.:-]+)?(?![\w=?&]))"
)
_NAME = re.compile(
    rf"""
    {_REFERENCE}  # consumed, so that no name is found within it
    |(?P<name>{_STEM}(?:[\w$@-]|\.(?=\w)){{0,60}}+(?:\[\d{{0,3}}\])?)
    (?:
        (?P<closing>\\*["'`]?[)\]]?[*_]{{0,3}})\s{{0,40}}(?:/\*[^*]{{0,40}}\*/\s{{0,3}})?
            (?P<sign>{_SIGN})(?:[*_]{{2}})?(?:\s{{0,8}}(?=\\*["'`|>])|[ \t]{{0,8}})
        |(?P<tag>(?:\s[^<>]{{0,80}})?(?<!/)>)(?:<!\[cdata\[)?
        |(?P<attribute>["'][^<>]{{0,80}}(?<!/)>)
        |(?P<next_cell></\w{{1,10}}>\s{{0,8}}<\w{{1,10}}[^<>]{{0,40}}>)
        |(?P<item>\\*["'`]\s{{0,3}},\s{{0,8}}(?=\\*["'`])|\s{{0,3}},\s{{0,3}}<<(?=\\*["']))
        |\s{{1,60}}(?P<cell>\|)\s{{1,20}}
        |\s{{1,3}}(?P<verb>(?:is|was|are|to|of|as|ist|provided|supplied)(?:\sset)?(?:\sto)?\b:?)\s{{1,3}}
        |(?P<blank>\s?[\[(](?=[^\s\[\]()]{{8,80}}[\])])|[ \t]{{1,4}}(?=\\*["'`]?[^\s"'`]))
    )
    """,
    re.VERBOSE,
)
# More names than any text of ECS has.
_MOST = 1000
_NAME_CHARACTERS = string.ascii_letters + string.digits + "_-."
# Values that say that there is none, or where it is.
_HARMLESS = re.compile(
    r"""(?:\*+|x{3,}|\.{3,}|[-=]+|yes|no|true|false|null|none|nil|undefined|empty|set|unset|missing
    |required|optional|expired|invalid|failed|denied|revoked|disabled|enabled|unknown|not|redacted
    |masked|hidden|secret|password|token|string|str|bytes|object|\(?using|\w+(?:exception|error|fault|not_?found|unavailable)
    |or|and|is|are|was|if|in|on|at|of|to|for|from|by|via|with|the|an?|option|flag|keys?|.|<[A-Z_]+>?|your_\w+|sha256|https?
    |\$(?-i:[A-Z_][A-Z\d_]*)|\$\{[\w.:-]+\}?|(?-i:[A-Z]+(?:_[A-Z]+)+)|\$\([^)]*\)?|\$\{\{[^}]*\}?\}?
    |\{\{[^}]*\}?\}?|<[a-z_ .-]+>?|%(?-i:[A-Z_]+)%
    |(?:os\.environ|process\.env|getenv|ENV)[\[(.]\S*|\[?redacted\]?
    |\(?(?:hidden|redacted|masked|null|nil|none|empty|sensitive(?:\svalue)?)\)?
    |arn:aws[\w-]*:\S+|https?:\S*|file:\S+|ecs-execute-command-\w+
    |/(?:run|etc|var|opt|mnt|home|usr|tmp)/\S+)?\Z""",
    re.IGNORECASE | re.VERBOSE,
)
# What continues a sentence: "token: unexpected status", "password: The user is unknown".
_PROSE = re.compile(
    r"""\\*["']?https?:
    |(?i:not|no|failed|failure|unexpected|invalid|expired|unauthorized|missing|must|exit|check|post|get
      |put|head|dial|error|err|cannot|can't|could|couldn't|unable|access|denied|does|did|has|have|was
      |is|are|too|the|a|an|this|that|for|from|in|on|at|to|by|of|with|or|and|please|pass|use|set
      |provide|specify|see|run|add|server|request|response|status|rpc|unknown|authentication
      |authorization|permission|user|context|open|read|stat|lookup|unsupported|timeout|timed)\b
    |[A-Za-z]{2,20}(?:'[a-z])?[,.]?\s+(?:[a-z]{1,15}|[A-Z][a-z]{2,15})\b(?!\s?[=:])
    |[A-Z][a-z]{2,20}\s+[A-Z]\w+\s|[a-z]{2,20}:\s|[1-5]\d\d\s[A-Z]""",
    re.VERBOSE,
)
# "password aB3dE6gH was rejected"
_IN_RANDOM = r"[^\s\"'`/:.,;()\[\]]"
_RANDOM = re.compile(
    rf"(?!\w+[=:])(?={_IN_RANDOM}*\d)(?={_IN_RANDOM}*[A-Za-z]){_IN_RANDOM}{{8,}}"
    r"(?:(?=[\s,;)\"'`.:\]])|\Z)"
)
# The value of a name that only ends in "key".
_KEY = re.compile(
    r"\\*[\"'`]?(?:[0-9a-f]{32,}"
    r"|(?=[\w+/=-]*\d)(?=[\w+/=-]*[A-Z])(?=[\w+/=-]*[a-z])[\w+/=-]{20,}+(?![\w.]))"
)
_WORD_BEFORE = re.compile(r"(?:[A-Za-z]{1,20}\s)?\Z")
_UUID = re.compile(r"[\da-f]{8}-[\da-f]{4}-")
_NEXT_SETTING = re.compile(r"(?:[\s,;&]|\\[nrt])+[\w.-]{1,40}\s?[=:]")
_BRACES = re.compile(r"(?:[^{}]|\{[^{}]{0,200}\}|\}\}){0,500}+")
_BLOCK_SCALAR = re.compile(r"[|>][-+]?\s*\n\s*")
_QUOTE = re.compile(r"\\*[\"'`]")
_NESTED = re.compile(rf"{SKIP_TYPES}\\*[\"'`\[{{(]")
_TAG_START = re.compile(r"<(?:[\w-]{1,30}:)?[\w.-]*\Z")
_IMAGE_TAG = re.compile(r"v?\d[\w.:-]{0,24}|latest|[a-z-]{1,20}")
_PARSERS = ("unexpected ", "near ", "invalid ", "unknown ", "illegal ", "missing ")
_SHORT_NAMES = ("sid", "pin", "sig", "otp", "mfa")
_PASSWORDS = ("pass", "pwd", "p4ss", "contra")
_NOT_RANDOM = ("secret", "cred", "sig")


def find_settings(text: str, lowered: str) -> "Iterable[Span]":
    """Return where the values of secret settings begin and end."""
    at = 0
    for _ in range(_MOST):
        match = _NAME.search(lowered, at)
        if not match:
            return
        at = match.end()
        if match["name"]:
            span = _Setting(text, match).value()
            if span and span[0] < span[1]:
                yield span
                at = max(at, span[1])
            else:
                at = match.end("name")  # Another name may be in what seemed to be a tag.
    yield at, len(text)


class _Setting:
    """A name in a text that may be secret, and what follows it."""

    def __init__(self, text: str, match: "re.Match[str]") -> None:
        """Read the whole name: the match has its end."""
        before = text[max(0, match.start() - 60) : match.start()]
        head = before.rstrip(_NAME_CHARACTERS)
        self._text, self._match, self._head = text, match, head
        self._at = match.end()
        self._start = match.start() - len(before) + len(head)
        self._name = text[self._start : match.end("name")]
        if self._name.lower() in ("key", "keys"):
            self._name = _WORD_BEFORE.search(head)[0] + self._name  # type: ignore[index]

    def value(self) -> "Span | None":
        """Return where the value is, or None if the name is not secret, or the value harmless."""
        match, text, at = self._match, self._text, self._at
        if not is_secret_name(self._name):
            is_key = match["sign"] and ends_in_key(self._name) and _KEY.match(text, at)
            return find_value(text, at) if is_key else None
        if match["blank"]:
            return self._after_blank()
        if match["verb"]:
            random = _RANDOM.match(text, at)
            return find_value(text, at) if _QUOTE.match(text, at) else random and random.span()
        if match["next_cell"]:
            return self._unless_harmless(at, text.find("<", at))
        if match["attribute"]:
            return self._unless_harmless(at, text.find("<", at))
        if match["tag"]:
            return self._in_element()
        if match["cell"] and text[: self._start].rstrip()[-1:] != "|":
            return None
        return self._after_sign()

    def _after_sign(self) -> "Span | None":
        match, text, at, sign = self._match, self._text, self._at, self._match["sign"] or ","
        if text[at : at + 2] == "{{":
            return None  # a placeholder of a template
        block_scalar = _BLOCK_SCALAR.match(text, at)
        if block_scalar:
            at = block_scalar.end()
        opened = "" if match["closing"] else self._opened_quote()
        if opened and not _NESTED.match(text, at):
            end = end_of_quoted(text, opened, at)
            other = _NEXT_SETTING.search(text, at, end)
            return self._unless_harmless(at, other.start() if other else end)
        if sign[0] == "=" and text[at : at + 1] == "{" and text[at + 1 : at + 2] != "{":
            start, end = at + 1, _BRACES.match(text, at + 1).end()  # type: ignore[union-attr]
        else:
            start, end = find_value(text, at)
        is_bare = start == at
        if is_bare and self._head[-1:] in ("?", "&"):
            end = at + len(text[at:end].partition("&")[0])  # in the query of a URL
        if (is_bare and self._is_sentence(sign, end)) or self._holds_no_secret(start, end):
            return None
        return self._unless_harmless(start, end)

    def _is_sentence(self, sign: str, end: int) -> bool:
        """Return whether a colon after the name is one of a sentence, a host or an image."""
        text, at = self._text, self._at
        if sign != ":":
            return False
        if text[at - 1] != ":":
            is_parser = self._head.endswith(_PARSERS) and text[at:end].isalpha()
            return is_parser or self._head[-1:] == "=" or bool(_PROSE.match(text, at))
        if self._name[-1] in "sS" and text[at:end].isalpha():
            return True  # A command: `credentials:edit`.
        if text[at:end].isdigit() and not self._name.isalpha():
            return True  # A port, or the number of a line: `token.example.com:443`.
        is_path = self._head[-1:] == "/" or "-" in self._name
        return is_path and bool(_IMAGE_TAG.fullmatch(text, at, end))  # `shop/api-token:41`

    def _holds_no_secret(self, start: int, end: int) -> bool:
        name, value = self._name.lower(), self._text[start:end]
        if name.endswith("auth") and self._match["sign"] == ":" and not self._match["closing"]:
            return True  # "unable to pull secrets or registry auth: …"
        if self._text[start - 1 : start] in ("{", "["):
            # The names within say which values are secret.
            return name == "credentials" or (name[-1] == "s" and "valueFrom" in value)
        if name in _SHORT_NAMES and (value.isalpha() or len(value) < 4):
            return True  # An Oracle SID, the pin of a device …
        if name.endswith("signature") and not any(map(str.isdigit, value)):
            return True
        if value.isdigit() and (name[-1] == "s" or (name.endswith("id") and len(value) < 7)):
            return True  # A count, or the ID of a row.
        if self._head[-1:] == "/" and self._match["sign"] == ":" and self._match["closing"]:
            return True  # A path in quotes: '/run/secrets': permission denied
        if value.islower() and value.replace("_", "").isalpha() and is_secret_name(value):
            return True  # The name of a secret.
        # `"key": "password", "value": …`
        return bool(self._match["item"]) and self._text[end + 1 : end + 2] in (":", "=")

    def _after_blank(self) -> "Span | None":
        """Return the value of an option, or else what is quoted or looks random."""
        text, at, name = self._text, self._at, self._name.lower()
        if name[0] == "-":
            return None if text[at] in "-|&;" else self._unless_harmless(*find_value(text, at))
        quote = _QUOTE.match(text, at)
        if quote:
            start, end = find_value(text, at)
            is_random = _RANDOM.match(text, start) and not any(map(name.__contains__, _NOT_RANDOM))
            return (start, end) if is_random or any(map(name.__contains__, _PASSWORDS)) else None
        is_sure = text[at - 1] in "[(" or ("." in name and "." not in text[at - 2 : at])
        if not is_sure and any(map(name.__contains__, _NOT_RANDOM)):
            return None
        random = _RANDOM.match(text, at)
        is_id = text[at - 1] == "[" and _UUID.match(text, at)  # of a task of Celery
        return random.span() if random and not is_id else None

    def _in_element(self) -> "Span | None":
        """Return the content of an XML element, which may be cut off."""
        text, at = self._text, self._at
        if not _TAG_START.search(text, max(0, self._start - 40), self._start):
            return None
        end = text.find("<", at)
        if end >= 0:
            return self._unless_harmless(at, end) if text[end + 1 : end + 2] in "/!" else None
        return self._unless_harmless(at, len(text)) if end_of_bare(text, at) == len(text) else None

    def _opened_quote(self) -> str:
        """Return the quote that opens before the name, as in `"DB password=two words"`."""
        head = self._head.rstrip(_NAME_CHARACTERS + "$ ")
        if head[-1:] not in ("'", '"', "`") or head[-2:-1].isalnum():
            return ""
        escapes = len(head) - 1 - len(head[:-1].rstrip("\\"))
        return "\\" * escapes + head[-1]

    def _unless_harmless(self, start: int, end: int) -> "Span | None":
        end = len(self._text) if end < 0 else end
        if end - start < 200 and _HARMLESS.match(self._text[start:end].strip(" \"'")):
            return None
        return start, end
