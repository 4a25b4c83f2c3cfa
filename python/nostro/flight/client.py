"""A client of the protocol, to try a source from Python; Trino's connector is the real one."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from types import TracebackType
from typing import Any

import pyarrow as pa
from pyarrow import flight

from nostro.flight import protocol
from nostro.flight.protocol import (
    AggregationMessage,
    Json,
    PredicateMessage,
    ReadCommand,
    SortItemMessage,
)


class SourceClient:
    """Talks to one source. Errors are pyarrow's: ArrowInvalid, ArrowKeyError (not found), FlightError."""

    def __init__(self, location: str) -> None:
        self._client = flight.connect(location)

    def __enter__(self) -> SourceClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def handshake(self, versions: Sequence[int] = protocol.VERSIONS) -> protocol.HandshakeResponse:
        request = protocol.HandshakeRequest(tuple(versions), "nostro.flight.SourceClient")
        (body,) = self.action(protocol.HANDSHAKE, request.to_json())
        return protocol.HandshakeResponse.from_json(protocol.decode(body, protocol.HANDSHAKE))

    def schemas(self) -> tuple[str, ...]:
        (body,) = self.action(protocol.LIST_SCHEMAS, protocol.ListSchemasRequest().to_json())
        return protocol.ListSchemasResponse.from_json(protocol.decode(body, protocol.LIST_SCHEMAS)).schemas

    def tables(self, schema: str | None = None) -> tuple[protocol.TableEntry, ...]:
        (body,) = self.action(protocol.LIST_TABLES, protocol.ListTablesRequest(schema).to_json())
        return protocol.ListTablesResponse.from_json(protocol.decode(body, protocol.LIST_TABLES)).tables

    def describe(self, schema: str, table: str) -> tuple[protocol.DescribeTableResponse, pa.Schema]:
        request = protocol.DescribeTableRequest(schema, table)
        body, columns = self.action(protocol.DESCRIBE_TABLE, request.to_json())
        response = protocol.DescribeTableResponse.from_json(protocol.decode(body, protocol.DESCRIBE_TABLE))
        return response, pa.ipc.read_schema(pa.py_buffer(columns))

    def read(
        self,
        schema: str,
        table: str,
        *,
        columns: Sequence[str] | None = None,
        predicate: Json | None = None,
        limit: int | None = None,
        partitions: int = 1,
        aggregation: Json | None = None,
        order_by: Sequence[Json] = (),
    ) -> pa.Table:
        """The rows of all partitions, one after another. `predicate`, `aggregation` and `order_by` are as in
        the protocol; `columns` are all if None. For no columns, `num_rows` tells how many rows there are."""
        info = self.plan(
            schema,
            table,
            columns=columns,
            predicate=predicate,
            limit=limit,
            partitions=partitions,
            aggregation=aggregation,
            order_by=order_by,
        )
        batches = [batch for endpoint in info.endpoints for batch in self.stream(endpoint.ticket.ticket)]
        if not info.schema.names:
            return pa.Table.from_struct_array(
                pa.StructArray.from_buffers(pa.struct([]), sum(batch.num_rows for batch in batches), [None])
            )
        return pa.Table.from_batches(batches, info.schema)

    def plan(
        self,
        schema: str,
        table: str,
        *,
        columns: Sequence[str] | None = None,
        predicate: Json | None = None,
        limit: int | None = None,
        partitions: int = 1,
        aggregation: Json | None = None,
        order_by: Sequence[Json] = (),
    ) -> flight.FlightInfo:
        bound = None if predicate is None else PredicateMessage.from_json(predicate)
        grouped = None if aggregation is None else AggregationMessage.from_json(aggregation)
        if columns is None and grouped is not None:
            columns = [*grouped.group_by, *(aggregate.output for aggregate in grouped.aggregates)]
        wanted = self.describe(schema, table)[1].names if columns is None else columns
        command = ReadCommand(
            schema,
            table,
            tuple(wanted),
            bound,
            limit,
            partitions,
            aggregation=grouped,
            order_by=tuple(SortItemMessage.from_json(item, "order_by") for item in order_by),
        )
        return self.flight_info(protocol.encode(command.to_json()))

    def flight_info(self, command: bytes) -> flight.FlightInfo:
        return self._client.get_flight_info(flight.FlightDescriptor.for_command(command))

    def stream(self, ticket: bytes) -> Generator[pa.RecordBatch]:
        """The batches of one endpoint; the stream is cancelled when the iterator is closed."""
        reader = self._client.do_get(flight.Ticket(ticket))
        try:
            for chunk in reader:
                yield chunk.data
        finally:
            reader.cancel()

    def action(self, name: str, body: Any) -> list[bytes]:
        message = body if isinstance(body, bytes) else protocol.encode(body)
        return [result.body.to_pybytes() for result in self._client.do_action(flight.Action(name, message))]
