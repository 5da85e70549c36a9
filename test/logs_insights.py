"""Runs CloudWatch Logs Insights queries over records, without AWS.

It supports the part of the language that this library's queries use. Anything else is an error, so
that a query with a mistake fails in a test and not on a dashboard. The language is documented under
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html. If AWS does not
document a behaviour, a comment states the assumption.
"""

import json
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedInput, VisitError

Record = dict[str, Any]
Value = str | float | None

# "The only query command that you can use in a query after the dedup command is limit." After
# stats, the fields of single lines are not available any more.
_GRAMMAR = r"""
query: (_line "|")* _last
_line: fields | filter | parse | sort
_last: _line | stats ("|" sort)* ("|" limit)? | dedup ("|" limit)? | limit

fields: "fields" _shown ("," _shown)*
_shown: shown | shown_as
shown: field
shown_as: (coalesce | concat) "as" NAME
filter: "filter" _any
parse: "parse" field PATTERN
stats: "stats" columns ("by" groups)?
sort: "sort" field (ASC | DESC)
dedup: "dedup" field ("," field)*
limit: "limit" NUMBER

_any: all | any
any: all ("or" all)+
all: _condition ("and" _condition)*
_condition: negation | "(" _any ")" | present | comparison
negation: "not" _condition
present: "ispresent" "(" field ")"
comparison: field COMPARISON (TEXT | NUMBER)

columns: column ("," column)*
column: (count | count_distinct | latest | pct | sum) "as" NAME
count: "count" "(" "*" ")"
count_distinct: "count_distinct" "(" value ")"
latest: "latest" "(" value ")"
pct: "pct" "(" value "," NUMBER ")"
sum: "sum" "(" (value | strcontains) ")"
groups: _group ("," _group)*
_group: shown | bin
bin: "bin" "(" PERIOD ")"

coalesce: "coalesce" "(" value ("," value)* ")"
concat: "concat" "(" _part ("," _part)* ")"
_part: text | value
text: TEXT
strcontains: "strcontains" "(" value "," TEXT ")"
value: field
field: NAME

ASC: "asc"
DESC: "desc"
COMPARISON: "=" | "!="
TEXT: /"[^"\\\n]*"|'[^'\\\n]*'/
PATTERN: /\/(?:[^\/\\\n]|\\.)+\//
PERIOD: /\d+[smhd]\b/
NUMBER: /\d+(?:\.\d+)?(?![\w.])/
NAME: /@?[A-Za-z_]\w*(?:\.\w+)*/
%ignore /\s+/
%ignore /^[ ]*#.*$/
"""
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_MAX_ROWS = 10_000


class QueryError(ValueError):
    """The query is invalid, or uses syntax that this module does not support."""


@dataclass
class Row:
    """A line of the log, or a row of the result.

    Attributes:
        values: The values by field name.
        position: The position in the log.
        shown: The names of the fields in the result.
    """

    values: dict[str, Value]
    position: int = 0
    shown: list[str] = field(default_factory=list)

    def result(self) -> Record:
        """Return the row as CloudWatch returns it, without fields that have no value."""
        shown = self.shown or ["@timestamp", "@message"]
        return {name: value for name in shown if (value := self.values.get(name)) is not None}


Expression = Callable[[Row], Value]
Condition = Callable[[Row], bool]
Aggregation = Callable[[list[Row]], Value]
Command = Callable[[list[Row]], list[Row]]
Named = tuple[str, Expression]


def run(query: str, records: list[Record]) -> list[Record]:
    """Return the result of a query.

    Args:
        query: The query, in the language of CloudWatch Logs Insights.
        records: The parsed lines, in the order of the log.

    Raises:
        QueryError: If the query is not supported.
    """
    rows = list(_rows(records))
    for command in _compile(query)[0]:
        rows = command(rows)
    return [row.result() for row in rows]


def fields_of(query: str) -> set[str]:
    """Return the names of the log fields that a query reads, without those that it defines.

    Raises:
        QueryError: If the query is not supported.
    """
    return _compile(query)[1]


def flatten(record: Record) -> dict[str, Value]:
    """Return the fields that CloudWatch discovers in a line, such as ``containers.0.name``."""
    return dict(_flatten("", record))


def _flatten(prefix: str, value: Any) -> Iterator[tuple[str, Value]]:
    if isinstance(value, list):
        value = dict(enumerate(value))
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _flatten(f"{prefix}.{key}" if prefix else key, item)
    elif value is not None:
        yield prefix, int(value) if isinstance(value, bool) else value


def _rows(records: list[Record]) -> Iterator[Row]:
    time = "1970-01-01T00:00:00Z"
    for position, record in enumerate(records):
        # In CloudWatch, a line without a timestamp gets the time of its ingestion. Here it gets the
        # time of the previous line.
        time = record.get("timestamp", time)
        line = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
        yield Row({**flatten(record), "@timestamp": time, "@message": line}, position)


