"""What differs between SQL databases: how types are found, values selected, and predicates written.

A condition that a database gets is never stricter than the predicate, and may be weaker: the server filters
what comes back. So a comparison that the database understands otherwise than the protocol (text by a locale,
a date that is text) is left out.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import pyarrow as pa

from nostro.flight.column_types import with_type
from nostro.flight.errors import NotFound, SourceError
from nostro.flight.literals import (
    EPOCH_ORDINAL,
    SECONDS_PER_DAY,
    BinaryValues,
    BooleanValues,
    DateValues,
    DecimalValues,
    FloatingValues,
    IntegerValues,
    Key,
    TextValues,
    TimestampValues,
    TimeValues,
    UuidValues,
    Values,
)
from nostro.flight.predicate import Bound, ColumnPredicate, Interval, Predicate

MOST_LITERALS = 500
"""Of one column; more become the range that spans them: databases limit the parameters of a statement."""

FIRST_DAY = 1 - EPOCH_ORDINAL
LAST_DAY = 3_652_059 - EPOCH_ORDINAL
"""The days of the years 1 to 9999, since 1970: databases write others in ways of their own."""


@dataclass(frozen=True)
class Parameter:
    value: Any


Pieces: TypeAlias = tuple[str | Parameter, ...]
"""SQL: text, and the parameters between."""

Fetch: TypeAlias = Callable[[Pieces], list[tuple[Any, ...]]]
"""Runs a small query."""


def rendered(pieces: Pieces, style: str) -> tuple[str, tuple[Any, ...] | dict[str, Any] | None]:
    """The statement with placeholders of a `paramstyle`, and its parameters: None if there are none.

    Beside those of the DB-API there is `dollar`: `$1`.
    """
    values = [piece.value for piece in pieces if isinstance(piece, Parameter)]
    if not values:
        return "".join(str(piece) for piece in pieces), None
    text, count = "", 0
    for piece in pieces:
        if isinstance(piece, Parameter):
            count += 1
            text += PLACEHOLDERS[style].format(count)
        else:
            text += piece.replace("%", "%%") if style in ("format", "pyformat") else piece
    if style in ("named", "pyformat"):
        return text, {f"p{number}": value for number, value in enumerate(values, 1)}
    return text, tuple(values)


PLACEHOLDERS = {
    "qmark": "?",
    "format": "%s",
    "numeric": ":{0}",
    "named": ":p{0}",
    "pyformat": "%(p{0})s",
    "dollar": "${0}",
}


@dataclass(frozen=True)
class Comparison:
    """How a column is compared: the SQL of it in equations, and where its order is the protocol's, in ranges.

    `literal` gives the SQL of a key, None for one that the database cannot hold. `not_nan` excludes NaN, for
    databases to which it is the greatest number.
    """

    equal: str
    ordered: str | None
    literal: Callable[[Values, Key], Pieces | None]
    not_nan: str | None = None


@dataclass(frozen=True)
class SqlColumn:
    """A column: its name quoted, the SQL that its values are selected by, and how it is compared, if so."""

    field: pa.Field
    quoted: str
    selected: str
    comparison: Comparison | None = None


@dataclass(frozen=True)
class Found:
    """A column as the database describes it."""

    name: str
    type: str
    nullable: bool
    is_enumeration: bool = False
    compares_bytes: bool = True
    """Equal text has equal bytes."""
    is_utf8: bool = True


def conditions(predicate: Predicate, columns: Mapping[str, SqlColumn]) -> list[Pieces]:
    """The conditions that the database may check, all of which hold of every row that is wanted."""
    found = (_condition(part, columns[part.column]) for part in predicate.columns)
    return [condition for condition in found if condition]


def joined(parts: Iterable[Pieces], separator: str) -> Pieces:
    pieces: list[str | Parameter] = []
    for number, part in enumerate(parts):
        pieces += ([separator] if number else []) + list(part)
    return tuple(pieces)


def _condition(part: ColumnPredicate, column: SqlColumn) -> Pieces | None:
    terms: list[Pieces] = []
    if part.any_value:
        terms.append((f"{column.quoted} IS NOT NULL",))
    elif part.keys or part.intervals:
        compared = _compared(part, column)
        if compared is None:
            return None if part.null_allowed else (f"{column.quoted} IS NOT NULL",)
        terms.append(compared)
    if part.null_allowed:
        terms.append((f"{column.quoted} IS NULL",))
    return ("(", *joined(terms, " OR "), ")") if terms else ("1 = 0",)


def _compared(part: ColumnPredicate, column: SqlColumn) -> Pieces | None:
    """That the column has one of the keys or is in one of the intervals; None if the database cannot tell."""
    comparison = column.comparison
    if comparison is None:
        return None
    keys, intervals = part.keys, part.intervals
    if len(keys) + 2 * len(intervals) > MOST_LITERALS:
        keys, intervals = (), (_span(keys, intervals),)
        if intervals[0].low is None and intervals[0].high is None:
            return None
    terms: list[Pieces] = []
    if keys:
        literals = [comparison.literal(part.values, key) for key in keys]
        if any(literal is None for literal in literals):
            return None
        among = joined((literal for literal in literals if literal is not None), ", ")
        terms.append((f"{comparison.equal} IN (", *among, ")"))
    for interval in intervals:
        within = _within(part.values, interval, comparison)
        if within is None:
            return None
        terms.append(within)
    return joined(terms, " OR ")


def _within(values: Values, interval: Interval, comparison: Comparison) -> Pieces | None:
    if comparison.ordered is None:
        return None
    terms: list[Pieces] = []
    for bound, operator in ((interval.low, ">"), (interval.high, "<")):
        if bound is not None:
            literal = comparison.literal(values, bound.key)
            if literal is None:
                return None
            terms.append((f"{comparison.ordered} {operator}{'=' if bound.inclusive else ''} ", *literal))
    if comparison.not_nan is not None and interval.high is None:
        terms.append((comparison.not_nan,))
    return ("(", *joined(terms, " AND "), ")")


def _span(keys: Sequence[Key], intervals: Sequence[Interval]) -> Interval:
    """The smallest interval with all of the keys and intervals in it."""
    lows = [Bound(key, True) for key in keys] + [i.low for i in intervals if i.low is not None]
    highs = [Bound(key, True) for key in keys] + [i.high for i in intervals if i.high is not None]
    below = any(interval.low is None for interval in intervals)
    above = any(interval.high is None for interval in intervals)
    ends: list[Any] = [bound.key for bound in lows + highs]
    least, greatest = min(ends), max(ends)
    return Interval(None if below else Bound(least, True), None if above else Bound(greatest, True))


class Dialect(ABC):
    """A kind of database."""

    session: tuple[str, ...] = ()
    """Statements for a new connection."""
    quote: str = '"'
    accepted: str
    """The types whose columns need no declaration, for messages."""

    @abstractmethod
    def schemas(self, fetch: Fetch) -> list[str]:
        """The names of the schemas that the user's own tables are in."""

    @abstractmethod
    def tables(self, fetch: Fetch, schema: str) -> list[str]:
        """The names of a schema's tables and views."""

    @abstractmethod
    def found(self, fetch: Fetch, schema: str, table: str) -> list[Found]:
        """The columns in their order; none if there is no such table."""

    @abstractmethod
    def own(self, found: Found) -> SqlColumn | None:
        """The column with the type that the database gives it; None if values of it are not understood."""

    def selected(self, column: str, type: pa.DataType) -> str:
        """The SQL of a quoted column of whatever type, whose values are to be converted to an Arrow type."""
        return column

    def limited(self, limit: int) -> str:
        """What a query ends with to give so many rows, if the dialect has that."""
        return ""

    def quoted(self, name: str) -> str:
        return self.quote + name.replace(self.quote, self.quote * 2) + self.quote

    def table(self, schema: str, table: str) -> str:
        return f"{self.quoted(schema)}.{self.quoted(table)}"

    def columns(
        self, fetch: Fetch, schema: str, table: str, declared: pa.Schema | None
    ) -> dict[str, SqlColumn]:
        """A table's columns, with the types that are declared if they are; raises NotFound, SourceError."""
        name = f"{schema}.{table}"
        found = {column.name: column for column in self.found(fetch, schema, table)}
        if not found:
            raise NotFound(f"{name}: no such table")
        if declared is not None:
            return {field.name: self._declared(name, field, found) for field in declared}
        columns = {}
        for column in found.values():
            own = self.own(column)
            if own is None:
                raise SourceError(
                    f"{name}: column {column.name} has the type {column.type or 'of no name'}; accepted: "
                    f"{self.accepted}; or declare the table's columns"
                )
            columns[column.name] = own
        return columns

    def _declared(self, name: str, field: pa.Field, found: dict[str, Found]) -> SqlColumn:
        if field.name not in found:
            raise SourceError(f"{name}: there is no column {field.name}; accepted: {', '.join(found)}")
        own = self.own(found[field.name])
        if own is not None and own.field.type == field.type:
            return replace(own, field=field)
        quoted = self.quoted(field.name)
        return SqlColumn(field, quoted, self.selected(quoted, field.type))


