"""Runs a test's statements on a Trino: all tables are in one schema of the test's own, gone at its end."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import TracebackType
from typing import Any
from uuid import uuid4

import pyarrow as pa
import sqlglot
import trino.dbapi
import trino.exceptions
from sqlglot import TokenType, exp

from nostro.duckdb.macros import quoted
from nostro.sqltest.case import GivenRows
from nostro.sqltest.dialect import passthrough_query
from nostro.sqltest.errors import SqlTestError
from nostro.sqltest.template import Statement, tables_in

_ROWS_OF_STATEMENT = 500
_METADATA = "information_schema"


class TrinoEngine:
    """A schema of a catalog that can be written to, for one test."""

    name = "Trino"

    def __init__(self, connection: trino.dbapi.Connection, catalog: str = "lake") -> None:
        self._cursor = connection.cursor()
        self._catalog = catalog
        self._schema = f"sqltest_{uuid4().hex[:12]}"

    def __enter__(self) -> TrinoEngine:
        self._run(f"CREATE SCHEMA {self._catalog}.{self._schema}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._run(f"DROP SCHEMA IF EXISTS {self._catalog}.{self._schema} CASCADE")

    def execute(self, statement: Statement) -> list[Sequence[Any]] | None:
        """Run a statement; a query's rows are returned."""
        if statement.creates_schema:
            return None
        rows = self._run(self._moved_text(statement))
        return rows if statement.is_query else None

    def load(self, table: str, given: GivenRows, rows: pa.Table) -> None:
        """Load typed rows into a table, which is created unless there is one."""
        target = self._target(table)
        exists = self._run(
            f"SELECT 1 FROM {self._catalog}.information_schema.tables WHERE table_schema = '{self._schema}' "
            f"AND table_name = {_literal(self._moved(exp.to_table(table, dialect='trino')))}"
        )
        if not exists:
            columns = given.columns or ", ".join(
                f"{quoted(field.name)} {_trino_type(field.type)}" for field in rows.schema
            )
            self._run(f"CREATE TABLE {target} ({columns})")
        listed = ", ".join(map(quoted, rows.column_names))
        self._run(f"SELECT {listed} FROM {target} WHERE false")
        types = [column[1] for column in self._cursor.description]
        values = [tuple(row.values()) for row in rows.to_pylist()]
        for start in range(0, len(values), _ROWS_OF_STATEMENT):
            texts = ", ".join(
                "({})".format(
                    ", ".join(
                        f"CAST({_literal(value)} AS {type_})" for value, type_ in zip(row, types, strict=True)
                    )
                )
                for row in values[start : start + _ROWS_OF_STATEMENT]
            )
            self._run(f"INSERT INTO {target} ({listed}) VALUES {texts}")

    def rows(self, table: str, columns: Sequence[str], where: str | None = None) -> list[dict[str, Any]]:
        """Return columns of a table, of the rows that a condition holds for."""
        listed = ", ".join(map(quoted, columns))
        rows = self._run(f"SELECT {listed} FROM {self._target(table)} WHERE {where or 'true'}")
        return [dict(zip(columns, row, strict=True)) for row in rows]

    def _run(self, sql: str) -> list[Any]:
        try:
            self._cursor.execute(sql)
            return list(self._cursor.fetchall())
        except trino.exceptions.TrinoQueryError as error:
            raise SqlTestError(
                f"Trino: {error.error_name}: {error.message} (query {error.query_id})\n\n"
                f"The statement:\n{sql}"
            ) from None

    def _target(self, table: str) -> str:
        return self._target_of(exp.to_table(table, dialect="trino"))

    def _target_of(self, table: exp.Table) -> str:
        return f"{self._catalog}.{self._schema}.{quoted(self._moved(table))}"

    def _moved(self, table: exp.Table) -> str:
        return "__".join(part.lower() for part in (table.catalog, table.db, table.name))

    def _moved_text(self, statement: Statement) -> str:
        """A statement's text as it is, but for the names of tables."""
        edits = [self._edit(table) for table in tables_in(statement.expression) if table.db != _METADATA]
        edits += self._passthroughs(statement)
        text = statement.text
        for edit in sorted(edits, key=lambda it: it.start, reverse=True):
            text = text[: edit.start] + edit.text + text[edit.end :]
        return text

    def _edit(self, table: exp.Table) -> _Edit:
        # Of a name without a catalog only the parts that are written have a place.
        parts = [part for part in table.parts if "start" in part.meta]
        name = self._target_of(table)
        if isinstance(table.parent, exp.From | exp.Join) and "start" not in _alias(table).meta:
            # Columns may be qualified by the name.
            name = f"{name} AS {quoted(table.name)}"
        return _Edit(parts[0].meta["start"], parts[-1].meta["end"] + 1, name)

    def _passthroughs(self, statement: Statement) -> Iterator[_Edit]:
        """In place of a query that PostgreSQL would run one of the test's own tables."""
        tokens = sqlglot.tokenize(statement.text, read="trino")
        for table in statement.expression.find_all(exp.Table):
            query = passthrough_query(table)
            if query is None:
                continue
            inside = next(
                part.meta["start"] for part in table.find_all(exp.Identifier) if "start" in part.meta
            )
            first = max(
                i for i, token in enumerate(tokens) if token.text.upper() == "TABLE" and token.start < inside
            )
            depth = 0
            for token in tokens[first + 1 :]:
                depth += (token.token_type is TokenType.L_PAREN) - (token.token_type is TokenType.R_PAREN)
                if depth == 0:
                    break
            for inner in list(query.find_all(exp.Table)):
                target = exp.to_table(self._target_of(inner), dialect="trino")
                target.set("alias", inner.args.get("alias") or exp.TableAlias(this=inner.this.copy()))
                inner.replace(target)
            yield _Edit(tokens[first].start, token.end + 1, f"({query.sql(dialect='trino')})")


