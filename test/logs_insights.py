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
from typing import Any, NoReturn, TypeVar

Record = dict[str, Any]
Value = str | float | None
T = TypeVar("T")

_TOKEN = re.compile(
    r"""(?P<space>\s+)
    | (?P<comment>^[ ]*\#.*$)
    | (?P<text>"[^"\\\n]*"|'[^'\\\n]*')
    | (?P<pattern>/(?:[^/\\\n]|\\.)+/)
    | (?P<period>\d+[smhd]\b)
    | (?P<number>\d+(?:\.\d+)?(?![\w.]))
    | (?P<name>@?[A-Za-z_]\w*(?:\.\w+)*)
    | (?P<symbol>!=|[=|,()*])""",
    re.VERBOSE | re.MULTILINE | re.ASCII,
)
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


def run(query: str, records: list[Record]) -> list[Record]:
    """Return the result of a query.

    Args:
        query: The query, in the language of CloudWatch Logs Insights.
        records: The parsed lines, in the order of the log.

    Raises:
        QueryError: If the query is not supported.
    """
    parser = _Parser(query)
    rows = list(_rows(records))
    for command in parser.parse():
        rows = command(rows)
    return [row.result() for row in rows]


def fields_of(query: str) -> set[str]:
    """Return the names of the log fields that a query reads, without those that it defines.

    Raises:
        QueryError: If the query is not supported.
    """
    parser = _Parser(query)
    parser.parse()
    return parser.read


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