class PostgreSql(Dialect):
    """PostgreSQL. Dates and timestamps are selected as text: drivers give other dates for `infinity`."""

    session = ("SET datestyle = 'ISO, YMD'", "SET timezone = 'UTC'", "SET bytea_output = 'hex'")
    accepted = (
        "boolean, smallint, integer, bigint, real, double precision, numeric(p, s) of up to 38 digits, text, "
        "varchar, char, enumerations, bytea, date, time, timestamp, timestamp with time zone, uuid, json, "
        "jsonb and one-dimensional arrays of booleans, numbers and text"
    )

    NUMBERS: Mapping[str, pa.DataType] = {
        "boolean": pa.bool_(),
        "smallint": pa.int16(),
        "integer": pa.int32(),
        "bigint": pa.int64(),
        "real": pa.float32(),
        "double precision": pa.float64(),
    }

    def schemas(self, fetch: Fetch) -> list[str]:
        rows = fetch(
            (
                "SELECT nspname FROM pg_catalog.pg_namespace WHERE nspname !~ '^pg_' "
                "AND nspname <> 'information_schema' AND has_schema_privilege(oid, 'USAGE') ORDER BY 1",
            )
        )
        return [str(schema) for (schema,) in rows]

    def tables(self, fetch: Fetch, schema: str) -> list[str]:
        rows = fetch(
            (
                "SELECT c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n "
                "ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') "
                "AND has_table_privilege(c.oid, 'SELECT') AND n.nspname = ",
                *self._text(schema),
                " ORDER BY 1",
            )
        )
        return [str(table) for (table,) in rows]

    def found(self, fetch: Fetch, schema: str, table: str) -> list[Found]:
        rows = fetch(
            (
                "SELECT a.attname, CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) "
                "ELSE format_type(a.atttypid, a.atttypmod) END, NOT a.attnotnull, t.typtype = 'e', "
                "coalesce(o.collisdeterministic, true), current_setting('server_encoding') = 'UTF8' "
                "FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid "
                "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
                "JOIN pg_catalog.pg_type t ON t.oid = a.atttypid "
                "LEFT JOIN pg_catalog.pg_collation o ON o.oid = a.attcollation "
                "WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm', 'f') "
                "AND n.nspname = ",
                *self._text(schema),
                " AND c.relname = ",
                *self._text(table),
                " ORDER BY a.attnum",
            )
        )
        return [Found(*row) for row in rows]

    def own(self, found: Found) -> SqlColumn | None:
        quoted = self.quoted(found.name)

        def column(
            type: pa.DataType, sql_type: str | None = None, comparison: Comparison | None = None
        ) -> SqlColumn:
            field = pa.field(found.name, type, found.nullable)
            served = field if sql_type is None else with_type(field, sql_type)
            return SqlColumn(served, quoted, self.selected(quoted, type), comparison)

        plain = Comparison(quoted, quoted, self._literal)
        name, arguments = _type_parts(found.type)
        if found.is_enumeration:
            text = f"CAST({quoted} AS text)"
            ordered = f'{text} COLLATE "C"' if found.is_utf8 else None
            return column(pa.string(), None, Comparison(text, ordered, self._literal))
        if found.type.endswith("[]"):
            item = self._item(found.type.removesuffix("[]"))
            if item is None:
                return None
            # PostgreSQL's types do not tell dimensions, and ADBC's driver drops them: let the cast fail
            nested = f"CAST(concat('an array of several dimensions: ', {quoted}) AS {found.type})"
            selected = f"CASE WHEN array_ndims({quoted}) > 1 THEN {nested} ELSE {quoted} END"
            return SqlColumn(pa.field(found.name, pa.list_(item), found.nullable), quoted, selected)
        if name in self.NUMBERS:
            floating = name in ("real", "double precision")
            return column(
                self.NUMBERS[name], None, replace(plain, not_nan=f"{quoted} <> 'NaN'") if floating else plain
            )
        if name == "numeric":
            type = _decimal_type(arguments)
            return type and column(type, None, plain)
        if name in ("text", "character varying", "name"):
            sql_type = f"varchar({arguments[0]})" if name == "character varying" and arguments else None
            text = f"CAST({quoted} AS text)" if name == "name" else quoted
            return column(
                pa.string(),
                sql_type,
                Comparison(
                    text if found.compares_bytes else f'{text} COLLATE "C"',
                    f'{text} COLLATE "C"' if found.is_utf8 else None,
                    self._literal,
                ),
            )
        if name == "character" and arguments:
            return column(pa.string(), f"char({arguments[0]})")
        if name in ("json", "jsonb"):
            return column(pa.string(), "json")
        if name == "bytea":
            return column(pa.binary(), None, plain)
        if name == "uuid":
            return column(pa.uuid(), None, plain)
        if name == "date":
            return column(pa.date32(), None, plain)
        unit = _unit(arguments)
        if name == "time without time zone":
            return column(pa.time64("us") if unit == "us" else pa.time32(unit), None, plain)
        if name == "timestamp without time zone":
            return column(pa.timestamp(unit), None, plain)
        if name == "timestamp with time zone":
            return column(pa.timestamp(unit, "UTC"), None, plain)
        return None

    def selected(self, column: str, type: pa.DataType) -> str:
        as_text = pa.types.is_string(type) or pa.types.is_temporal(type) or isinstance(type, pa.UuidType)
        return f"CAST({column} AS text)" if as_text else column

    def limited(self, limit: int) -> str:
        return f" LIMIT {limit}"

    def _item(self, type: str) -> pa.DataType | None:
        name, arguments = _type_parts(type)
        if name in ("text", "character varying"):
            return pa.string()
        return _decimal_type(arguments) if name == "numeric" else self.NUMBERS.get(name)

    @staticmethod
    def _text(value: str) -> Pieces:
        if "\0" in value:
            raise NotFound(f"{value!r}: no such name")
        return ("CAST(", Parameter(value), " AS text)")

    @staticmethod
    def _literal(values: Values, key: Key) -> Pieces | None:
        def of(type: str) -> Pieces:
            return ("CAST(", Parameter(values.format(key)), f" AS {type})")

        match values:
            case BooleanValues():
                return of("boolean")
            case IntegerValues():
                return of("bigint")
            case DecimalValues():
                return of("numeric")
            case FloatingValues():
                return of("real" if values.single else "double precision")
            case TextValues():
                return None if "\0" in str(key) else of("text")
            case BinaryValues():
                assert isinstance(key, bytes)
                return ("decode(", Parameter(key.hex()), ", 'hex')")
            case UuidValues():
                return of("uuid")
            case DateValues():
                return of("date") if FIRST_DAY <= int(key) <= LAST_DAY else None
            case TimeValues():
                return of("time")
            case TimestampValues():
                days = int(key) // (SECONDS_PER_DAY * values.units)
                if not FIRST_DAY <= days <= LAST_DAY:
                    return None
                return of("timestamp with time zone" if values.zoned else "timestamp")
            case _:
                return None


