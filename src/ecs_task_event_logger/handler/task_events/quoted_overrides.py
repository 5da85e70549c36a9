"""Find environment values and commands that a text quotes, in the notation of any language.

JSON, YAML, HCL, XML, the shorthand of the AWS CLI, command lines, and what Go, Java, Node, PHP,
Python, Ruby and Rust print: at any depth of quoting, and cut off anywhere.
"""

import re

from .secret_names import is_secret_name
from .values import SKIP_TYPES, end_of_bare, end_of_block, end_of_joined, end_of_quoted, find_value

TYPE_CHECKING = False  # like typing.TYPE_CHECKING, without its import cost
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .aliases import Span

# More keys than any text of ECS has. What follows them is masked as a whole.
_MOST = 3000
_GAP = 8

_ENVIRONMENT = (
    r"(?:get_?env|environment(?:[_-]?(?:variables?|vars?|files?))?|environ"
    r"|(?:extra[_-]?)?env(?:s|[_-]?vars?)?)"
)
_COMMAND = r"(?:commands?|(?:command|cmd)[_ -]?line|cmd|entry[_-]?point|args)"
_SIGN = r"\s{0,8}(?:={1,3}>|:=|->|={1,2}|:)\s{0,40}"
_QUOTE = r"\\*[\"'`]"
_CLOSING = rf"(?:{_QUOTE}|\(\))?\]?"
_VARIABLE = r"[A-Za-z_][\w.-]{0,80}"

