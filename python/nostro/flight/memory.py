"""Arrow tables held in memory as a source."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence

import pyarrow as pa

from nostro.flight.errors import NotFound
from nostro.flight.source import Data, Partition, ReadRequest, Source, Table
from nostro.flight.table_statistics import ArrowStatistics, Statistics, StatisticsRequest


class MemorySource(Source):
    """Tables by name, `schema.table`. They may be of any Arrow type; partitions are ranges of rows."""

    name = "memory"

    def __init__(self, tables: Mapping[str, pa.Table], name: str = "memory") -> None:
        self.name = name
        self._tables: dict[tuple[str, str], pa.Table] = {}
        self._statistics = ArrowStatistics()
        for qualified, table in tables.items():
            schema, separator, simple = qualified.partition(".")
            if not (schema and separator and simple):
                raise ValueError(f"table name {qualified!r}: accepted: schema.table")
            self._tables[schema, simple] = table

    def schemas(self) -> Iterable[str]:
        return dict.fromkeys(schema for schema, _ in self._tables)

    def tables(self, schema: str) -> Iterable[str]:
        return [table for owner, table in self._tables if owner == schema]

    def describe(self, schema: str, table: str) -> Table:
        found = self._find(schema, table)
        return Table(found.schema, row_count=found.num_rows)

    def statistics(self, request: StatisticsRequest) -> Statistics:
        found = self._find(request.schema, request.table)
        return self._statistics.of(found, (request.schema, request.table), request.columns)

    def partitions(self, request: ReadRequest) -> Sequence[Partition]:
        return row_ranges(self._find(request.schema, request.table).num_rows, request.partitions)

    def read(self, request: ReadRequest) -> Data:
        return rows_of_range(self._find(request.schema, request.table), request.partition)

    def _find(self, schema: str, table: str) -> pa.Table:
        if (schema, table) not in self._tables:
            raise NotFound(f"{schema}.{table}: no such table")
        return self._tables[schema, table]


def row_ranges(rows: int, partitions: int) -> list[Partition]:
    """Partitions that are ranges of rows, none of them empty."""
    edges = [rows * part // partitions for part in range(partitions + 1)]
    return [Partition(f"{start}-{end}") for start, end in itertools.pairwise(edges) if start < end]


def rows_of_range(table: pa.Table, partition: str | None) -> pa.Table:
    """The rows of one of `row_ranges`, or all of them."""
    if partition is None:
        return table
    start, end = (int(edge) for edge in partition.split("-"))
    return table.slice(start, end - start)