class Sqlite(Dialect):
    """SQLite, in which a column's type is no more than an inclination of its values.

    Decimals, dates and timestamps have no type of their own there: they are read from text or numbers, and
    compared by the server.
    """

    accepted = (
        "INTEGER and its like, REAL, DOUBLE, FLOAT, TEXT, VARCHAR, CHAR, BLOB, BOOLEAN, DECIMAL(p, s) and "
        "NUMERIC(p, s) of up to 38 digits, DATE, TIME, TIMESTAMP, DATETIME, TIMESTAMP WITH TIME ZONE, JSON"
    )
    INTEGERS = frozenset(
        ("INT", "INTEGER", "TINYINT", "SMALLINT", "MEDIUMINT", "BIGINT", "INT2", "INT4", "INT8")
    )
    FLOATS = frozenset(("REAL", "DOUBLE", "DOUBLE PRECISION", "FLOAT"))
    TEXTS = frozenset(
        ("TEXT", "CLOB", "VARCHAR", "CHAR", "CHARACTER", "CHARACTER VARYING", "NCHAR", "NVARCHAR")
    )
    OTHERS: Mapping[str, pa.DataType] = {
        "DATE": pa.date32(),
        "TIME": pa.time64("us"),
        "TIMESTAMP": pa.timestamp("us"),
        "DATETIME": pa.timestamp("us"),
        "TIMESTAMP WITH TIME ZONE": pa.timestamp("us", "UTC"),
        "TIMESTAMPTZ": pa.timestamp("us", "UTC"),
    }

    def schemas(self, fetch: Fetch) -> list[str]:
        return [str(schema) for (schema,) in fetch(("SELECT name FROM pragma_database_list ORDER BY seq",))]

    def tables(self, fetch: Fetch, schema: str) -> list[str]:
        rows = fetch(
            (
                f"SELECT name FROM {self.quoted(schema)}.sqlite_master WHERE type IN ('table', 'view') "
                "AND name NOT GLOB 'sqlite_*' ORDER BY name",
            )
        )
        return [str(table) for (table,) in rows]

    def found(self, fetch: Fetch, schema: str, table: str) -> list[Found]:
        if schema not in self.schemas(fetch) or table not in self.tables(fetch, schema):
            return []
        rows = fetch(
            (
                "SELECT name, type, \"notnull\" = 0, (SELECT encoding FROM pragma_encoding) = 'UTF-8' "
                "FROM pragma_table_info(",
                Parameter(table),
                ", ",
                Parameter(schema),
                ") ORDER BY cid",
            )
        )
        return [
            Found(name, type, bool(nullable), is_utf8=bool(is_utf8)) for name, type, nullable, is_utf8 in rows
        ]

    def own(self, found: Found) -> SqlColumn | None:
        quoted = self.quoted(found.name)
        name, arguments = _type_parts(found.type.upper())
        plain = Comparison(quoted, quoted, self._literal)
        sql_type: str | None = None
        type: pa.DataType | None
        comparison: Comparison | None = plain
        if name in self.INTEGERS:
            type = pa.int64()
        elif name in ("BOOLEAN", "BOOL"):
            type = pa.bool_()
        elif name in self.FLOATS:
            type = pa.float64()
        elif name in self.TEXTS:
            type = pa.string()
            text = f"{quoted} COLLATE BINARY"
            comparison = Comparison(text, text if found.is_utf8 else None, self._literal)
        elif name == "BLOB":
            type = pa.binary()
        elif name == "JSON":
            type, sql_type, comparison = pa.string(), "json", None
        else:
            decimal = _decimal_type(arguments) if name in ("DECIMAL", "NUMERIC") else None
            type, comparison = decimal or self.OTHERS.get(name), None
        if type is None:
            return None
        field = pa.field(found.name, type, found.nullable)
        served = field if sql_type is None else with_type(field, sql_type)
        return SqlColumn(served, quoted, self.selected(quoted, type), comparison)

    def selected(self, column: str, type: pa.DataType) -> str:
        if not pa.types.is_decimal(type):
            return column
        # the shorter text if it is the same number, so that 0.1 is not 0.10000000000000001
        short, long = f"printf('%!.15g', {column})", f"printf('%!.17g', {column})"
        real = f"CASE WHEN CAST({short} AS REAL) = {column} THEN {short} ELSE {long} END"
        return f"CASE typeof({column}) WHEN 'real' THEN {real} ELSE CAST({column} AS TEXT) END"

    def limited(self, limit: int) -> str:
        return f" LIMIT {limit}"

    @staticmethod
    def _literal(values: Values, key: Key) -> Pieces | None:
        match values:
            case BooleanValues() | IntegerValues():
                return (Parameter(int(key)),)
            case FloatingValues():
                return (Parameter(float(key)),)
            case TextValues() | BinaryValues():
                return (Parameter(key),)
            case _:
                return None