_BLOCK = re.compile(
    rf"""
    (?<![\w-])(?P<key>(?P<environment>{_ENVIRONMENT})|{_COMMAND})
    (?:
        (?P<path>(?:\[["']?[\w.-]{{1,80}}["']?\]|[./]\w{{1,80}}){{1,6}})(?P<path_sign>{_SIGN})
        |(?P<closing>{_CLOSING})(?P<sign>{_SIGN})(?P<block>{SKIP_TYPES}(?=[\[({{]))?
        |(?P<closing2>{_CLOSING})\s{{0,3}},\s{{0,3}}(?P<item>{SKIP_TYPES}(?=[\[{{"']))
        |(?P<bare>(?!\s{{1,3}}\[[A-Z_ .]+\])
            (?:(?<!env)|(?<=process\.env)|(?=\s{{1,3}}\{{\s*\w{{1,80}}\s*=[^>]))
            \s{{1,3}}{SKIP_TYPES}(?=[\[{{]\s*(?:{_QUOTE}|[A-Za-z_]\w*\s*[=:]|\n|\{{))
            |(?<=environ)(?=\([{{\[]))
        |(?P<plist></key>\s*<(?P<element>dict|array|string)>)
        |(?P<lisp>\s{{1,4}}(?=[("']))
        |(?P<tag>(?:\s[^<>]{{0,80}})?(?<!/)>)
        |(?P<section>\]\]?\s*\n)
    )
    """,
    re.IGNORECASE | re.VERBOSE,
)
# Pairs of a name and a value: `{"name": "A", "value": "…"}`, `Name=A,Value=…`
_GLUE = r"(?:[\s,;:()\[\]{}\"'`\\<>*&@%]|/\w{1,10}>|types\.|string|Some|aws\.){0,40}?"
_PAIR = re.compile(
    rf"""
    (?<![\w-])(?:name|(?P<key>key)){_CLOSING}(?:{_SIGN}|>){SKIP_TYPES}\(?(?:{_QUOTE})?(?P<name>{_VARIABLE})(?![\w.-]){_GLUE}
    (?<![\w-])val(?:ue)?s?{_CLOSING}(?:{_SIGN}|>){SKIP_TYPES}
    |(?:^|\n)[ \t]+(?:-[ \t]+)?value:[ \t]+
    |(?<!\\){_QUOTE}val(?:ue)?{_QUOTE}\s{{0,8}}(?:=>|[:=,])\s{{0,8}}{SKIP_TYPES}
    |(?<![\w-])value{_CLOSING}{_SIGN}{SKIP_TYPES}(?=[^\n]{{1,200}}?[,;\s({{]{_CLOSING}(?:name|key){_CLOSING}{_SIGN})
    """,
    re.IGNORECASE | re.VERBOSE,
)
_NUMBER = re.compile(r"-?[\d.]{1,8}\}*")
_REST_OF_ITEM = re.compile(
    r"(?:[^,;}\])\n<\s]|[ \t](?!\s*(?:--|\w{1,30}[:=]))|,(?!\s|\w{1,40}[=:]))*"
)
# Variables in command lines and scripts.
_OPTIONS = (
    r"(?<![\w-])(?:-e|-E|--(?:set-|update-|container-|add-)?env(?:ironment)?(?:-vars?|-variables)?"
    r"|--env-add|--build-arg)(?:\s{1,4}|=|(?=[A-Z]))"
)
_STATEMENTS = (
    r"(?:^|(?<=[\s;&|\"'`(+/]))(?:(?:config|secrets?|env|vars?)[:\s]set(?:\s+[^\s=]+){0,4}"
    r"|environment\s(?:variables?|vars?):?|set\s+env(?:\s+[^\s=]+){0,6}|export|declare\s+-\w+|typeset\s+-\w+|setx?|ARG|ENV|env(?:\s+-\w+)*)\s{1,4}"
)
_VARIABLES = re.compile(
    rf"""
    (?:(?:{_OPTIONS}|{_STATEMENTS}|(?:^|\n)\+{{1,4}}\s+)(?P<quote>{_QUOTE})?{_VARIABLE}=
      |(?:^|[\s;&|"'`(])(?:ENV|setenv|setx)\s{{1,4}}[A-Z_][A-Z\d_]{{0,80}}\s{{1,4}}(?!is\b|not\b|was\b|has\b|=)
      |\$env:{_VARIABLE}\s{{0,3}}=\s{{0,3}}
      |(?<!\\)(?P<item>{_QUOTE})[A-Z][A-Z0-9_]{{0,60}}=)
    """,
    re.VERBOSE,
)
_ANY_QUOTE = re.compile(rf"{SKIP_TYPES}{_QUOTE}")
_VARIABLE_HERE = re.compile(rf"{_VARIABLE}=")
_PLACEHOLDER = re.compile(r"\d|true|false|<.*|YOUR_\w+|\$\{?\w+\}?")
_NEXT_VARIABLE = re.compile(rf"(?:{_QUOTE})?[ \t,;]{{1,4}}(?P<quote>{_QUOTE})?{_VARIABLE}=")
_NEXT_LINE = re.compile(r"(?:\\r)?(?:\n|\\n)")
_COMMAND_OPTION = re.compile(
    rf"(?<![\w-])--(?:container-)?(?:command|cmd|entry-?point|args)(?:\s{{1,4}}|=)(?P<quote>{_QUOTE})?"
)
_TO_NEXT_OPTION = re.compile(r"(?:(?!\s--?[a-z])[^\n\"'`])*")
_TO_NEXT_KEY = re.compile(r"(?:(?![\s,;]+[\w.-]{1,40}\s?[=:])[^\n;}\]\"'`])*")
_REST_OF_LINE = re.compile(r"[^\n]*")
_NO_COMMAND = re.compile(
    r"\s*(?:not|no|failed|unknown|invalid|missing|permission|exit\w*|cannot|null|none|\[\]|\{\}"
    r"|\S{1,60}: (?:not|no|command)\b)",
    re.IGNORECASE,
)
_YAML = re.compile(
    rf"(?P<line>(?:^|(?<=\n))[^\n]{{0,200}}?)(?<![\w-])(?P<key>(?P<environment>{_ENVIRONMENT})|{_COMMAND})"
    rf"(?:{_QUOTE})?:[ \t]*(?:[#&!>|][^\n]{{0,40}})?\r?\n",
    re.IGNORECASE,
)
_YAML_VARIABLE = re.compile(
    rf"(?:[ \t]|-[ \t])*(?:(?:name|key)[\"']?:[ \t]*[\"']?{_VARIABLE}[\"']?[ \t]*\r?$"
    rf"|[\"']?{_VARIABLE}[\"']?(?::[ \t]|=|:$))",
    re.IGNORECASE,
)
_YAML_ITEM = re.compile(r"[ \t]*(?:-[ \t]*)*")
# What machines write: the names of variables stay.
_PLAIN = r"\\*\"[^\"\\]*\\*\""
_PLAIN_NAME = rf"\\*\"{_VARIABLE}\\*\""
_PAIRS = re.compile(
    rf"(?:\s*\{{\s*\\*\"(?:name|key)\\*\"\s*:\s*{_PLAIN_NAME}\s*,\s*\\*\"value\\*\"\s*:\s*{_PLAIN}\s*\}}\s*,?)*\s*",
    re.IGNORECASE,
)
_MAP = re.compile(rf"(?:\s*{_PLAIN_NAME}\s*:\s*{_PLAIN}\s*,?)*\s*")
_PAIR_VALUE = re.compile(r"\bvalue\\*\"\s*:\s*\\*\"([^\"\\]*)", re.IGNORECASE)
_MAP_VALUE = re.compile(r":\s*\\*\"([^\"\\]*)")
_NEXT_BLOCK = re.compile(r"[\]})]\s*\+\+?\s*(?=[\[{(])")
_LINE_OF_SECTION = re.compile(r"[^\n=]{1,100}=[ \t]*([^\n]+)")
_SECTION = re.compile(r"\[[\w.\"-]*\Z")
_ARN = re.compile(r"arn:aws[\w-]*:[\w./:@+*-]+")


