"""Make the lines of a container's log safe and short enough for the record."""

import re
from json import dumps

from .masking import MASK, mask_log
from .secret_names import is_secret_name

TYPE_CHECKING = False  # like typing.TYPE_CHECKING, without its import cost
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

# The most bytes of all lines together, as they are logged.
MOST_BYTES = 4096
# The most characters of one line.
LONGEST = 500
_ELLIPSIS = " … "
# The most characters that are searched for secrets, of one message and of all.
_SEARCHED = 6000
_MOST_SEARCHED = 40_000
# https://en.wikipedia.org/wiki/ANSI_escape_code: colours, links and other commands for terminals.
_ANSI = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[ -/]*[0-~]?"
)
# Characters that have no width, or only that, although they count as printable.
_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\U000e0100-\U000e01ef]"
)
# The frames of stack traces: of Java, Node, .NET, PHP and Ruby; of Python with their source.
_FRAME = re.compile(
    r"""\n[ \t]+(?:at\s|\.\.\.\s\d+\s|\#\d+\s|from\s/)[^\n]*
    |\n[ \t]+File[ ]"[^\n]*(?:\n[ \t]+(?!File[ ])[^\n]*){0,2}""",
    re.VERBOSE,
)
# What private keys consist of. Their first and last lines may not be in the tail.
_KEY_MATERIAL = re.compile(r"(?<![\w+/])[A-Za-z\d+/]{60,}={0,2}")
_END_OF_KEY = re.compile(r"[A-Za-z\d+/]{4,64}={0,2}(?=\W*\Z)|(?<=\s)[A-Za-z\d+/]{4,64}={1,2}")
# The password in a command that Redis refused.
_REDIS_AUTH = re.compile(r"""(["']auth["']\s*,\s*["']?args["']?\s*:\s*\[)[^\]]+""", re.IGNORECASE)
# Lines that end with a secret name or speak of a secret, and how its value may stand in the next
# line: between the groups.
_SPLIT_SECRETS = (
    (
        re.compile(
            r"""([\w.-]+)["')\]]*\s{0,40}(?:=>|:=|[:=])\s{0,40}(?:\[|\(|[|>][-+]?|\'{3}|"{3})?\s*\Z"""
        ),
        re.compile(
            r"""(\s+(?:-\s|\[\s|string\(\d+\)\s)?["']?|-\s["']?|["'])[^\s"']{4,}(["']?[,;]?)"""
        ),
    ),
    (
        re.compile(
            r"""\b(?:name|key|property)["']?\s{0,40}[:=]\s{0,40}["']?([\w./-]+)["']?,?\s*\Z""",
            re.IGNORECASE,
        ),
        re.compile(r"""(\s*["']?value["']?\s*[:=]\s*["']?).+?(["']?,?)""", re.IGNORECASE),
    ),
    # pydantic
    (re.compile(r"\A([\w.]+)\Z"), re.compile(r"""(\s.*input_value=["']?)[^"',\]]+(.*)""")),
    # Generated passwords
    (
        re.compile(r"\b(password|secret|token)\b.*[:=]\s*\Z", re.IGNORECASE),
        re.compile(r"(\s*)(?=\S*\d)\S{8,}(\s*)"),
    ),
)


def safe_tail(messages: list[str], hide: "Callable[[str], str]") -> list[str]:
    """Return the last lines of a log that fit, without secrets and control characters.

    Args:
        messages: The messages of the log, the oldest first. Some have several lines.
        hide: A function that hides the values of the task's overrides in a text.
    """
    lines = [_safe_line(each, hide) for each in _last_lines(messages)]
    return _last_that_fit([each for each in _without_split_secrets(lines) if each])


def printable(text: str) -> str:
    """Return a text without commands for terminals and invisible characters."""
    text = _INVISIBLE.sub("", _ANSI.sub("", text))
    return "".join(c if c.isprintable() else " " for c in text).rstrip()


def _last_lines(messages: list[str]) -> list[str]:
    """Return as many of the last lines as are searched, without their line breaks."""
    lines: list[str] = []
    room = _MOST_SEARCHED
    for message in reversed(messages):
        text = _without_frames(message)[:_SEARCHED]
        room -= len(text)
        if room < 0:
            break
        lines[:0] = text.rstrip().split("\n")
    return lines


def _without_frames(message: str) -> str:
    """Return a long message without the frames of a stack trace. They hide what went wrong."""
    return message if len(message) <= LONGEST else _FRAME.sub("", message)


def _safe_line(line: str, hide: "Callable[[str], str]") -> str:
    """Return a line as short printable text.

    It is searched twice: what a terminal does not show may stand within a secret.
    """
    text = mask_log(hide(printable(mask_log(hide(line)))))
    text = _KEY_MATERIAL.sub(_mask_key_material, _REDIS_AUTH.sub(rf"\1{MASK}", text))
    if len(text) <= LONGEST:
        return text
    beginning = LONGEST * 3 // 5
    return text[:beginning] + _ELLIPSIS + text[beginning + len(_ELLIPSIS) - LONGEST :]


def _mask_key_material(match: "re.Match[str]") -> str:
    text = match[0]
    is_random = not (text.islower() or text.isupper()) and any(map(str.isdigit, text))
    return MASK if is_random else text


def _without_split_secrets(lines: list[str]) -> "Iterable[str]":
    """Mask the lines of a private key, and values in the lines after their names."""
    is_in_key = False
    expected: list[re.Pattern[str]] = []
    for line in lines:
        match = next(filter(None, (each.fullmatch(line) for each in expected)), None)
        if "PRIVATE KEY-----" in line:
            is_in_key = "BEGIN" in line
        elif is_in_key and MASK not in line:
            line, count = _END_OF_KEY.subn(MASK, line)
            is_in_key = bool(count)
        elif match:
            line = f"{match[1]}{MASK}{match[2]}"
        if line and not (match and _is_list_item(line)):  # A list may go on.
            expected = _values_after(line)
        yield line


def _values_after(line: str) -> "list[re.Pattern[str]]":
    """Return the patterns of a value that may follow a line with the name of a secret."""
    names = ((name.search(line), value) for name, value in _SPLIT_SECRETS)
    return [value for name, value in names if name and is_secret_name(name[1])]


def _is_list_item(line: str) -> bool:
    return line.lstrip().startswith("-") or line.endswith(",")


def _last_that_fit(lines: list[str]) -> list[str]:
    kept: list[str] = []
    room = MOST_BYTES - len("[]")
    for line in reversed(lines):
        room -= len(dumps(line, ensure_ascii=False).encode()) + len(",")
        if room < 0:
            break
        kept.insert(0, line)
    return kept