class _Parser:
    """A recursive-descent parser that turns a query into commands.

    Attributes:
        read: The log fields that the query reads.
    """

    def __init__(self, query: str) -> None:
        self.read: set[str] = set()
        self._tokens = list(_tokenize(query))
        self._defined: set[str] = set()
        # After stats, the fields of single lines are not available any more.
        self._is_aggregated = False

    def parse(self) -> list[Command]:
        commands = []
        allowed = {"fields", "filter", "parse", "stats", "sort", "dedup", "limit"}
        while True:
            name = self._take("name")
            if name not in allowed:
                self._reject(f"{name} is not a supported command, or not supported here")
            commands.append(getattr(self, f"_{name}")())
            if name == "dedup":
                # "The only query command that you can use in a query after the dedup command is
                # limit."
                allowed = {"limit"}
            elif name == "stats":
                allowed = {"sort", "limit"}
            elif name == "limit":
                allowed = set()
            if not self._tokens:
                return commands
            self._take("symbol", "|")

    # -- commands -----------------------------------------------------------------------------

    def _fields(self) -> Command:
        shown = self._list(self._shown)

        def apply(rows: list[Row]) -> list[Row]:
            for row in rows:
                row.values.update({name: value(row) for name, value in shown})
                row.shown += [name for name, _ in shown if name not in row.shown]
            return rows

        return apply

    def _shown(self) -> tuple[str, Expression]:
        if self._next() == ("name", "coalesce"):
            value = self._coalesce()
            return self._alias(), value
        if self._skip("name", "concat"):
            value = self._concat()
            return self._alias(), value
        name = self._field()
        return name, lambda row: row.values.get(name)

    def _filter(self) -> Command:
        holds = self._any()
        return lambda rows: [row for row in rows if holds(row)]

    def _parse(self) -> Command:
        name = self._field()
        # Python writes named groups in another way.
        pattern = re.compile(self._take("pattern")[1:-1].replace("(?<", "(?P<"))
        self._defined |= pattern.groupindex.keys()

        def apply(rows: list[Row]) -> list[Row]:
            for row in rows:
                match = pattern.search(str(row.values.get(name)))
                row.values.update(match.groupdict() if match else {})
                row.shown += pattern.groupindex
            return rows

        return apply

    def _stats(self) -> Command:
        columns = self._list(self._column)
        groups = self._list(self._group) if self._skip("name", "by") else []
        self._defined = {name for name, _ in (*groups, *columns)}
        self._is_aggregated = True

        def apply(rows: list[Row]) -> list[Row]:
            members: dict[tuple[Value, ...], list[Row]] = {}
            for row in rows:
                # Assumption: lines without a value to group by form their own group.
                members.setdefault(tuple(key(row) for _, key in groups), []).append(row)
            return [
                _row(
                    dict(zip((name for name, _ in groups), keys, strict=True))
                    | {name: aggregate(group) for name, aggregate in columns}
                )
                for keys, group in members.items()
            ]

        return apply

    def _sort(self) -> Command:
        name = self._field()
        order = self._take("name")
        if order not in ("asc", "desc"):
            self._reject(f"{order} is not an order: write asc or desc")

        def apply(rows: list[Row]) -> list[Row]:
            # Assumption: rows without a value come last in both orders.
            known = [row for row in rows if row.values.get(name) is not None]
            unknown = [row for row in rows if row.values.get(name) is None]
            known.sort(key=lambda row: _natural(row.values[name]), reverse=order == "desc")
            return known + unknown

        return apply

    def _dedup(self) -> Command:
        names = self._list(self._field)

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

    def _limit(self) -> Command:
        count = self._whole_number()
        if not 1 <= count <= _MAX_ROWS:
            self._reject(f"the limit {count} is not from 1 to {_MAX_ROWS}")
        return lambda rows: rows[:count]

    # -- conditions ---------------------------------------------------------------------------

    def _any(self) -> Condition:
        options = [self._all()]
        while self._skip("name", "or"):
            options.append(self._all())
        return lambda row: any(holds(row) for holds in options)

    def _all(self) -> Condition:
        conditions = [self._condition()]
        while self._skip("name", "and"):
            conditions.append(self._condition())
        return lambda row: all(holds(row) for holds in conditions)

    def _condition(self) -> Condition:
        if self._skip("name", "not"):
            negated = self._condition()
            return lambda row: not negated(row)
        if self._skip("symbol", "("):
            inner = self._any()
            self._take("symbol", ")")
            return inner
        if self._skip("name", "ispresent"):
            (present,) = self._arguments(self._field)
            return lambda row: row.values.get(present) is not None
        return self._comparison()

    def _comparison(self) -> Condition:
        name = self._field()
        operator = self._take("symbol")
        if operator not in ("=", "!="):
            self._reject(f"{operator} is not a supported comparison: write = or !=")
        wanted = self._literal()

        def holds(row: Row) -> bool:
            value = row.values.get(name)
            if value is None:
                # AWS does not document this. != is true for a line without the field, as observed
                # in https://github.com/DataBiosphere/azul/issues/5884. In metric filters it is not.
                return operator == "!="
            if isinstance(value, str) is not isinstance(wanted, str):
                raise QueryError(f"{name} is {value!r}, which cannot be compared with {wanted!r}")
            return (value == wanted) is (operator == "=")

        return holds

    # -- expressions --------------------------------------------------------------------------

    def _coalesce(self) -> Expression:
        self._take("name", "coalesce")
        names = self._arguments(self._field)

        def first(row: Row) -> Value:
            return next((v for name in names if (v := row.values.get(name)) is not None), None)

        return first

    def _concat(self) -> Expression:
        parts = self._arguments(self._part)

        def joined(row: Row) -> Value:
            values = [part(row) for part in parts]
            # Assumption: if a part is missing, there is no value.
            return None if None in values else "".join(map(str, values))

        return joined

    def _part(self) -> Expression:
        if self._next()[0] == "text":
            text = self._text()
            return lambda row: text
        name = self._field()
        return lambda row: row.values.get(name)

    def _strcontains(self) -> Expression:
        self._take("symbol", "(")
        name = self._field()
        self._take("symbol", ",")
        part = self._text()
        self._take("symbol", ")")

        def contains(row: Row) -> Value:
            value = row.values.get(name)
            return None if value is None else int(part in str(value))

        return contains

    def _column(self) -> tuple[str, Aggregation]:
        function = self._take("name")
        make = _AGGREGATIONS.get(function)
        if make is None:
            self._reject(f"{function} is not a supported aggregation")
        self._take("symbol", "(")
        aggregation = make(self)
        self._take("symbol", ")")
        return self._alias(), aggregation

    def _count(self) -> Aggregation:
        self._take("symbol", "*")
        return lambda rows: len(rows)

    def _count_distinct(self) -> Aggregation:
        name = self._field()
        return lambda rows: len(set(_values(rows, name)))

    def _latest(self) -> Aggregation:
        name = self._field()
        # Assumption: of two lines with the same time, the later one in the log wins.
        return lambda rows: max(rows, key=_time_order).values.get(name)

    def _pct(self) -> Aggregation:
        name = self._field()
        self._take("symbol", ",")
        percent = self._whole_number()

        def percentile(rows: list[Row]) -> Value:
            # AWS does not document the method. This is the nearest rank, without interpolation.
            values = sorted(_numbers(_values(rows, name)))
            return values[max(math.ceil(len(values) * percent / 100) - 1, 0)] if values else None

        return percentile

    def _sum(self) -> Aggregation:
        value: Expression
        if self._skip("name", "strcontains"):
            value = self._strcontains()
        else:
            name = self._field()

            def value(row: Row) -> Value:
                return row.values.get(name)

        # Assumption: a missing value adds nothing.
        return lambda rows: sum(_numbers([v for row in rows if (v := value(row)) is not None]))

    def _group(self) -> tuple[str, Expression]:
        if self._skip("name", "bin"):
            self._take("symbol", "(")
            period = self._take("period")
            self._take("symbol", ")")
            return f"bin({period})", lambda row: _bin(row, period)
        name = self._field()
        return name, lambda row: row.values.get(name)

    # -- tokens -------------------------------------------------------------------------------

    def _field(self) -> str:
        name = self._take("name")
        if self._next() == ("symbol", "("):
            self._reject(f"{name}() is not supported")
        if name in _RESERVED:
            self._reject(f"{name} is a keyword, but a field is needed here")
        if name not in self._defined:
            if self._is_aggregated:
                self._reject(f"{name} is not a result of stats")
            self.read.add(name)
        return name

    def _alias(self) -> str:
        self._take("name", "as")
        alias = self._take("name")
        if alias in self._defined or alias in self.read or alias in _RESERVED:
            self._reject(f"{alias} is already the name of a field or a keyword")
        self._defined.add(alias)
        return alias

    def _literal(self) -> str | float:
        kind, _ = self._next()
        return self._text() if kind == "text" else float(self._take("number"))

    def _text(self) -> str:
        return self._take("text")[1:-1]

    def _whole_number(self) -> int:
        number = self._take("number")
        if "." in number:
            self._reject(f"{number} is not a whole number")
        return int(number)

    def _arguments(self, parse: Callable[[], T]) -> list[T]:
        self._take("symbol", "(")
        arguments = self._list(parse)
        self._take("symbol", ")")
        return arguments

    def _list(self, parse: Callable[[], T]) -> list[T]:
        items = [parse()]
        while self._skip("symbol", ","):
            items.append(parse())
        return items

    def _next(self) -> tuple[str, str]:
        return self._tokens[0] if self._tokens else ("end", "the end of the query")

    def _skip(self, kind: str, text: str) -> bool:
        if self._next() != (kind, text):
            return False
        del self._tokens[0]
        return True

    def _take(self, kind: str, text: str | None = None) -> str:
        found_kind, found = self._next()
        if found_kind != kind or text not in (None, found):
            self._reject(f"expected {text or f'a {kind}'}, found {found}")
        del self._tokens[0]
        return found

    def _reject(self, problem: str) -> NoReturn:
        rest = " ".join(text for _, text in self._tokens[:8])
        raise QueryError(f"{problem}, before: {rest or 'the end'}")


_AGGREGATIONS: dict[str, Callable[[_Parser], Aggregation]] = {
    "count": _Parser._count,
    "count_distinct": _Parser._count_distinct,
    "latest": _Parser._latest,
    "pct": _Parser._pct,
    "sum": _Parser._sum,
}
_RESERVED = {
    "and",
    "as",
    "asc",
    "bin",
    "by",
    "dedup",
    "desc",
    "limit",
    "not",
    "or",
    "sort",
    "stats",
}


def _tokenize(query: str) -> Iterator[tuple[str, str]]:
    position = 0
    while position < len(query):
        token = _TOKEN.match(query, position)
        if token is None:
            raise QueryError(f"{query[position : position + 20]!r} is not supported")
        position = token.end()
        kind = str(token.lastgroup)
        if kind not in ("space", "comment"):
            yield kind, token[0]


def _row(values: dict[str, Value]) -> Row:
    return Row(values, shown=list(values))


def _values(rows: list[Row], name: str) -> list[str | float]:
    return [value for row in rows if (value := row.values.get(name)) is not None]


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