# botocore's validation, the AWS CLI's text output, and classes that print no names of fields.
_OTHER_NOTATIONS = re.compile(
    rf"""(?:{_ENVIRONMENT}|{_COMMAND})[\w.\[\]]{{0,80}},\ value:\ ([^\n]{{0,900}}?)(?=,\ type:|\Z)
    |(?:^|\n)(?:ENVIRONMENT[\t ]{{1,8}}{_VARIABLE}|COMMAND)(?:\t|[ ]{{2,8}})([^\n]+)
    |KeyValuePair\((?:Some\()?{_VARIABLE}\)?,\s?([^\n]{{0,500}}?)\)(?=[,)\]\s]|\Z)
    |[Cc]ommand[ ]\\*["'](\[[^\n]{{0,900}}?\]|[^\n]{{0,900}}?)\\*["']
        [ ](?:returned|timed|died|failed)\b
    |KeyValuePair\{{[^{{}}]{{0,200}}?Value:\s?\\*["']([^"'\n]*)
    |ContainerOverride\((?:Some\()?[\w-]{{1,80}}\)?,\s?(?![\w-]{{1,30}}\s?[=:])([^\n]{{0,3000}}\))""",
    re.VERBOSE,
)
_TABLE = re.compile(
    rf"(?:\|\s+(?:{_ENVIRONMENT}|{_COMMAND})\s+\|[^\n]*"
    rf"|(?<![\w-])(?:{_ENVIRONMENT}|{_COMMAND}):?[ \t]*)"
    r"\n(?P<rows>(?:[|+-][^\n]*\n?)+)",
    re.IGNORECASE,
)
_LAST_CELL = re.compile(r"\|[ \t]+(?!value\b)([^|\n]+?)[ \t]+\|+[ \t]*(?=\n|\Z)")
_HINTS = ("env", "command", "cmd", "entry", "arg", "override", "value")
# Overrides as JSON: only these members are harmless.
_OVERRIDES = re.compile(rf"overrides?{_QUOTE}\s*:\s*(?=[{{\[])", re.IGNORECASE)
_MEMBER = re.compile(rf"(?P<name>\w{{1,80}}){_QUOTE}\s*:\s*(?!\{{)")
_HARMLESS_MEMBERS = """
name type cpu memory memoryreservation sizeingib executionrolearn taskrolearn devicename devicetype
environment command containeroverrides initprocessoverrides overrides
""".split()  # noqa: SIM905
_CUT_KEY = re.compile(
    rf"\s{{0,8}}\[?(?:\.\.\.|…)?\]?\s{{0,8}}([A-Za-z]{{1,20}}){_QUOTE}\s{{0,4}}:\s{{0,4}}(?=[\[{{]|{_QUOTE})"
)
_CUT_KEYS = ("environment", "command", "entrypoint", "value")
_FIRST_BRACKET = re.compile(r"[\[{\]}]")


def find_overrides(text: str, lowered: str) -> "Iterable[Span]":
    """Return where environment values and commands begin and end."""
    yield from _cut_front(text)
    if any(map(lowered.__contains__, _HINTS)):
        yield from _search(_BLOCK, _after_key, text)
        yield from _search(_YAML, _in_yaml, text)
        yield from _search(_COMMAND_OPTION, _after_command_option, text)
        yield from _search(_OTHER_NOTATIONS, _first_group, text)
        yield from _search(_TABLE, _last_cells, text)
        yield from _search(_OVERRIDES, _members_of_overrides, text)
    if "val" in lowered:
        yield from _search(_PAIR, _value_of_pair, text)
    if "=" in text or "env" in lowered or "setx" in lowered:
        yield from _search(_VARIABLES, _values_of_variables, text)


