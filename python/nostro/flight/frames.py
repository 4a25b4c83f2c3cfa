"""Frames of pandas and polars, and whatever else exports Arrow data, as a source."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from nostro.flight.errors import NotFound, SourceError
from nostro.flight.memory import row_ranges, rows_of_range
from nostro.flight.source import Applies, Data, Partition, ReadRequest, Source, Table
from nostro.flight.table_statistics import ArrowStatistics, Statistics, StatisticsRequest

ACCEPTED = (
    "a pandas or polars frame, a polars LazyFrame, an object with __arrow_c_stream__ such as a table of "
    "pyarrow, or a function without arguments that returns one"
)


class FrameSource(Source):
    """Frames by name, `schema.table`.

    A frame is taken as it is now: of one of pandas, which can be changed, a copy. A function is called for
    each read and gives the frame of that moment, whose columns must stay the same. A polars LazyFrame is
    collected for each read, of the columns asked for alone.

    What pandas shows as NaN is NULL in a column of numpy's floats, in which it means that. The index becomes
    columns if it has names.
    """

    applies = Applies.NOTHING

    def __init__(self, frames: Mapping[str, Any], name: str = "frames", version: str = "0") -> None:
        self.name = name
        self.version = version
        self._tables: dict[tuple[str, str], pa.Table] = {}
        self._statistics = ArrowStatistics()
        self._made: dict[tuple[str, str], Callable[[], Any]] = {}
        self._lazy: dict[tuple[str, str], Any] = {}
        for qualified, frame in frames.items():
            schema, separator, table = qualified.partition(".")
            if not (schema and separator and table):
                raise ValueError(f"table name {qualified!r}: accepted: schema.table")
            if _is_lazy(frame):
                self._lazy[schema, table] = frame
            elif callable(frame):
                self._made[schema, table] = frame
            else:
                own = frame.copy() if _is_of(frame, "pandas", "DataFrame") else frame
                self._tables[schema, table] = arrow_table(own, qualified)
        self._names = [tuple(qualified.split(".", 1)) for qualified in frames]

    def schemas(self) -> Iterable[str]:
        return dict.fromkeys(schema for schema, _ in self._names)

    def tables(self, schema: str) -> Iterable[str]:
        return [table for owner, table in self._names if owner == schema]

    def describe(self, schema: str, table: str) -> Table:
        key = (schema, table)
        if key in self._lazy:
            return Table(arrow_table(self._lazy[key].clear().collect(), f"{schema}.{table}").schema)
        found = self._table(schema, table)
        return Table(found.schema, row_count=found.num_rows if key in self._tables else None)

    def statistics(self, request: StatisticsRequest) -> Statistics | None:
        """Of frames that cannot change: others would have to be made, or collected, to be looked at."""
        found = self._tables.get((request.schema, request.table))
        if found is None:
            return None
        return self._statistics.of(found, (request.schema, request.table), request.columns)

    def partitions(self, request: ReadRequest) -> Sequence[Partition]:
        """Ranges of rows, of frames that cannot change."""
        found = self._tables.get((request.schema, request.table))
        return () if found is None else row_ranges(found.num_rows, request.partitions)

    def read(self, request: ReadRequest) -> Data:
        lazy = self._lazy.get((request.schema, request.table))
        if lazy is not None:
            wanted = lazy.select(request.columns) if request.columns else lazy
            return arrow_table(wanted.collect(), request.qualified_name)
        return rows_of_range(self._table(request.schema, request.table), request.partition)

    def _table(self, schema: str, table: str) -> pa.Table:
        key = (schema, table)
        if key in self._made:
            frame = self._made[key]()
            collected = frame.collect() if _is_lazy(frame) else frame
            return arrow_table(collected, f"{schema}.{table}")
        if key not in self._tables:
            raise NotFound(f"{schema}.{table}: no such table")
        return self._tables[key]


def arrow_table(frame: Any, name: str) -> pa.Table:
    """The frame as an Arrow table; raises SourceError that names the table and, where it can, the column."""
    try:
        if _is_of(frame, "pandas", "DataFrame"):
            return _of_pandas(frame, name)
        if _is_of(frame, "polars", "DataFrame"):
            return _of_polars(frame, name)
        if isinstance(frame, pa.RecordBatch):
            return pa.Table.from_batches([frame])
        if hasattr(frame, "__arrow_c_stream__") or isinstance(frame, pa.Table):
            return pa.table(frame)
    except SourceError:
        raise
    except Exception as error:
        raise SourceError(f"{name}: the frame cannot be Arrow data: {error}") from error
    raise SourceError(f"{name}: a {type(frame).__module__}.{type(frame).__qualname__}; accepted: {ACCEPTED}")


def _of_pandas(frame: Any, name: str) -> pa.Table:
    for column in frame.columns:
        if not isinstance(column, str):
            raise SourceError(f"{name}: column {column!r} has no text for a name; accepted: text")
    named = [level for level in frame.index.names if level is not None]
    indexed = frame.reset_index(level=named) if named else frame
    try:
        return pa.Table.from_pandas(indexed, preserve_index=False).replace_schema_metadata(None)
    except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
        # pyarrow names the column in a second argument
        detail = "; ".join(str(argument) for argument in error.args)
        raise SourceError(
            f"{name}: {detail}; accepted: values of one type in a column, which Arrow has"
        ) from error


def _of_polars(frame: Any, name: str) -> pa.Table:
    polars = sys.modules["polars"]
    for column, type in frame.schema.items():
        # polars exports the addresses of Python's objects
        if _has_objects(type, polars.Object):
            raise SourceError(
                f"{name}: column {column} is of Python's objects; accepted: a type that Arrow has"
            )
    # newer layouts of text can hardly be computed on by pyarrow
    return frame.to_arrow(compat_level=polars.CompatLevel.oldest())


def _has_objects(type: Any, objects: Any) -> bool:
    within = [getattr(type, "inner", None), *(field.dtype for field in getattr(type, "fields", ()))]
    return type == objects or any(_has_objects(it, objects) for it in within if it is not None)


def _is_lazy(frame: Any) -> bool:
    return _is_of(frame, "polars", "LazyFrame")


def _is_of(frame: Any, module: str, name: str) -> bool:
    """Whether it is of the library's class. Nothing is imported: who has a frame has the library."""
    library = sys.modules.get(module)
    return library is not None and isinstance(frame, getattr(library, name))