@dataclass(frozen=True)
class _Edit:
    """What stands from `start` to before `end` in place of what is there."""

    start: int
    end: int
    text: str


def _alias(table: exp.Table) -> exp.Expr:
    alias = table.args.get("alias")
    return alias.this if alias is not None else exp.Identifier()


def _literal(value: Any) -> str:
    """A value as Trino's SQL, of a type from which CAST leads to the column's."""
    match value:
        case None:
            return "NULL"
        case bool():
            return str(value).upper()
        case int() | Decimal():
            return f"'{value:f}'" if isinstance(value, Decimal) else f"'{value}'"
        case float():
            return f"DOUBLE '{value!r}'"
        case bytes():
            return f"X'{value.hex()}'"
        case datetime.datetime() if value.tzinfo is not None:
            return f"'{value.astimezone(datetime.UTC):%Y-%m-%d %H:%M:%S.%f} UTC'"
        case datetime.datetime():
            return f"'{value:%Y-%m-%d %H:%M:%S.%f}'"
        case list():
            return f"ARRAY[{', '.join(map(_literal, value))}]"
        case dict():
            return f"ROW({', '.join(map(_literal, value.values()))})"
    return "'" + str(value).replace("'", "''") + "'"


def _trino_type(type_: pa.DataType) -> str:
    if pa.types.is_decimal(type_):
        return f"decimal({type_.precision}, {type_.scale})"
    if pa.types.is_timestamp(type_):
        return "timestamp(6)" if type_.tz is None else "timestamp(6) with time zone"
    if pa.types.is_list(type_):
        return f"array({_trino_type(type_.value_type)})"
    if pa.types.is_struct(type_):
        return f"row({', '.join(f'{quoted(field.name)} {_trino_type(field.type)}' for field in type_)})"
    try:
        return _TRINO_TYPES[type_]
    except KeyError:
        raise SqlTestError(f"no column of Trino's is of Arrow's type {type_}") from None


_TRINO_TYPES = {
    pa.bool_(): "boolean",
    pa.int8(): "integer",
    pa.int16(): "integer",
    pa.int32(): "integer",
    pa.int64(): "bigint",
    pa.float32(): "real",
    pa.float64(): "double",
    pa.string(): "varchar",
    pa.large_string(): "varchar",
    pa.string_view(): "varchar",
    pa.binary(): "varbinary",
    pa.date32(): "date",
    pa.time64("us"): "time(6)",
}
