"""A backend filters as the server does: the same rows, with the same values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.flight.test_flight_predicates import arrow_table, bound, cases

from nostro.flight import SourceClient
from nostro.flight.enforcement import row_mask

Columns = dict[str, list[Any]]
Message = dict[str, Any]


def numbered(columns: Columns) -> pa.Table:
    """The values as columns, and the rows' numbers."""
    table = arrow_table(columns)
    return table.append_column("row", pa.array(range(table.num_rows), pa.int64()))


def rows_that_match(table: pa.Table, message: Message) -> pa.Table:
    """As the server itself filters a source's rows that it gets unfiltered."""
    if not table.num_rows:
        return table
    mask = row_mask(table.combine_chunks().to_batches()[0], bound(message, table.schema))
    return table.filter(mask)


def same_rows(found: pa.Table, wanted: pa.Table) -> None:
    """Compared as text, in which NaN is like NaN and -0.0 is not like 0.0."""
    columns = wanted.schema.names
    assert found.schema.names == columns
    listed = [[repr(row[column]) for column in columns] for row in found.sort_by("row").to_pylist()]
    assert listed == [[repr(row[column]) for column in columns] for row in wanted.to_pylist()]


def agrees(
    names: tuple[str, ...],
    store: Callable[[pa.Table], None],
    client: SourceClient,
    table: tuple[str, str],
    *,
    examples: int = 60,
    keep: Callable[[Columns], bool] = lambda _: True,
) -> None:
    """For any rows that `store` puts into the table, and any predicate, the client reads the rows that match.

    `names` are kinds of column of the predicates' tests; `keep` is false for rows that the store cannot hold.
    """

    @settings(max_examples=examples)
    @given(cases(names).filter(lambda case: keep(case[0])), st.sampled_from([1, 3]))
    def agree(case: tuple[Columns, Message], partitions: int) -> None:
        columns, message = case
        rows = numbered(columns)
        store(rows)
        same_rows(
            client.read(*table, predicate=message, partitions=partitions), rows_that_match(rows, message)
        )

    agree()