def _compile(query: str) -> tuple[tuple[Command, ...], set[str]]:
    """Return the commands of a query, and the log fields that it reads."""
    compiler = _Compiler()
    try:
        return compiler.transform(_PARSER.parse(query)), compiler.read
    except UnexpectedInput as error:
        raise QueryError(f"not supported: {error}") from error
    except VisitError as error:
        raise error.orig_exc from error


@v_args(inline=True)
class _Compiler(Transformer[Token, tuple[Command, ...]]):
    """Turns a parsed query into commands.

    Lark calls the method with a rule's name after those of the rule's parts, from left to right.

    Attributes:
        read: The log fields that the query reads.
    """

    def __init__(self) -> None:
        super().__init__()
        self.read: set[str] = set()
        self._defined: set[str] = set()
        self._is_aggregated = False

    def query(self, *commands: Command) -> tuple[Command, ...]:
        return commands

    # -- commands -----------------------------------------------------------------------------

    def fields(self, *shown: Named) -> Command:
        def apply(rows: list[Row]) -> list[Row]:
            for row in rows:
                row.values.update({name: value(row) for name, value in shown})
                row.shown += [name for name, _ in shown if name not in row.shown]
            return rows

        return apply

    def shown(self, name: str) -> Named:
        return name, _value_of(name)

    def shown_as(self, value: Expression, alias: Token) -> Named:
        return self._define(alias), value

    def filter(self, holds: Condition) -> Command:
        return lambda rows: [row for row in rows if holds(row)]

    def parse(self, name: str, text: Token) -> Command:
        # Python writes named groups in another way.
        pattern = re.compile(text[1:-1].replace("(?<", "(?P<"))
        self._defined |= pattern.groupindex.keys()

        def apply(rows: list[Row]) -> list[Row]:
            for row in rows:
                match = pattern.search(str(row.values.get(name)))
                row.values.update(match.groupdict() if match else {})
                row.shown += pattern.groupindex
            return rows

        return apply

    def stats(
        self, columns: tuple[tuple[str, Aggregation], ...], groups: tuple[Named, ...] = ()
    ) -> Command:
        names = [name for name, _ in groups] + [name for name, _ in columns]
        self._defined = set(names)
        self._is_aggregated = True

        def apply(rows: list[Row]) -> list[Row]:
            members: dict[tuple[Value, ...], list[Row]] = {}
            for row in rows:
                # Assumption: lines without a value to group by form their own group.
                members.setdefault(tuple(key(row) for _, key in groups), []).append(row)
            return [
                Row(
                    dict(zip(names, [*keys, *(value(group) for _, value in columns)], strict=True)),
                    shown=names,
                )
                for keys, group in members.items()
            ]

        return apply

    def sort(self, name: str, order: Token) -> Command:
        def apply(rows: list[Row]) -> list[Row]:
            # Assumption: rows without a value come last in both orders.
            known = [row for row in rows if row.values.get(name) is not None]
            unknown = [row for row in rows if row.values.get(name) is None]
            known.sort(key=lambda row: _natural(row.values[name]), reverse=order == "desc")
            return known + unknown

        return apply

    def dedup(self, *names: str) -> Command:
        def apply(rows: list[Row]) -> list[Row]:
            seen = set()
            kept = []
            for row in rows:
                key = tuple(row.values.get(name) for name in names)
                # "Null values are not considered duplicates for evaluation."
                if None in key or key not in seen:
                    kept.append(row)
                seen.add(key)
            return kept

        return apply

    def limit(self, number: Token) -> Command:
        count = _whole_number(number)
        if not 1 <= count <= _MAX_ROWS:
            raise QueryError(f"the limit {count} is not from 1 to {_MAX_ROWS}")
        return lambda rows: rows[:count]

    # -- conditions ---------------------------------------------------------------------------

    def any(self, *options: Condition) -> Condition:
        return lambda row: any(holds(row) for holds in options)

    def all(self, *conditions: Condition) -> Condition:
        return lambda row: all(holds(row) for holds in conditions)

    def negation(self, holds: Condition) -> Condition:
        return lambda row: not holds(row)

    def present(self, name: str) -> Condition:
        return lambda row: row.values.get(name) is not None

    def comparison(self, name: str, operator: Token, literal: Token) -> Condition:
        wanted = literal[1:-1] if literal.type == "TEXT" else float(literal)

        def holds(row: Row) -> bool:
            value = row.values.get(name)
            if value is None:
                # AWS does not document this. != is true for a line without the field, as observed
                # in https://github.com/DataBiosphere/azul/issues/5884. In metric filters it is not.
                return bool(operator == "!=")
            if isinstance(value, str) is not isinstance(wanted, str):
                raise QueryError(f"{name} is {value!r}, which cannot be compared with {wanted!r}")
            return (value == wanted) is (operator == "=")

        return holds

    # -- aggregations -------------------------------------------------------------------------

    def columns(self, *columns: tuple[str, Aggregation]) -> tuple[tuple[str, Aggregation], ...]:
        return columns

    def groups(self, *groups: Named) -> tuple[Named, ...]:
        return groups

    def column(self, aggregation: Aggregation, alias: Token) -> tuple[str, Aggregation]:
        return self._define(alias), aggregation

    def count(self) -> Aggregation:
        return len

    def count_distinct(self, value: Expression) -> Aggregation:
        return lambda rows: len(set(_values(rows, value)))

    def latest(self, value: Expression) -> Aggregation:
        # Assumption: of two lines with the same time, the later one in the log wins.
        return lambda rows: value(max(rows, key=_time_order))

    def pct(self, value: Expression, number: Token) -> Aggregation:
        percent = _whole_number(number)

        def percentile(rows: list[Row]) -> Value:
            # AWS does not document the method. This is the nearest rank, without interpolation.
            values = sorted(_numbers(_values(rows, value)))
            return values[max(math.ceil(len(values) * percent / 100) - 1, 0)] if values else None

        return percentile

    def sum(self, value: Expression) -> Aggregation:
        # Assumption: a missing value adds nothing.
        return lambda rows: sum(_numbers(_values(rows, value)))

    def bin(self, period: Token) -> Named:
        return f"bin({period})", lambda row: _bin(row, period)

    # -- expressions --------------------------------------------------------------------------

    def coalesce(self, *values: Expression) -> Expression:
        return lambda row: next((v for value in values if (v := value(row)) is not None), None)

    def concat(self, *parts: Expression) -> Expression:
        def joined(row: Row) -> Value:
            values = [part(row) for part in parts]
            # Assumption: if a part is missing, there is no value.
            return None if None in values else "".join(map(str, values))

        return joined

    def strcontains(self, value: Expression, text: Token) -> Expression:
        def contains(row: Row) -> Value:
            whole = value(row)
            return None if whole is None else int(text[1:-1] in str(whole))

        return contains

    def text(self, text: Token) -> Expression:
        return lambda row: text[1:-1]

    def value(self, name: str) -> Expression:
        return _value_of(name)

    # -- names --------------------------------------------------------------------------------

    def field(self, token: Token) -> str:
        name = str(token)
        if name not in self._defined:
            if self._is_aggregated:
                raise QueryError(f"{name} is not a result of stats")
            self.read.add(name)
        return name

    def _define(self, alias: Token) -> str:
        if alias in self._defined or alias in self.read:
            raise QueryError(f"{alias} is already the name of a field")
        self._defined.add(alias)
        return str(alias)


