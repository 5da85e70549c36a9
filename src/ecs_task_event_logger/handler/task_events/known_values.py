"""Hide the values that an event's own overrides hold wherever else they occur in the event.

A container runtime quotes the command that it could not start, and applications print their
environment. Few events have overrides, so `record` imports this module on demand.
"""

import re
from json import dumps

from .decoding import decode
from .masking import replace_spans
from .redaction import MAX_DEPTH, Redactor
from .secret_names import is_secret_name

TYPE_CHECKING = False  # like typing.TYPE_CHECKING, without its import cost
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from .aliases import Json, Record, Span

# ECS takes at most 8192 characters of overrides, so no real event has more values.
_MOST = 400
_LONGEST = 8192
# The fewest characters of a value that is cut off at the end of a text.
_SHORTEST_CUT = 8

# What ECS itself says about a task: a value that is one of these names is no secret.
_NAMES = """
account region clusterArn taskArn taskDefinitionArn containerInstanceArn serviceArn resources name
image imageDigest availabilityZone launchType capacityProviderName platformFamily platformVersion
lastStatus desiredStatus stopCode detail-type source
""".split()  # noqa: SIM905
# What is never masked: times and identifiers.
_IDENTIFIERS = """
id time account region resources clusterArn taskArn taskDefinitionArn containerInstanceArn
containerArn runtimeId imageDigest lastStatus desiredStatus availabilityZone
""".split()  # noqa: SIM905
_OVERRIDES = ("overrides", "environment", "command")
# Words that anybody may write: numbers, plain words, regions, platforms, versions.
_COMMON = re.compile(
    r"[\d.,:+-]{0,8}|[A-Za-z]{0,15}|.{0,5}|[a-z]{2}(?:-[a-z]+){1,2}-\d[a-z]?|(?:linux|windows)/\w+"
    r"|[A-Za-z._/-]{0,11}|v?\d+(?:\.\w+){1,3}|[A-Za-z]+\d{0,2}|-{1,2}[A-Za-z-]+|https?://localhost\S*"
    r"|(?:application|text|image)/[\w.+-]{1,30}|x86_64|\d+(?:ms|s|m|h|d|[KMGT]i?B?|%)",
)
# A program may stay: it is what "executable file not found" is about.
_PROGRAM = re.compile(r"[A-Za-z_./+-]+\d{0,2}(?:\.\d{1,2})?")
# ARNs and images stay readable, but a part of an image with many digits may be no name.
_REFERENCE = re.compile(
    r"(arn:aws[\w-]*:[\w./:@+*-]+|(?<![\w/.:-])(?:[\w-]{1,63}\.){1,6}[\w-]{1,63}(?::\d+)?"
    r"/[\w./-]+(?::[\w.-]+)?(?=[\s\"',:;)]|$))"
)
# What follows a value that is cut off.
_CUT = re.compile(r"\s?(?:…|\.\.\.|[\[(]?truncated|[\"'`)\]}. ]*\Z)", re.IGNORECASE)
_NUMBER = re.compile(r"\d{3}")
_PARTS = re.compile(r"[/:@]")
# A part of an image with many digits may as well be a customer's number, unless it is a commit.
_NAME = re.compile(r"[0-9a-f]{7,64}|(?!.*\d{3}).+")
_PIECES = re.compile(r"[^\s=:/@,;&?\"'`|()<>]{8,}")
_RANDOM = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[\w$!#%^*+~.-]+")
_SHORT = 12


def hide_known_values(value: "Json", unredacted: "Collection[str]") -> "Json":
    """Return an event, or its detail, in whose texts the values of its own overrides are masked.

    Args:
        value: The event or its detail. The overrides stay as they are.
        unredacted: Names of environment variables whose values stay readable.
    """
    redactor = Redactor(unredacted)
    redactor.redact(value)
    names = set(_own_names(value))
    known = sorted({each for each in _values(redactor) if each not in names}, key=len)
    return _hide(value, _Hider(known[-_MOST:])) if known else value


def make_hide(detail: "Record", unredacted: "Collection[str]") -> "Callable[[str], str]":
    """Return a function that masks the values of a task's overrides in a text of its application.

    Applications print a command word by word, and a value line by line. Unlike ECS, they have no
    reason to name the program. So every part of a value counts that is no common word.

    Args:
        detail: The detail of the task's event.
        unredacted: Names of environment variables whose values stay readable.
    """
    redactor = Redactor(unredacted)
    redactor.redact({"overrides": detail.get("overrides")})
    names = set(_own_names(detail))
    parts = {part for _, value in redactor.masked[:_MOST] for part in _parts(value[:_LONGEST])}
    known = sorted({*parts, *_values(redactor)} - names, key=len)
    return _Hider(known[-_MOST:]).hide if known else str


def _parts(value: str) -> "Iterable[str]":
    for each in (value, *value.splitlines(), *_PIECES.findall(value)):
        part = each.strip()
        if not _COMMON.fullmatch(part):
            yield part


class _Hider:
    """Masks values in texts, but not in what only looks like them: parts of ARNs and images."""

    def __init__(self, values: list[str]) -> None:
        """Prepare one pattern for all values, the longest first."""
        values = values[::-1]
        self._known = _pattern(values)
        self._numbered = _pattern([each for each in values if _NUMBER.search(each)])
        self._long = [each for each in values if len(each) > _SHORT and each[:4] != "arn:"]

    def hide(self, text: str) -> str:
        """Return a text with the values masked, also where they are escaped or cut off."""
        spans = list(self._find(text))
        decoded = decode(text)
        if decoded:
            reading, positions = decoded
            spans += ((positions[start], positions[end]) for start, end in self._find(reading))
        return replace_spans(text, spans)

    def _find(self, text: str) -> "Iterable[Span]":
        at = 0
        for reference in _REFERENCE.finditer(text):
            yield from (m.span() for m in self._known.finditer(text, at, reference.start()))
            if reference[0][:4] != "arn:":
                yield from (m.span() for m in self._numbered.finditer(text, *reference.span()))
            at = reference.end()
        yield from (match.span() for match in self._known.finditer(text, at))
        for value in self._long:
            yield from _find_cut(text, value)


def _find_cut(text: str, value: str) -> "Iterable[Span]":
    """Return where the beginning of a value stands, before an ellipsis or the end of the text."""
    start = text.find(value[:_SHORTEST_CUT])
    while start >= 0:
        end = start + _SHORTEST_CUT
        while text[end : end + 1] == value[end - start : end - start + 1] != "":
            end += 1
        if _CUT.match(text, end):
            yield start, end
        start = text.find(value[:_SHORTEST_CUT], end)


def _values(redactor: Redactor) -> "Iterable[str]":
    """Return what must not appear elsewhere: values, and the telling pieces of long ones."""
    for name, value in redactor.masked[:_MOST]:
        text = value[:_LONGEST].strip()
        is_named = name and len(text) > 3 and not text.isdigit() and is_secret_name(name)
        is_program = name is None and _PROGRAM.fullmatch(text)
        if is_named or not (is_program or _COMMON.fullmatch(text)):
            yield text
        for piece in _PIECES.findall(text):
            if piece != text and _RANDOM.fullmatch(piece) and not _COMMON.fullmatch(piece):
                yield piece


def _own_names(value: "Json", depth: int = 0) -> "Iterable[str]":
    """Return the names in an event, and the parts of ARNs and images that look like names."""
    if type(value) is dict and depth <= MAX_DEPTH:
        for key, item in value.items():
            if key in _NAMES:
                for text in item if type(item) is list else [item]:
                    if type(text) is str:
                        yield text
                        yield from filter(_NAME.fullmatch, _PARTS.split(text))
            elif key not in _OVERRIDES:
                yield from _own_names(item, depth + 1)
    elif type(value) is list and depth <= MAX_DEPTH:
        for item in value:
            yield from _own_names(item, depth + 1)


def _pattern(values: list[str]) -> "re.Pattern[str]":
    forms = dict.fromkeys(form for value in values for form in (value, dumps(value)[1:-1]))
    return re.compile("|".join(map(_bounded, forms)) or "(?!)", re.IGNORECASE)


def _bounded(form: str) -> str:
    pattern = r"\s+".join(map(re.escape, form.split()))
    return pattern if len(form) >= _SHORT else rf"(?<![A-Za-z0-9]){pattern}(?![A-Za-z0-9])"


def _hide(value: "Json", hider: _Hider, depth: int = 0) -> "Json":
    if depth > MAX_DEPTH:
        return value  # Too deep to be logged.
    if type(value) is dict:
        return {
            hider.hide(key): item
            if key in _IDENTIFIERS or key in _OVERRIDES
            else _hide(item, hider, depth + 1)
            for key, item in value.items()
        }
    if type(value) is list:
        return [_hide(item, hider, depth + 1) for item in value]
    return hider.hide(value) if type(value) is str else value
