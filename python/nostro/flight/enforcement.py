"""Making what a source returned into what was asked: checked, filtered, projected, limited, cut up."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import acero

from nostro.flight.errors import SourceError
from nostro.flight.predicate import Predicate
from nostro.flight.protocol import listed
from nostro.flight.source import Data

BATCH_ROWS = 65_536
BATCH_BYTES = 8 * 1024 * 1024
"""A batch on the wire has at most so many rows, and so many bytes unless one row has more."""
ROW_BYTES = 512 * 1024 * 1024
"""Bytes of one row; gRPC carries no message over 2 GiB."""
COUNT_ROWS = 1 << 20
"""Rows of a batch without columns."""


def enforced(
    data: Data,
    *,
    table_schema: pa.Schema,
    columns: tuple[str, ...],
    predicate: Predicate | None,
    limit: int | None,
    name: str,
) -> Generator[pa.RecordBatch]:
    """Batches of exactly `columns`, of the rows that satisfy the predicate, at most `limit`.

    Raises SourceError, naming the table `name`, for data that is not as `table_schema` describes it.
    """
    output = pa.schema([table_schema.field(column) for column in columns])
    needed = (*columns, *(c for c in (predicate.column_names if predicate else ()) if c not in columns))
    checked_schema: pa.Schema | None = None
    remaining = limit
    if remaining == 0:
        return
    for batch in batches_of(data, name):
        if batch.schema is not checked_schema and batch.schema != checked_schema:
            check_columns(batch.schema, table_schema, needed, name)
            checked_schema = batch.schema
        for kept in matching(batch, columns, predicate):
            taken = kept if remaining is None else kept.slice(0, remaining)
            if remaining is not None:
                remaining -= taken.num_rows
            yield from pieces(with_schema(taken, output, name), name)
            if remaining == 0:
                return


def batches_of(data: Data, name: str) -> Iterator[pa.RecordBatch]:
    if isinstance(data, pa.RecordBatch):
        yield data
    elif isinstance(data, pa.Table):
        yield from data.to_batches()
        if not data.schema.names and data.num_rows:
            yield from batches_without_columns(data.num_rows)
    elif isinstance(data, pa.RecordBatchReader):
        with data:
            yield from data
    elif hasattr(data, "__iter__"):
        yield from iterated(data, name)
    else:
        raise unexpected(data, name)


def iterated(data: Any, name: str) -> Iterator[pa.RecordBatch]:
    iterator = iter(data)
    try:
        for part in iterator:
            if isinstance(part, pa.Table):
                yield from part.to_batches()
            elif isinstance(part, pa.RecordBatch):
                yield part
            else:
                raise unexpected(part, name)
    finally:
        close = getattr(iterator, "close", None)
        if close is not None:
            close()


def unexpected(data: Any, name: str) -> SourceError:
    return SourceError(
        f"{name}: read returned {type(data).__module__}.{type(data).__qualname__}; accepted: "
        "pyarrow.Table, RecordBatch, RecordBatchReader, or an iterable of tables and batches"
    )


def check_columns(returned: pa.Schema, described: pa.Schema, needed: tuple[str, ...], name: str) -> None:
    for column in needed:
        indices = returned.get_all_field_indices(column)
        if len(indices) != 1:
            found = "twice" if indices else "not"
            raise SourceError(
                f"{name}: column {column} is {found} in what read returned, which has "
                f"{listed(returned.names) or 'no columns'}"
            )
        expected, actual = described.field(column).type, returned.field(indices[0]).type
        if actual != expected:
            raise SourceError(
                f"{name}: column {column} is described as {expected}, and read returned {actual}; "
                "cast it to what describe says"
            )


def matching(
    batch: pa.RecordBatch, columns: tuple[str, ...], predicate: Predicate | None
) -> Iterator[pa.RecordBatch]:
    """The rows that satisfy the predicate, with the columns alone."""
    projected = batch.select(list(columns))
    if not columns:
        projected = batch_without_columns(batch.num_rows)
    if predicate is None:
        yield projected
        return
    mask = row_mask(batch, predicate)
    count = mask.true_count
    if count == batch.num_rows:
        yield projected
    elif not columns:
        yield batch_without_columns(count)
    elif count:
        yield from filtered(projected, mask)


def row_mask(batch: pa.RecordBatch, predicate: Predicate) -> pa.BooleanArray:
    table = pa.Table.from_batches([batch.select(list(predicate.column_names))])
    plan = acero.Declaration.from_sequence(
        [
            acero.Declaration("table_source", acero.TableSourceNodeOptions(table)),
            acero.Declaration("project", acero.ProjectNodeOptions([predicate.expression()], ["mask"])),
        ]
    )
    mask = plan.to_table(use_threads=False)["mask"].combine_chunks()
    return pc.fill_null(mask, False)


def filtered(batch: pa.RecordBatch, mask: pa.BooleanArray) -> Iterator[pa.RecordBatch]:
    try:
        yield batch.filter(mask)
    except pa.ArrowNotImplementedError:
        # string views, run-end encodings and the like can be sliced only
        kept = pc.indices_nonzero(mask).to_pylist()
        start = 0
        for index in range(1, len(kept) + 1):
            if index == len(kept) or kept[index] != kept[index - 1] + 1:
                yield batch.slice(kept[start], index - start)
                start = index


def with_schema(batch: pa.RecordBatch, schema: pa.Schema, name: str) -> pa.RecordBatch:
    """The batch with the described metadata and nullability."""
    if not schema.names:
        return batch
    for field, array in zip(schema, batch.columns, strict=True):
        if not field.nullable and array.null_count:
            raise SourceError(
                f"{name}: column {field.name} is described as not null, and read returned a NULL"
            )
    return pa.RecordBatch.from_arrays(batch.columns, schema=schema)


def pieces(batch: pa.RecordBatch, name: str) -> Iterator[pa.RecordBatch]:
    """Slices of the batch that are small enough for a message. Nothing is copied."""
    if not batch.num_rows:
        return
    if not batch.schema.names:
        yield from batches_without_columns(batch.num_rows)
        return
    size = batch.nbytes
    if batch.num_rows == 1 and size > ROW_BYTES:
        raise SourceError(f"{name}: a row has {size} bytes; accepted: up to {ROW_BYTES}")
    if batch.num_rows == 1 or (batch.num_rows <= BATCH_ROWS and size <= BATCH_BYTES):
        yield batch
        return
    rows = max(1, min(BATCH_ROWS, batch.num_rows * BATCH_BYTES // max(size, 1), batch.num_rows - 1))
    for start in range(0, batch.num_rows, rows):
        piece = batch.slice(start, rows)
        # rows of uneven size: a piece can still be too large
        yield from pieces(piece, name) if piece.nbytes > BATCH_BYTES else (piece,)


def batches_without_columns(rows: int) -> Iterator[pa.RecordBatch]:
    for start in range(0, rows, COUNT_ROWS):
        yield batch_without_columns(min(COUNT_ROWS, rows - start))


def batch_without_columns(rows: int) -> pa.RecordBatch:
    return pa.RecordBatch.from_struct_array(pa.StructArray.from_buffers(pa.struct([]), rows, [None]))