def _search(
    pattern: "re.Pattern[str]", find: "Callable[[str, re.Match[str]], Iterable[Span]]", text: str
) -> "Iterable[Span]":
    at = 0
    for _ in range(_MOST):
        match = pattern.search(text, at)
        if not match:
            return
        at = max(match.end(), match.start() + 1)
        for start, end in find(text, match):
            if start < end and not _ARN.fullmatch(text, start, end):
                yield start, end
                if start <= at + _GAP:  # Else more keys may stand in between.
                    at = max(at, end)
    yield at, len(text)


def _after_key(text: str, match: "re.Match[str]") -> "Iterable[Span]":
    """Return what follows a key such as ``"environment":`` or ``command =``."""
    at, is_environment = match.end(), match["environment"] is not None
    if match["path"]:
        return _after_path(text, match)
    if match["tag"] is not None:
        return _in_element(text, match)
    if match["plist"]:
        end = text.find(f"</{match['element']}", at)
        return [(at, end if end >= 0 else len(text))]
    if match["lisp"]:
        start = match.start() - 1
        return [(at, end_of_block(text, start))] if text[start] == "(" else []
    if match["section"]:
        is_section = _SECTION.search(text, max(0, match.start() - 80), match.start())
        return _values_of_section(text, at) if is_section else []
    if match["block"] is not None or match["bare"] is not None or match["item"] is not None:
        is_args = match["key"].lower() == "args" and match["sign"] and not match["closing"]
        if text[at] in "\"'" or (is_args and "=" in match["sign"]):
            return []
        return _in_blocks(text, at, is_environment)
    if match["sign"] is None:
        return []
    return _scalar(text, match, is_environment)


def _in_element(text: str, match: "re.Match[str]") -> "Iterable[Span]":
    """Return the content of an XML element, which may be cut off."""
    at = match.end()
    end = text.lower().find(f"</{match['key'].lower()}", at)
    if end < 0 and end_of_bare(text, at) == len(text):
        end = len(text)
    is_element = text[match.start() - 1 : match.start()] == "<"
    return [(at, end)] if is_element and end >= 0 else []


def _scalar(text: str, match: "re.Match[str]", is_environment: bool) -> "Iterable[Span]":
    at, sign = match.end(), match["sign"].strip()
    # Quoted, and a member of something: not `exec: "env": executable file not found`.
    before = text[max(0, match.start() - 100) : match.start()].rstrip(" \t-\\\"'`")[-1:]
    is_member = before in ("", "\n", "{", ",", "(", "[", ";")
    closing = ("'", '"', "`") if sign == ":" else ("'", '"', "`", "]")
    is_quoted_key = is_member and match["closing"].endswith(closing)
    if is_environment and not is_quoted_key:
        variable = _VARIABLE_HERE.match(text, at)
        if variable:
            return _values_of_variables(text, variable)
        quote = _ANY_QUOTE.match(text, at) if sign != ":" else None
        return [find_value(text, at)] if quote else []
    start, end = find_value(text, at)
    if is_environment or start > at:  # Or the value is quoted.
        return [(start, end)]
    if match["key"].lower() == "args" and not is_quoted_key:
        return []
    is_key = is_quoted_key or sign != ":" or (is_member and match.start() > 0)
    if not is_key or _NO_COMMAND.match(text, at):
        return []
    rest = _REST_OF_LINE if before == "\n" and sign == ":" else _TO_NEXT_KEY
    return [(at, max(end, rest.match(text, at).end()))]  # type: ignore[union-attr]


def _after_path(text: str, match: "re.Match[str]") -> "Iterable[Span]":
    """Return the value after ``environment[0].value=``, ``command.1 =`` or ``environ["A"] =``."""
    path = match["path"].lower()
    is_name = path.endswith(("name", "key", "type"))
    is_sure = "=" in match["path_sign"] or any(map(str.isdigit, path)) or "[" in path
    if not is_sure or is_name:
        return []
    start, end = find_value(text, match.end())
    if start == match.end() and match["path_sign"][-1] == " ":
        end = max(end, _REST_OF_ITEM.match(text, start).end())  # type: ignore[union-attr]
    return [(start, end)]


