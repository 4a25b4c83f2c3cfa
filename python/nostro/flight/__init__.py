"""Serve an in-house system to Trino over Arrow Flight.

    class Branches(Source):
        def schemas(self):
            return ["public"]

        def tables(self, schema):
            return ["branch"]

        def describe(self, schema, table):
            return pa.schema({"bic": pa.string(), "city": pa.string()})

        def read(self, request):
            return pa.table({"bic": ["DEUTDEFF"], "city": ["Frankfurt"]})

    with serve(Branches()) as served:
        print(served.location)

docs/sources.md shows more; docs/protocol.md is what goes over the wire.
"""

from nostro.flight.changes import Outcome, Reason, Refused
from nostro.flight.client import SourceClient
from nostro.flight.column_types import with_type
from nostro.flight.duckdb_sql import Sql, where
from nostro.flight.errors import InvalidRequest, NotFound, SourceError, Unavailable
from nostro.flight.memory import MemorySource
from nostro.flight.predicate import Predicate
from nostro.flight.protocol import Capabilities
from nostro.flight.server import ServedSource, serve
from nostro.flight.source import (
    Applies,
    ColumnRange,
    Data,
    FunctionSource,
    Partition,
    ReadRequest,
    Source,
    Table,
)
from nostro.flight.table_statistics import ColumnStatistics, Statistics, StatisticsRequest

__all__ = [
    "Applies",
    "Capabilities",
    "ColumnRange",
    "ColumnStatistics",
    "Data",
    "FunctionSource",
    "InvalidRequest",
    "MemorySource",
    "NotFound",
    "Outcome",
    "Partition",
    "Predicate",
    "ReadRequest",
    "Reason",
    "Refused",
    "ServedSource",
    "Source",
    "SourceClient",
    "SourceError",
    "Sql",
    "Statistics",
    "StatisticsRequest",
    "Table",
    "Unavailable",
    "serve",
    "where",
    "with_type",
]
