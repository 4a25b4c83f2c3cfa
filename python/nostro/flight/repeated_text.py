"""Text that repeats, sent as a dictionary of its values: fewer bytes, and computed on once for each value."""

from __future__ import annotations

import contextlib
from collections.abc import Generator

import pyarrow as pa
import pyarrow.compute as pc

SAMPLE_ROWS = 4_096
FEWEST_ROWS = 1_024
"""Smaller answers are not worth a dictionary."""
ROWS_PER_VALUE = 16
"""Text repeats when the sample has at least so many rows for each of its values."""


def with_repeated_text(
    schema: pa.Schema, batches: Generator[pa.RecordBatch]
) -> tuple[pa.Schema, Generator[pa.RecordBatch]]:
    """The batches with the columns of text dictionary-encoded whose values repeat in the first batch, and
    their schema. The first batch is awaited for it."""
    first = next(batches, None)
    if first is None:
        return schema, batches
    repeated = [
        column
        for column, field in enumerate(schema)
        if pa.types.is_string(field.type) and repeats(first.column(column))
    ]
    if not repeated:
        return schema, continued(first, batches)
    for column in repeated:
        field = schema.field(column)
        schema = schema.set(column, field.with_type(pa.dictionary(pa.int32(), field.type)))
    return schema, encoded(continued(first, batches), schema, repeated)


def repeats(column: pa.Array) -> bool:
    sample = column.slice(0, SAMPLE_ROWS)
    return len(sample) >= FEWEST_ROWS and pc.count_distinct(
        sample, mode="all"
    ).as_py() * ROWS_PER_VALUE <= len(sample)


def continued(first: pa.RecordBatch, batches: Generator[pa.RecordBatch]) -> Generator[pa.RecordBatch]:
    with contextlib.closing(batches):
        yield first
        yield from batches


def encoded(
    batches: Generator[pa.RecordBatch], schema: pa.Schema, columns: list[int]
) -> Generator[pa.RecordBatch]:
    with contextlib.closing(batches):
        for batch in batches:
            arrays = batch.columns
            for column in columns:
                arrays[column] = arrays[column].dictionary_encode()
            yield pa.RecordBatch.from_arrays(arrays, schema=schema)
