"""Trino's types of columns whose DuckDB types say less, `char(3)` say: kept in a table of the database."""

from __future__ import annotations

from dataclasses import replace

import duckdb
import pyarrow as pa

from nostro.flight.column_types import NOSTRO_TYPE, with_type
from nostro.flight.source import Table


class DeclaredTypes:
    """The types that tables were created with. Methods work in the transaction of the connection they get."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, name: str) -> None:
        self._name = name
        cursor.execute(
            f"CREATE TABLE IF NOT EXISTS {name} (schema_name VARCHAR NOT NULL, "
            "table_name VARCHAR NOT NULL, column_name VARCHAR NOT NULL, "
            "arrow_type VARCHAR NOT NULL, type VARCHAR NOT NULL)"
        )

    def declare(self, cursor: duckdb.DuckDBPyConnection, schema: str, table: str, columns: pa.Schema) -> None:
        for column in columns:
            declared = (column.metadata or {}).get(NOSTRO_TYPE)
            if declared is not None:
                cursor.execute(
                    f"INSERT INTO {self._name} VALUES (?, ?, ?, ?, ?)",
                    [schema, table, column.name, str(column.type), declared.decode("utf-8")],
                )

    def applied(self, cursor: duckdb.DuckDBPyConnection, schema: str, table: str, found: Table) -> Table:
        """The description with the declared types, of columns that still have the type that they had."""
        rows = cursor.execute(
            f"SELECT column_name, arrow_type, type FROM {self._name} "
            "WHERE schema_name = $1 AND table_name = $2",
            [schema, table],
        ).fetchall()
        declared = {name: (arrow_type, type) for name, arrow_type, type in rows}
        fields = []
        for field in found.columns:
            arrow_type, type = declared.get(field.name, ("", ""))
            fields.append(with_type(field, type) if arrow_type == str(field.type) else field)
        return replace(found, columns=pa.schema(fields))

    def rename_table(
        self, cursor: duckdb.DuckDBPyConnection, schema: str, table: str, new_table: str
    ) -> None:
        cursor.execute(
            f"UPDATE {self._name} SET table_name = $3 WHERE schema_name = $1 AND table_name = $2",
            [schema, table, new_table],
        )

    def rename_column(
        self, cursor: duckdb.DuckDBPyConnection, schema: str, table: str, column: str, new_column: str
    ) -> None:
        cursor.execute(
            f"UPDATE {self._name} SET column_name = $4 "
            "WHERE schema_name = $1 AND table_name = $2 AND column_name = $3",
            [schema, table, column, new_column],
        )

    def forget(
        self,
        cursor: duckdb.DuckDBPyConnection,
        schema: str,
        table: str | None = None,
        column: str | None = None,
    ) -> None:
        cursor.execute(
            f"DELETE FROM {self._name} WHERE schema_name = $1 "
            "AND ($2 IS NULL OR table_name = $2) AND ($3 IS NULL OR column_name = $3)",
            [schema, table, column],
        )
