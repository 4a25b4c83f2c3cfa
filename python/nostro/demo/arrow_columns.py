"""NumPy arrays as the columns of the bank's tables."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from nostro.demo.schema import Table

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

US_PER_SECOND = 1_000_000
US_PER_DAY = 86_400 * US_PER_SECOND


def decimals(unscaled: Ints, precision: int, scale: int) -> pa.Array:
    """Unscaled integers as decimals, with no conversion per value."""
    words = np.empty((len(unscaled), 2), dtype=np.int64)
    words[:, 0] = unscaled
    words[:, 1] = unscaled >> 63
    return pa.Array.from_buffers(
        pa.decimal128(precision, scale), len(unscaled), [None, pa.py_buffer(words.tobytes())]
    )


def strings(pool: pa.Array, indices: Ints) -> pa.Array:
    """The pool's strings at `indices`; an index below zero is NULL."""
    return pool.take(pa.array(indices, mask=indices < 0))


def nullable_ints(values: Ints) -> pa.Array:
    """Values below zero are NULL."""
    return pa.array(values, mask=values < 0)


def dates(days_since_epoch: Ints) -> pa.Array:
    return pa.array(days_since_epoch.astype(np.int32), type=pa.int32()).cast(pa.date32())


def instants(microseconds_since_epoch: Ints) -> pa.Array:
    return pa.array(microseconds_since_epoch).cast(pa.timestamp("us", tz="UTC"))


def record_batch(table: Table, columns: Mapping[str, pa.Array]) -> pa.RecordBatch:
    """The columns in the order and with the types that `table` declares."""
    schema = table.arrow_schema()
    return pa.record_batch([columns[name] for name in table.column_names], schema=schema)