@dataclass(frozen=True)
class Standard(Dialect):
    """Any other database with the `information_schema` of SQL's standard. It gets conditions on whole numbers
    and NULL alone, as other types' comparisons differ. `quote` is the character around names."""

    quote: str = '"'

    accepted = (
        "boolean, integers, real, float, double precision, decimal(p, s) and numeric(p, s) of up to 38 "
        "digits, varchar, char, text, date, time, timestamp"
    )
    INTEGERS = frozenset(("tinyint", "smallint", "mediumint", "integer", "int", "bigint"))
    OTHERS = {  # noqa: RUF012
        "boolean": pa.bool_(),
        "real": pa.float64(),
        "float": pa.float64(),
        "double": pa.float64(),
        "double precision": pa.float64(),
        "character varying": pa.string(),
        "varchar": pa.string(),
        "character": pa.string(),
        "char": pa.string(),
        "text": pa.string(),
        "date": pa.date32(),
        "time": pa.time64("us"),
        "time without time zone": pa.time64("us"),
        "timestamp": pa.timestamp("us"),
        "timestamp without time zone": pa.timestamp("us"),
        "timestamp with time zone": pa.timestamp("us", "UTC"),
    }

    def schemas(self, fetch: Fetch) -> list[str]:
        rows = fetch(("SELECT DISTINCT table_schema FROM information_schema.tables ORDER BY 1",))
        hidden = ("information_schema", "pg_catalog")
        return [str(schema) for (schema,) in rows if str(schema).lower() not in hidden]

    def tables(self, fetch: Fetch, schema: str) -> list[str]:
        query = "SELECT table_name FROM information_schema.tables WHERE table_schema = "
        return [str(table) for (table,) in fetch((query, Parameter(schema), " ORDER BY 1"))]

    def found(self, fetch: Fetch, schema: str, table: str) -> list[Found]:
        rows = fetch(
            (
                "SELECT column_name, data_type, is_nullable, numeric_precision, numeric_scale "
                "FROM information_schema.columns WHERE table_schema = ",
                Parameter(schema),
                " AND table_name = ",
                Parameter(table),
                " ORDER BY ordinal_position",
            )
        )
        found = []
        for name, type, nullable, precision, scale in rows:
            simple, arguments = _type_parts(str(type).lower())
            if simple in ("decimal", "numeric") and not arguments and precision is not None:
                simple = f"{simple}({precision},{scale or 0})"
            elif arguments:
                simple = f"{simple}({','.join(map(str, arguments))})"
            found.append(Found(str(name), simple, str(nullable).upper() != "NO"))
        return found

    def own(self, found: Found) -> SqlColumn | None:
        quoted = self.quoted(found.name)
        name, arguments = _type_parts(found.type)
        if name in self.INTEGERS:
            whole = Comparison(quoted, quoted, self._literal)
            return SqlColumn(pa.field(found.name, pa.int64(), found.nullable), quoted, quoted, whole)
        type = _decimal_type(arguments) if name in ("decimal", "numeric") else self.OTHERS.get(name)
        return type and SqlColumn(pa.field(found.name, type, found.nullable), quoted, quoted)

    @staticmethod
    def _literal(values: Values, key: Key) -> Pieces | None:
        return (Parameter(int(key)),) if isinstance(values, IntegerValues) else None