def _in_blocks(text: str, at: int, is_environment: bool) -> "Iterable[Span]":
    block: re.Match[str] | None
    while True:
        end = end_of_block(text, at)
        yield from _in_block(text, at + 1, end, is_environment)
        block = _NEXT_BLOCK.match(text, end)  # ["a"] + ["b"]
        if not block:
            return
        at = block.end()


def _in_block(text: str, start: int, end: int, is_environment: bool) -> "Iterable[Span]":
    if is_environment:
        for block, value in ((_PAIRS, _PAIR_VALUE), (_MAP, _MAP_VALUE)):
            if block.fullmatch(text, start, end):
                return [each.span(1) for each in value.finditer(text, start, end)]
    return [(start, end)] if text[start:end].strip() else []


def _values_of_section(text: str, at: int) -> "Iterable[Span]":
    """Return the values in a section of TOML or INI, which ends at the next one."""
    end = text.find("\n[", at)
    for line in _LINE_OF_SECTION.finditer(text, at, end if end >= 0 else len(text)):
        yield line.span(1)


def _in_yaml(text: str, match: "re.Match[str]") -> "Iterable[Span]":
    """Return the values of the lines that are indented below a key."""
    line = match["line"]
    is_first = not line.strip(" \t-\"'")
    indent = len(line) if is_first else len(line) - len(line.lstrip(" \t"))
    at = match.end()
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        content = text[at:end]
        depth = len(content) - len(content.lstrip(" \t"))
        stripped = content.strip()
        if stripped and depth <= indent and not (depth == indent and stripped[0] == "-"):
            return
        kept = _YAML_VARIABLE.match(content) if match["environment"] else None
        kept = kept or _YAML_ITEM.match(content)
        yield at + kept.end(), end  # type: ignore[union-attr]
        at = end + 1


def _value_of_pair(text: str, match: "re.Match[str]") -> "Iterable[Span]":
    if match["key"] and not is_secret_name(match["name"]):
        return []  # A tag.
    start, end = find_value(text, match.end())
    if start == match.end():
        if _NUMBER.fullmatch(text, start, end):
            return []  # Of a metric.
        end = max(end, _REST_OF_ITEM.match(text, start).end())  # type: ignore[union-attr]
        if text[start - 1 : start] == ">":
            end = text.find("<", start)
            end = len(text) if end < 0 else end
    return [(start, end)]


def _values_of_variables(text: str, match: "re.Match[str] | None") -> "Iterable[Span]":
    """Return the values of the variables that a command line or a script sets in a row."""
    while match:
        at, groups = match.end(), match.groupdict()
        quote = groups.get("quote") or groups.get("item")
        if quote:
            end = end_of_joined(text, quote, at)
            other = _NEXT_LINE.search(text, at, end) if groups.get("item") else None
            end = other.start() if other else end
            yield at, end
            end += len(quote)
        else:
            start, end = find_value(text, at)
            if not _PLACEHOLDER.fullmatch(text, start, end):
                yield start, end
        match = _NEXT_VARIABLE.match(text, end)


def _after_command_option(text: str, match: "re.Match[str]") -> "Iterable[Span]":
    at = match.end()
    if match["quote"]:
        return [(at, end_of_quoted(text, match["quote"], at))]
    return [(at, _TO_NEXT_OPTION.match(text, at).end())]  # type: ignore[union-attr]


def _first_group(text: str, match: "re.Match[str]") -> "Iterable[Span]":
    return [match.span(match.lastindex or 0)]


def _last_cells(text: str, match: "re.Match[str]") -> "Iterable[Span]":
    return [cell.span(1) for cell in _LAST_CELL.finditer(text, *match.span("rows"))]


def _cut_front(text: str) -> "Iterable[Span]":
    """Return the beginning of a text whose front was cut off within overrides."""
    key = _CUT_KEY.match(text)
    if key and any(each.endswith(key[1].lower()) for each in _CUT_KEYS):
        yield find_value(text, key.end())
    first = _FIRST_BRACKET.search(text)
    if first and first[0] in "]}" and re.search(_QUOTE, text[: first.start()]):
        front = text[: first.start()]
        start = max(front.rfind("...") + 3, front.rfind("…") + 1)
        yield start if start > 2 else 0, first.start()


def _members_of_overrides(text: str, match: "re.Match[str]") -> "Iterable[Span]":
    end = end_of_block(text, match.end())
    for member in _MEMBER.finditer(text, match.end(), end):
        if member["name"].lower() not in _HARMLESS_MEMBERS:
            start, stop = find_value(text, member.end())
            yield start, min(stop, end)
