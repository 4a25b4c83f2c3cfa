"""A DuckDB database that can be changed, through the source alone: each change is one transaction."""

from __future__ import annotations

import contextlib
import re
import secrets
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from nostro.flight.changes import (
    AddColumn,
    CommentColumn,
    CommentTable,
    CreateSchema,
    CreateTable,
    CreateTableAs,
    Delete,
    DropColumn,
    DropSchema,
    DropTable,
    Insert,
    Merge,
    Outcome,
    Reason,
    Refused,
    RenameColumn,
    RenameTable,
    Truncate,
    Write,
)
from nostro.flight.column_types import comment_of, hidden
from nostro.flight.duckdb import (
    ROW_ID,
    DuckDBSource,
    conditions_of,
    exposed,
    has_row_ids,
    served_as,
    where,
)
from nostro.flight.duckdb_row_changes import (
    TARGET,
    changed_rows,
    conflict,
    id_of,
    insert_rows,
    merge_rows,
    touched_rows,
)
from nostro.flight.duckdb_snapshots import STREAMS, Snapshots
from nostro.flight.duckdb_sql import quoted
from nostro.flight.duckdb_types import DeclaredTypes
from nostro.flight.errors import NotFound, SourceError
from nostro.flight.literals import values_of
from nostro.flight.source import Partition, ReadRequest, Table

OWN_SCHEMA = "nostro"
OPERATIONS = "operations"
DECLARED_TYPES = "declared_types"
OPERATIONS_KEPT = "30 days"
"""How long an operation can be asked for again at least; older ones go when the database is opened."""
PRIMARY_KEY = "primary_key"
INTERRUPT_SECONDS = 0.5
"""How long a stream whose client has gone gets to end by itself."""
NEVER = "1000 TB"
"""More than DuckDB's log can be: it is not written into the database by itself."""


@dataclass(frozen=True)
class Recorded:
    """What a transaction writes about itself: `rewrites` if rows that were there are changed or gone."""

    operation: str
    kind: str
    schema: str
    table: str = ""
    rewrites: bool = False