TYPE = re.compile(r"([^()]+?)\s*(?:\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\)\s*(.*))?", re.ASCII)


def _type_parts(text: str) -> tuple[str, tuple[int, ...]]:
    """`timestamp(3) without time zone`: ("timestamp without time zone", (3,))."""
    match = TYPE.fullmatch(text.strip())
    if match is None:
        return text, ()
    name = f"{match[1]} {match[4]}" if match[4] else match[1]
    return name, tuple(int(number) for number in (match[2], match[3]) if number is not None)


def _decimal_type(arguments: tuple[int, ...]) -> pa.DataType | None:
    if not arguments:
        return None
    precision, scale = arguments[0], arguments[1] if len(arguments) > 1 else 0
    return pa.decimal128(precision, scale) if 0 < precision <= 38 and 0 <= scale <= precision else None


def _unit(arguments: tuple[int, ...]) -> str:
    digits = arguments[0] if arguments else 6
    return "s" if digits == 0 else "ms" if digits <= 3 else "us"


__all__ = [
    "Comparison",
    "Dialect",
    "Fetch",
    "Found",
    "Parameter",
    "Pieces",
    "PostgreSql",
    "SqlColumn",
    "Sqlite",
    "Standard",
    "conditions",
    "joined",
    "rendered",
]
