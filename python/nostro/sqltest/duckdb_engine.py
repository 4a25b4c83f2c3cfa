"""Runs a test's statements in DuckDB, in this process: each catalog is a database in memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Any

import duckdb
import pyarrow as pa
import sqlglot
from sqlglot import exp

import nostro.duckdb
from nostro.duckdb.macros import quoted
from nostro.sqltest.arithmetic import register_arithmetic
from nostro.sqltest.case import GivenRows
from nostro.sqltest.dialect import to_duckdb
from nostro.sqltest.errors import SqlTestError
from nostro.sqltest.template import Statement, tables_in


class DuckDbEngine:
    """A DuckDB with the banking functions, for one test."""

    name = "DuckDB"

    def __init__(self) -> None:
        self._connection = nostro.duckdb.connect()
        # Trino's clients and the stack's PostgreSQL are of UTC.
        self._connection.execute("SET TimeZone = 'UTC'")
        register_arithmetic(self._connection)
        self._schemas: set[tuple[str, str]] = set()
        self._catalogs = {"memory"}

    def __enter__(self) -> DuckDbEngine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._connection.close()

    def execute(self, statement: Statement) -> pa.Table | None:
        """Run a statement; a query's rows are returned."""
        self._create_schemas(tables_in(statement.expression))
        if statement.creates_schema:
            return None
        sql = to_duckdb(statement.expression)
        if statement.is_query:
            return self.query(sql)
        try:
            self._connection.execute(sql).fetchall()
        except duckdb.Error as error:
            raise SqlTestError(f"DuckDB: {error}\n\nThe statement, for DuckDB:\n{sql}") from None
        return None

    def query(self, sql: str) -> pa.Table:
        """Return the rows of a query in DuckDB's own dialect."""
        try:
            return self._connection.sql(sql).to_arrow_table()
        except duckdb.Error as error:
            raise SqlTestError(f"DuckDB: {error}\n\nThe statement, for DuckDB:\n{sql}") from None

    def load(self, table: str, given: GivenRows) -> pa.Table:
        """Load rows into a table, which is created unless there is one, and return them with their types."""
        name = exp.to_table(table, dialect="trino")
        self._create_schemas([name])
        target = name.sql(dialect="duckdb")
        types = self._column_types(target)
        if types is None:
            if given.columns is None and given.is_text:
                raise SqlTestError(
                    f"{table}: the types of its columns are not known. What to do: say them, as in columns = "
                    '"account varchar, amount decimal(38, 2)", or name a file in setup that creates the table'
                )
            types = _declared(table, given.columns) if given.columns else _types_of(given.data)
            listed = ", ".join(f"{quoted(column)} {type_}" for column, type_ in types.items())
            self._connection.execute(f"CREATE TABLE {target} ({listed})")
        rows = self.typed(table, given.data, types)
        self._connection.register("given_rows", rows)
        columns = ", ".join(map(quoted, rows.column_names))
        self._connection.execute(f"INSERT INTO {target} ({columns}) SELECT {columns} FROM given_rows")
        self._connection.unregister("given_rows")
        return rows

    def rows(self, table: str, columns: Sequence[str], where: str | None = None) -> pa.Table:
        """Return columns of a table, of the rows that a condition in Trino's SQL holds for."""
        name = exp.to_table(table, dialect="trino")
        _check_columns(table, columns, self._types_there(table))
        query = exp.select(*(exp.column(column, quoted=True) for column in columns)).from_(name)
        try:
            query = query.where(where, dialect="trino") if where else query
        except sqlglot.errors.SqlglotError as error:
            raise SqlTestError(f"{table}: where is {where!r}: {error}") from None
        return self.query(to_duckdb(query))

    def columns(self, table: str) -> list[str]:
        """Return the names of a table's columns."""
        return list(self._types_there(table))

    def typed(self, table: str, data: pa.Table, types: dict[str, str]) -> pa.Table:
        """Return rows with columns of DuckDB's types; texts are read as them."""
        _check_columns(table, data.column_names, types)
        casts = ", ".join(
            f"CAST({quoted(column)} AS {types[_known(column, types)]}) AS {quoted(column)}"
            for column in data.column_names
        )
        self._connection.register("given_rows", data)
        try:
            return self._connection.sql(f"SELECT {casts} FROM given_rows").to_arrow_table()
        except duckdb.Error as error:
            raise SqlTestError(f"{table}: a value is not of its column's type: {error}") from None
        finally:
            self._connection.unregister("given_rows")

    def typed_as(self, table: str, data: pa.Table, like: pa.Table) -> pa.Table:
        """Return rows with the types that the columns of another table have."""
        return self.typed(table, data, _types_of(like))

    def _types_there(self, table: str) -> dict[str, str]:
        types = self._column_types(exp.to_table(table, dialect="trino").sql(dialect="duckdb"))
        if types is None:
            raise SqlTestError(f"{table}: there is no such table after the statements have run")
        return types

    def _column_types(self, target: str) -> dict[str, str] | None:
        try:
            return _types_in(self._connection.sql(f"SELECT * FROM {target} LIMIT 0"))
        except duckdb.CatalogException:
            return None

    def _create_schemas(self, tables: Iterable[exp.Table]) -> None:
        for table in tables:
            if table.catalog not in self._catalogs:
                self._connection.execute(f"ATTACH ':memory:' AS {quoted(table.catalog)}")
                self._catalogs.add(table.catalog)
            if table.db and (table.catalog, table.db) not in self._schemas:
                schema = f"{quoted(table.catalog)}.{quoted(table.db)}"
                self._connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
                self._schemas.add((table.catalog, table.db))


def _declared(table: str, columns: str) -> dict[str, str]:
    """The columns of a declaration in Trino's types, with DuckDB's."""
    try:
        created = sqlglot.parse_one(f"CREATE TABLE t ({columns})", read="trino")
        definitions = list(created.find_all(exp.ColumnDef))
        return {it.name: it.args["kind"].sql(dialect="duckdb") for it in definitions}
    except (sqlglot.errors.SqlglotError, KeyError, AttributeError):
        raise SqlTestError(
            f"{table}: columns are {columns!r}; accepted are names and types as in CREATE TABLE"
        ) from None


def _types_of(data: pa.Table) -> dict[str, str]:
    with duckdb.connect() as connection:
        connection.register("data", data.slice(0, 0))
        return _types_in(connection.sql("SELECT * FROM data"))


def _types_in(relation: duckdb.DuckDBPyRelation) -> dict[str, str]:
    return dict(zip(relation.columns, map(str, relation.types), strict=True))


def _check_columns(table: str, columns: Iterable[str], types: dict[str, Any]) -> None:
    unknown = [column for column in columns if _known(column, types) not in types]
    if unknown:
        raise SqlTestError(f"{table} has no column {', '.join(unknown)}; it has {', '.join(types)}")


def _known(column: str, types: dict[str, Any]) -> str:
    """The column's name as the table has it, which may be of other letters' case."""
    return next((name for name in types if name.lower() == column.lower()), column)