# With the basic lexer, a keyword is never the name of a field.
_PARSER = Lark(
    _GRAMMAR,
    start="query",
    parser="lalr",
    lexer="basic",
    g_regex_flags=re.ASCII | re.MULTILINE,
)


def _value_of(name: str) -> Expression:
    return lambda row: row.values.get(name)


def _whole_number(text: str) -> int:
    if "." in text:
        raise QueryError(f"{text} is not a whole number")
    return int(text)


def _values(rows: list[Row], value: Expression) -> list[str | float]:
    return [each for row in rows if (each := value(row)) is not None]


def _numbers(values: list[str | float]) -> list[float]:
    numbers = [value for value in values if not isinstance(value, str)]
    if len(numbers) < len(values):
        raise QueryError(f"the values {values} are not all numbers")
    return numbers


def _time_order(row: Row) -> tuple[str, int]:
    return str(row.values["@timestamp"]), row.position


def _bin(row: Row, period: str) -> str:
    length = int(period[:-1]) * _SECONDS[period[-1]]
    seconds = datetime.fromisoformat(str(row.values["@timestamp"])).timestamp()
    start = datetime.fromtimestamp(seconds // length * length, UTC)
    return start.isoformat().replace("+00:00", "Z")


def _natural(value: Value) -> tuple[Any, ...]:
    """Return a key that orders values as ``sort`` does.

    AWS documents: "All non-number values come before all number values." In other values, runs of
    digits are ordered "by their length first and then by their numerical value", and the rest by
    Unicode.
    """
    if not isinstance(value, str) or value.isdigit():
        return 1, float(value or 0)
    chunks = re.findall(r"\d+|\D+", value)
    return 0, [("0", len(chunk), chunk) if chunk.isdigit() else (chunk, 0, "") for chunk in chunks]