class WritableDuckDBSource(DuckDBSource):
    """The tables and views of a DuckDB database file, to be read and changed.

    While it is served, nothing else may change the file: DuckDB lets no other process open it. Changes are
    made one after another, and are told apart by a version that the schema `nostro` of the database records.
    A read sees the version that it was planned with, however many are committed since.

    Rows are told from one another by DuckDB's own row ids, unless `row_id` says by what: "primary_key" for
    all tables that have one, or the columns of some tables, `{"schema.table": ("column", …)}`. A merge keeps
    the rows that it read where they are until it is over, and is refused if one of those that it changes was
    changed since.

    A state that has ended is read by `earlier_streams` streams at once; others wait. For each state that is
    held when it ends, twice as many transactions are kept open.
    """

    read_only = False
    keeps_snapshots = True

    def __init__(
        self,
        database: Path | str,
        name: str = "duckdb",
        version: str = "0",
        *,
        threads: int | None = None,
        memory_limit: str = "1GB",
        staging: Path | str | None = None,
        row_id: str | Mapping[str, Sequence[str]] = ROW_ID,
        earlier_streams: int = STREAMS,
    ) -> None:
        if earlier_streams < 1:
            raise ValueError(f"earlier_streams {earlier_streams}: accepted: 1 or more")
        if isinstance(row_id, str) and row_id not in (ROW_ID, PRIMARY_KEY):
            raise ValueError(f"row_id {row_id!r}: accepted: {ROW_ID}, {PRIMARY_KEY}, or columns by table")
        self._row_id = row_id
        super().__init__(database, name, version, threads, memory_limit)
        self._staging = Path(staging) if staging is not None else Path(f"{database}.staging")
        self._operations = self._table_name(OWN_SCHEMA, OPERATIONS)
        self._writing = threading.Lock()
        self._state = threading.Lock()
        """Held while a transaction begins or is committed: a new one sees the state of `_version`."""
        self._snapshots = Snapshots(self._begin, earlier_streams)
        self._merges: dict[str, int] = {}
        """Merges that run, and the version in which each began."""
        self._touched: dict[tuple[str, str], list[tuple[int, pa.Array]]] = {}
        """The ids of the rows that merges have changed or deleted while others ran, by version."""
        ((threshold,),) = self._rows("SELECT current_setting('checkpoint_threshold')")
        self._checkpoint_threshold = str(threshold)
        self._described_at: dict[tuple[str, str, int], Table] = {}
        self._process = secrets.token_hex(8)
        """In the tokens of partitions: when the database is closed or opened, rows may move."""
        with self._cursor() as cursor:
            cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {self._schema_name(OWN_SCHEMA)}")
            cursor.execute(
                f"CREATE TABLE IF NOT EXISTS {self._operations} (operation VARCHAR PRIMARY KEY, "
                "version BIGINT NOT NULL, kind VARCHAR NOT NULL, schema_name VARCHAR NOT NULL, "
                "table_name VARCHAR NOT NULL, rewrites BOOLEAN NOT NULL, row_count BIGINT NOT NULL, "
                "committed_at TIMESTAMPTZ NOT NULL)"
            )
            # the newest says which version comes next
            cursor.execute(
                f"DELETE FROM {self._operations} WHERE committed_at < now() - INTERVAL '{OPERATIONS_KEPT}' "
                f"AND version < (SELECT max(version) FROM {self._operations})"
            )
            rows = cursor.execute(
                f"SELECT lower(schema_name), lower(table_name), max(version), max(version) FILTER (rewrites) "
                f"FROM {self._operations} GROUP BY ALL"
            ).fetchall()
            self._types = DeclaredTypes(cursor, self._table_name(OWN_SCHEMA, DECLARED_TYPES))
            views = cursor.execute(
                "SELECT schema_name, view_name FROM duckdb_views() WHERE database_name = current_database() "
                "AND NOT internal"
            ).fetchall()
        self._views = frozenset(key_of(schema, view) for schema, view in views)
        """Those that there have been since the source was opened: it makes none."""
        self._changed: dict[tuple[str, str], int] = {
            (schema, table): changed for schema, table, changed, _ in rows
        }
        self._rewritten = {
            (schema, table): version for schema, table, _, version in rows if version is not None
        }
        self._replaced: dict[tuple[str, str], int] = {}
        """Of the same, the newest since the source was opened that did not tell which rows it changed."""
        self._version: int = max(self._changed.values(), default=0)

    def schemas(self) -> Iterable[str]:
        rows = self._rows(
            "SELECT schema_name FROM duckdb_schemas() WHERE database_name = current_database() "
            "AND (NOT internal OR schema_name = 'main') ORDER BY 1"
        )
        return [schema for (schema,) in rows if not is_own(schema)]

    def tables(self, schema: str) -> Iterable[str]:
        return [] if is_own(schema) else super().tables(schema)

    def describe(self, schema: str, table: str) -> Table:
        return self.describe_at(schema, table, str(self._version))

    def describe_at(self, schema: str, table: str, snapshot: str | None) -> Table:
        if is_own(schema):
            raise NotFound(f"{schema}.{table}: no such table")
        version = self._version_of(snapshot)
        key = (schema, table, self._last_change(schema, table))
        if key[2] <= version and key in self._described_at:
            return self._described_at[key]
        with self._cursor_at([(schema, table)], version) as cursor:
            described = self._describe(schema, table, cursor)
        if key[2] <= version:
            for older in [known for known in list(self._described_at) if known[:2] == key[:2]]:
                self._described_at.pop(older, None)
            self._described_at[key] = described
        return described

    def snapshot(self, schema: str, table: str) -> str | None:
        return str(self._version)

    def hold_now(self, schema: str, table: str, holder: str) -> str | None:
        with self._state:
            return super().hold_now(schema, table, holder)

    def hold(self, snapshot: str, holder: str) -> None:
        self._snapshots.hold(self._version_of(snapshot), holder)

    def release(self, holder: str) -> None:
        self._snapshots.release(holder)

    def outcome(self, operation: str) -> Outcome | None:
        rows = self._rows(f"SELECT row_count FROM {self._operations} WHERE operation = $1", operation)
        return Outcome(rows[0][0]) if rows else None

    def staging_directory(self) -> Path:
        return self._staging

    def cancel(self, request: ReadRequest) -> None:
        # an interrupt ends a transaction that others may need: most streams end without, at their next batch
        interrupt = threading.Timer(INTERRUPT_SECONDS, super().cancel, [request])
        interrupt.daemon = True
        interrupt.start()

    def close(self) -> None:
        self._snapshots.close()
        super().close()

    def begin(self, write: Write) -> None:
        with self._cursor() as cursor:
            if isinstance(write, CreateTableAs):
                self._check_creatable(cursor, write.schema, write.table, write.replace)
                return
            self._check_table(cursor, write.schema, write.table)
        if isinstance(write, Merge):
            read = self._version_of(write.snapshot)
            with self._state:
                # row ids of a state before this one may be other rows' now
                if ROW_ID in write.row_id and not self._rows_in_place(read):
                    raise conflict(write)
                self._check_not_rewritten(write, read)
                self._merges[write.operation] = self._version
                self._set_checkpoint_threshold(NEVER)

    def end(self, operation: str) -> None:
        with self._state:
            self._merges.pop(operation, None)
            if not self._merges:
                self._touched.clear()
                self._set_checkpoint_threshold(self._checkpoint_threshold)

    def create_schema(self, request: CreateSchema) -> None:
        def work(cursor: duckdb.DuckDBPyConnection) -> int:
            if is_own(request.schema) or self._has_schema(cursor, request.schema):
                raise Refused(Reason.ALREADY_EXISTS, f"schema {request.schema} exists already")
            cursor.execute(f"CREATE SCHEMA {self._schema_name(request.schema)}")
            return 0

        self._commit(Recorded(request.operation, "create_schema", request.schema), work)

    def drop_schema(self, request: DropSchema) -> None:
        def work(cursor: duckdb.DuckDBPyConnection) -> int:
            self._check_schema(cursor, request.schema)
            entries = cursor.execute(
                "SELECT count(*) FROM (SELECT table_name FROM duckdb_tables() WHERE schema_name = $1 AND "
                "database_name = current_database() UNION ALL SELECT view_name FROM duckdb_views() "
                "WHERE schema_name = $1 AND database_name = current_database())",
                [request.schema],
            ).fetchone()
            if request.schema == "main":
                raise Refused(Reason.UNSUPPORTED, "schema main is DuckDB's own, and stays")
            if entries is not None and entries[0] and not request.cascade:
                raise Refused(Reason.NOT_EMPTY, f"schema {request.schema} is not empty")
            cursor.execute(
                f"DROP SCHEMA {self._schema_name(request.schema)}{' CASCADE' if request.cascade else ''}"
            )
            self._types.forget(cursor, request.schema)
            return 0

        self._commit(Recorded(request.operation, "drop_schema", request.schema, rewrites=True), work)

    def create_table(self, request: CreateTable) -> None:
        def work(cursor: duckdb.DuckDBPyConnection) -> int:
            self._create(cursor, request)
            return 0

        self._commit(Recorded(request.operation, "create_table", request.schema, request.table, True), work)

    def create_table_as(self, request: CreateTableAs) -> Outcome:
        def work(cursor: duckdb.DuckDBPyConnection) -> int:
            self._create(cursor, request)
            return insert_rows(
                cursor, self._table_name(request.schema, request.table), request.columns.names, request.rows()
            )

        return self._commit(
            Recorded(request.operation, "create_table_as", request.schema, request.table, True), work
        )

    def drop_table(self, request: DropTable) -> None:
        def work(cursor: duckdb.DuckDBPyConnection) -> int:
            is_table = self._check_entry(cursor, request.schema, request.table)
            kind = "TABLE" if is_table else "VIEW"
            cursor.execute(f"DROP {kind} {self._table_name(request.schema, request.table)}")
            self._types.forget(cursor, request.schema, request.table)
            return 0

        self._commit(Recorded(request.operation, "drop_table", request.schema, request.table, True), work)

    def rename_table(self, request: RenameTable) -> None:
        def work(cursor: duckdb.DuckDBPyConnection) -> int:
            self._check_table(cursor, request.schema, request.table)
            # names that differ only in case are the same to DuckDB
            if request.new_table.lower() != request.table.lower():
                self._check_creatable(cursor, request.schema, request.new_table, False)
            name = self._table_name(request.schema, request.table)
            cursor.execute(f"ALTER TABLE {name} RENAME TO {quoted(request.new_table)}")
            self._types.rename_table(cursor, request.schema, request.table, request.new_table)
            return 0

        renamed = Recorded(request.operation, "rename_table", request.schema, request.table, True)
        self._commit(renamed, work, (replace(renamed, table=request.new_table),))

    def add_column(self, request: AddColumn) -> None:
        def work(cursor: duckdb.DuckDBPyConnection) -> int:
            self._check_table(cursor, request.schema, request.table)
            if request.column.name.lower() in self._names(cursor, request.schema, request.table):
                raise Refused(
                    Reason.ALREADY_EXISTS,
                    f"{request.schema}.{request.table} has a column {request.column.name} already",
                )
            name = self._table_name(request.schema, request.table)
            column, type = quoted(request.column.name), column_types(cursor, pa.schema([request.column]))[0]
            cursor.execute(f"ALTER TABLE {name} ADD COLUMN {column} {type}")
            if not request.column.nullable:
                cursor.execute(f"ALTER TABLE {name} ALTER COLUMN {column} SET NOT NULL")
            comment_columns(cursor, name, pa.schema([request.column]))
            self._types.declare(cursor, request.schema, request.table, pa.schema([request.column]))
            return 0

        self._commit(Recorded(request.operation, "add_column", request.schema, request.table), work)

    def drop_column(self, request: DropColumn) -> None:
        def work(cursor: duckdb.DuckDBPyConnection) -> int:
            self._check_column(cursor, request.schema, request.table, request.column)
            name = self._table_name(request.schema, request.table)
            cursor.execute(f"ALTER TABLE {name} DROP COLUMN {quoted(request.column)}")
            self._types.forget(cursor, request.schema, request.table, request.column)
            return 0

        self._commit(Recorded(request.operation, "drop_column", request.schema, request.table, True), work)

    def rename_column(self, request: RenameColumn) -> None:
        def work(cursor: duckdb.DuckDBPyConnection) -> int:
            self._check_column(cursor, request.schema, request.table, request.column)
            if (
                request.new_column.lower() != request.column.lower()
                and request.new_column.lower() in self._names(cursor, request.schema, request.table)
            ):
                raise Refused(
                    Reason.ALREADY_EXISTS,
                    f"{request.schema}.{request.table} has a column {request.new_column} already",
                )
            cursor.execute(
                f"ALTER TABLE {self._table_name(request.schema, request.table)} RENAME COLUMN "
                f"{quoted(request.column)} TO {quoted(request.new_column)}"
            )
            self._types.rename_column(
                cursor, request.schema, request.table, request.column, request.new_column
            )
            return 0

        self._commit(Recorded(request.operation, "rename_column", request.schema, request.table, True), work)

    def comment_table(self, request: CommentTable) -> None:
        def work(cursor: duckdb.DuckDBPyConnection) -> int:
            is_table = self._check_entry(cursor, request.schema, request.table)
            comment(
                cursor,
                f"{'TABLE' if is_table else 'VIEW'} {self._table_name(request.schema, request.table)}",
                request.comment,
            )
            return 0

        self._commit(Recorded(request.operation, "comment_table", request.schema, request.table), work)

    def comment_column(self, request: CommentColumn) -> None:
        def work(cursor: duckdb.DuckDBPyConnection) -> int:
            self._check_column(cursor, request.schema, request.table, request.column)
            column = f"{self._table_name(request.schema, request.table)}.{quoted(request.column)}"
            comment(cursor, f"COLUMN {column}", request.comment)
            return 0

        self._commit(Recorded(request.operation, "comment_column", request.schema, request.table), work)

    def truncate(self, request: Truncate) -> None:
        def work(cursor: duckdb.DuckDBPyConnection) -> int:
            self._check_table(cursor, request.schema, request.table)
            return changed_rows(
                cursor.execute(f"DELETE FROM {self._table_name(request.schema, request.table)}")
            )

        self._commit(Recorded(request.operation, "truncate", request.schema, request.table, True), work)

    def delete(self, request: Delete) -> Outcome:
        touched: list[pa.Array] = []

        def work(cursor: duckdb.DuckDBPyConnection) -> int:
            self._check_table(cursor, request.schema, request.table)
            types = self._column_types(request.schema, request.table, cursor)
            served = {column: exposed(column, type) for column, type in types.items()}
            if has_row_ids(types):
                served[ROW_ID] = quoted(ROW_ID)
            clause = where(conditions_of(request.predicate, request.condition, served))
            name, parameters = self._table_name(request.schema, request.table), list(clause.parameters)
            described = self._describe(request.schema, request.table, cursor)
            if self._merges and described.row_id:
                id = id_of(
                    [served[column] for column in described.row_id],
                    [described.columns.field(column).type for column in described.row_id],
                )
                ids = cursor.sql(f"SELECT {id} AS id FROM {name}{clause.text}", params=parameters)
                touched.append(ids.to_arrow_table()["id"].combine_chunks())
            return changed_rows(cursor.execute(f"DELETE FROM {name}{clause.text}", parameters))

        return self._commit(
            Recorded(request.operation, "delete", request.schema, request.table, True),
            work,
            touched=touched,
        )

    def insert(self, request: Insert) -> Outcome:
        def work(cursor: duckdb.DuckDBPyConnection) -> int:
            self._check_table(cursor, request.schema, request.table)
            return insert_rows(
                cursor, self._table_name(request.schema, request.table), request.columns.names, request.rows()
            )

        return self._commit(Recorded(request.operation, "insert", request.schema, request.table), work)

    def merge(self, request: Merge) -> Outcome:
        if request.operation not in self._merges:
            raise Refused(
                Reason.CONFLICT,
                f"{request.schema}.{request.table}: the source was started anew while the merge ran; "
                "run it again",
            )

        def work(cursor: duckdb.DuckDBPyConnection) -> int:
            self._check_table(cursor, request.schema, request.table)
            touched = touched_rows(cursor, request)
            self._check_untouched(request, touched)
            row_id, unique = self._row_id_columns(cursor, request)
            name = self._table_name(request.schema, request.table)
            rows = merge_rows(cursor, name, row_id, request, unique)
            merged.append(touched)
            return rows

        merged: list[pa.Array] = []
        return self._commit(
            Recorded(request.operation, "merge", request.schema, request.table, True),
            work,
            touched=merged,
        )

    def _commit(
        self,
        recorded: Recorded,
        work: Callable[[duckdb.DuckDBPyConnection], int],
        also: tuple[Recorded, ...] = (),
        touched: Sequence[pa.Array] = (),
    ) -> Outcome:
        """Make a change and record it, both or neither; raises Refused. `committed` gets its version."""
        with self._writing, self._cursor() as cursor:
            cursor.execute("BEGIN TRANSACTION")
            try:
                rows = work(cursor)
                version = self._version + 1
                cursor.execute(
                    f"INSERT INTO {self._operations} VALUES (?, ?, ?, ?, ?, ?, ?, now())",
                    [
                        recorded.operation,
                        version,
                        recorded.kind,
                        recorded.schema,
                        recorded.table,
                        recorded.rewrites,
                        rows,
                    ],
                )
                with self._state:
                    self._snapshots.before_commit(self._version)
                    cursor.execute("COMMIT")
                    self._version = version
                    for change in (recorded, *also):
                        key = key_of(change.schema, change.table)
                        self._changed[key] = version
                        if change.rewrites:
                            self._rewritten[key] = version
                            if not touched:
                                self._replaced[key] = version
                    for ids in touched:
                        key = key_of(recorded.schema, recorded.table)
                        self._touched.setdefault(key, []).append((version, ids))
            except Exception as error:
                with contextlib.suppress(duckdb.Error):
                    cursor.execute("ROLLBACK")
                if isinstance(error, duckdb.Error):
                    raise refusal(error, recorded) from error
                raise
            return Outcome(rows)

    def partitions(self, request: ReadRequest) -> Sequence[Partition]:
        version = self._version_of(request.snapshot)
        with self._state:
            in_place = self._rows_in_place(version)
        # the whole can be read still
        return super().partitions(replace(request, snapshot=str(version))) if in_place else ()

    def _token(self, start: int, end: int, snapshot: str | None) -> str:
        return f"{self._process}.{snapshot}.{super()._token(start, end, snapshot)}"

    def _range_of(self, token: str) -> str:
        return token.rpartition(".")[2]

    def _rows_in_place(self, version: int) -> bool:
        """Whether a table that has not changed since the version has the row ids that it had in it. To be
        called while nobody commits.

        A commit may write the log into the database, and then moves rows to where deleted ones were, of any
        table, unless a transaction is open.
        """
        return version == self._version or self._snapshots.keeps(version)

    def _cursor_of_state(
        self, tables: Sequence[tuple[str, str]], snapshot: str | None, partition: str | None = None
    ) -> contextlib.AbstractContextManager[duckdb.DuckDBPyConnection]:
        version = self._version_of(snapshot)
        if partition is not None and not partition.startswith(f"{self._process}.{version}."):
            raise moved(tables)
        return self._cursor_at(tables, version, by_row_ids=partition is not None)

    def _state_of(self, schema: str, table: str, snapshot: str | None) -> str:
        version = self._version_of(snapshot)
        return str(min(version, self._last_change(schema, table)))

    @contextlib.contextmanager
    def _cursor_at(
        self, tables: Sequence[tuple[str, str]], version: int, by_row_ids: bool = False
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection that sees the tables as of the version, and with `by_row_ids` its row ids."""
        with self._snapshots.reading(version):
            with self._state:
                changed = [table for table in tables if self._last_change(*table) > version]
                if by_row_ids and not changed and not self._rows_in_place(version):
                    raise moved(tables)
                current = None if changed else self._begin()
            if current is None:
                with self._earlier_cursor(changed, version) as earlier:
                    yield earlier
                return
            try:
                yield current
            finally:
                current.close()

    @contextlib.contextmanager
    def _earlier_cursor(
        self, changed: Sequence[tuple[str, str]], version: int
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        earlier = self._snapshots.take(version)
        if earlier is None:
            schema, table = changed[0]
            raise SourceError(
                f"{schema}.{table}: the table has changed since the read was planned, and that state is "
                "not kept any more; plan it again"
            )
        try:
            yield earlier
        finally:
            self._snapshots.give_back(version, earlier)

    def _begin(self) -> duckdb.DuckDBPyConnection:
        connection = self._connection.cursor()
        connection.execute("SET enable_progress_bar = false")
        connection.execute("BEGIN TRANSACTION READ ONLY")
        # DuckDB begins in a database with the first statement that uses it
        connection.execute(f"SELECT 1 FROM {self._operations} LIMIT 1").fetchall()
        return connection

    def _set_checkpoint_threshold(self, size: str) -> None:
        """A checkpoint moves rows to where deleted ones were, transactions or not, and row ids with them."""
        self._connection.execute(f"SET GLOBAL checkpoint_threshold = '{size}'")

    def _version_of(self, snapshot: str | None) -> int:
        """The version that a snapshot names, and without one that of now."""
        if snapshot is None:
            return self._version
        if not snapshot.isdecimal():
            raise SourceError(f"snapshot {snapshot!r} is not one of this source's")
        # of this database before an older one took its place
        if int(snapshot) > self._version:
            raise SourceError(f"snapshot {snapshot} is newer than the database; plan the read again")
        return int(snapshot)

    def _last_change(self, schema: str, table: str) -> int:
        if key_of(schema, table) in self._views:
            # its tables' changes are its own, and which these are is DuckDB's to know
            return self._version
        return newest(self._changed, schema, table)

    def _check_not_rewritten(self, merge: Merge, version: int) -> None:
        if newest(self._rewritten, merge.schema, merge.table) > version:
            raise conflict(merge)

    def _check_untouched(self, merge: Merge, row_ids: pa.Array) -> None:
        """Raises Refused if any of the rows was changed since the merge began."""
        began = self._merges[merge.operation]
        with self._state:
            touched_since = [
                ids
                for version, ids in self._touched.get(key_of(merge.schema, merge.table), [])
                if version > began
            ]
        if newest(self._replaced, merge.schema, merge.table) > began:
            raise conflict(merge)
        for touched in touched_since:
            if pc.any(pc.is_in(row_ids, touched)).as_py():
                raise conflict(merge)

    def _describe(self, schema: str, table: str, cursor: duckdb.DuckDBPyConnection | None = None) -> Table:
        if cursor is None:
            with self._cursor() as own:
                return self._describe(schema, table, own)
        described = self._types.applied(cursor, schema, table, super()._describe(schema, table, cursor))
        is_table, _ = self._entry(schema, table, cursor)
        key = self._key(schema, table, described.columns, cursor) if is_table else ()
        if key:
            return replace(described, row_id=key)
        if not is_table or not has_row_ids(described.columns.names):
            return described
        row_id = hidden(pa.field(ROW_ID, pa.int64(), nullable=False))
        return replace(described, columns=described.columns.append(row_id), row_id=(ROW_ID,))

    def _key(
        self, schema: str, table: str, columns: pa.Schema, cursor: duckdb.DuckDBPyConnection
    ) -> tuple[str, ...]:
        """The columns that tell the table's rows apart, in its order; none for DuckDB's own row ids."""
        if isinstance(self._row_id, str):
            found = self._rows(
                "SELECT constraint_column_names FROM duckdb_constraints() WHERE constraint_type = "
                "'PRIMARY KEY' AND database_name = current_database() AND schema_name = $1 "
                "AND table_name = $2",
                schema,
                table,
                cursor=cursor,
            )
            named = found[0][0] if found and self._row_id == PRIMARY_KEY else ()
        else:
            named = self._row_id.get(f"{schema}.{table}", ())
            absent = [column for column in named if column not in columns.names]
            if absent:
                raise SourceError(f"{schema}.{table}: row_id names {absent[0]}, which is no column of it")
        # what is not compared by its bytes, such as char, does not come back from Trino as it was
        if any(values_of(columns.field(column)) is None for column in named):
            return ()
        return tuple(column for column in columns.names if column in named)

    def _row_id_columns(self, cursor: duckdb.DuckDBPyConnection, merge: Merge) -> tuple[dict[str, str], bool]:
        """The SQL of the columns of a row's id, as they are served, and whether DuckDB sees to it that no two
        rows have the same; raises Refused if there are others."""
        types = self._column_types(merge.schema, merge.table, cursor)
        described = self._describe(merge.schema, merge.table, cursor)
        if set(described.row_id) != set(merge.row_id):
            raise conflict(merge)
        columns = {
            column: served_as(f"{TARGET}.{quoted(column)}", types.get(column, "BIGINT"))
            for column in described.row_id
        }
        return columns, self._row_id == PRIMARY_KEY or not types.keys() & columns.keys()

    def _create(self, cursor: duckdb.DuckDBPyConnection, request: CreateTable | CreateTableAs) -> None:
        self._check_creatable(cursor, request.schema, request.table, request.replace)
        name = self._table_name(request.schema, request.table)
        types = column_types(cursor, request.columns)
        declared = ", ".join(
            f"{quoted(column.name)} {type}{'' if column.nullable else ' NOT NULL'}"
            for column, type in zip(request.columns, types, strict=True)
        )
        cursor.execute(f"CREATE {'OR REPLACE ' if request.replace else ''}TABLE {name} ({declared})")
        if request.comment is not None:
            comment(cursor, f"TABLE {name}", request.comment)
        comment_columns(cursor, name, request.columns)
        self._types.forget(cursor, request.schema, request.table)
        self._types.declare(cursor, request.schema, request.table, request.columns)

    def _schema_name(self, schema: str) -> str:
        return f"{quoted(self._database)}.{quoted(schema)}"

    def _has_schema(self, cursor: duckdb.DuckDBPyConnection, schema: str) -> bool:
        return not is_own(schema) and bool(
            cursor.execute(
                "SELECT 1 FROM duckdb_schemas() WHERE database_name = current_database() "
                "AND lower(schema_name) = lower($1)",
                [schema],
            ).fetchall()
        )

    def _check_schema(self, cursor: duckdb.DuckDBPyConnection, schema: str) -> None:
        if not self._has_schema(cursor, schema):
            raise Refused(Reason.NOT_FOUND, f"no schema {schema}")

    def _check_entry(self, cursor: duckdb.DuckDBPyConnection, schema: str, table: str) -> bool:
        """Whether it is a table, and not a view."""
        if is_own(schema):
            raise Refused(Reason.NOT_FOUND, f"{schema}.{table}: no such table")
        try:
            is_table, _ = self._entry(schema, table, cursor)
        except NotFound as error:
            raise Refused(Reason.NOT_FOUND, str(error)) from None
        return is_table

    def _check_table(self, cursor: duckdb.DuckDBPyConnection, schema: str, table: str) -> None:
        if not self._check_entry(cursor, schema, table):
            raise Refused(
                Reason.UNSUPPORTED, f"{schema}.{table} is a view, whose rows and columns are its tables'"
            )

    def _check_creatable(
        self, cursor: duckdb.DuckDBPyConnection, schema: str, table: str, replaceable: bool
    ) -> None:
        self._check_schema(cursor, schema)
        found = cursor.execute(
            "SELECT table_type FROM information_schema.tables WHERE table_catalog = current_database() "
            "AND lower(table_schema) = lower($1) AND lower(table_name) = lower($2)",
            [schema, table],
        ).fetchone()
        if found is not None and not (replaceable and found[0] != "VIEW"):
            raise Refused(Reason.ALREADY_EXISTS, f"{schema}.{table} exists already")

    def _check_column(self, cursor: duckdb.DuckDBPyConnection, schema: str, table: str, column: str) -> None:
        self._check_table(cursor, schema, table)
        if column.lower() not in self._names(cursor, schema, table):
            raise Refused(Reason.NOT_FOUND, f"{schema}.{table} has no column {column}")

    def _names(self, cursor: duckdb.DuckDBPyConnection, schema: str, table: str) -> set[str]:
        return {column.lower() for column in self._column_types(schema, table, cursor)}


def is_own(schema: str) -> bool:
    return schema.lower() == OWN_SCHEMA


def key_of(schema: str, table: str = "") -> tuple[str, str]:
    """Of what is kept by table, or by schema: names that differ only in case are the same to DuckDB."""
    return schema.lower(), table.lower()


def newest(versions: Mapping[tuple[str, str], int], schema: str, table: str) -> int:
    """The version of a change of the table, or of its schema."""
    return max(versions.get(key_of(schema, table), 0), versions.get(key_of(schema), 0))


def moved(tables: Sequence[tuple[str, str]]) -> SourceError:
    schema, table = tables[0]
    return SourceError(f"{schema}.{table}: rows may have moved since the read was planned; plan it again")


def column_types(cursor: duckdb.DuckDBPyConnection, columns: pa.Schema) -> list[str]:
    """DuckDB's types of Arrow columns; raises Refused for one that it has not."""
    try:
        return [str(type) for type in cursor.from_arrow(columns.empty_table()).types]
    except (duckdb.Error, pa.ArrowException) as error:
        raise Refused(Reason.UNSUPPORTED, f"a column's type is none of DuckDB's: {error}") from error


def comment(cursor: duckdb.DuckDBPyConnection, entry: str, text: str | None) -> None:
    literal = "NULL" if text is None else "'" + text.replace("'", "''") + "'"
    cursor.execute(f"COMMENT ON {entry} IS {literal}")


def comment_columns(cursor: duckdb.DuckDBPyConnection, target: str, columns: pa.Schema) -> None:
    for column in columns:
        text = comment_of(column)
        if text is not None:
            comment(cursor, f"COLUMN {target}.{quoted(column.name)}", text)


def refusal(error: duckdb.Error, recorded: Recorded) -> Exception:
    """The error as the client may see it: DuckDB's own text may have the values of a row."""
    name = f"{recorded.schema}.{recorded.table}" if recorded.table else recorded.schema
    text = str(error)
    if isinstance(error, duckdb.ConstraintException):
        null = re.search(r"NOT NULL constraint failed: (\S+)", text)
        if null:
            return Refused(
                Reason.CONSTRAINT, f"{name}: NULL not allowed for column: {null[1].rsplit('.', 1)[-1]}"
            )
        kind = "a key that is there already" if "uplicate key" in text else "a constraint of the table"
        return Refused(Reason.CONSTRAINT, f"{name}: a row violates {kind}")
    if isinstance(error, duckdb.ConversionException | duckdb.OutOfRangeException):
        return Refused(Reason.CONSTRAINT, f"{name}: a value does not fit the type of its column")
    if isinstance(error, duckdb.CatalogException | duckdb.DependencyException | duckdb.BinderException):
        return Refused(Reason.UNSUPPORTED, f"{name}: {text.splitlines()[0]}")
    return error
