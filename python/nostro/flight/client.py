"""A client of the protocol, to try a source from Python; Trino's connector is the real one."""

from __future__ import annotations

import zlib
from collections.abc import Generator, Sequence
from types import TracebackType
from typing import Any

import pyarrow as pa
from pyarrow import flight

from nostro.flight import change_messages, protocol
from nostro.flight.change_messages import (
    AbortRequest,
    BeginWriteRequest,
    ChangeRequest,
    ChangeResponse,
    CommitRequest,
    DeleteWhere,
    StagedStream,
    StreamEnd,
    WriteCommand,
)
from nostro.flight.changes import Change, Refused
from nostro.flight.column_types import is_hidden
from nostro.flight.protocol import (
    AggregationMessage,
    JoinMessage,
    Json,
    PredicateMessage,
    ReadCommand,
    SortItemMessage,
)
from nostro.flight.staging import buffers


class SourceClient:
    """Talks to one source. Errors are pyarrow's: ArrowInvalid, ArrowKeyError (not found), FlightError."""

    def __init__(self, location: str) -> None:
        self.location = location
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

    def columns(self, schema: str, table: str) -> list[str]:
        """The names of the columns that are not hidden."""
        return [field.name for field in self.describe(schema, table)[1] if not is_hidden(field)]

    def describe(
        self, schema: str, table: str, holder: str | None = None
    ) -> tuple[protocol.DescribeTableResponse, pa.Schema]:
        request = protocol.DescribeTableRequest(schema, table, holder)
        body, columns = self.action(protocol.DESCRIBE_TABLE, request.to_json())
        response = protocol.DescribeTableResponse.from_json(protocol.decode(body, protocol.DESCRIBE_TABLE))
        return response, pa.ipc.read_schema(pa.py_buffer(columns))

    def statistics(
        self, schema: str, table: str, columns: Sequence[str] | None = None, snapshot: str | None = None
    ) -> protocol.TableStatisticsResponse:
        """What is known of the values of some columns, or of all."""
        wanted = None if columns is None else tuple(columns)
        request = protocol.TableStatisticsRequest(schema, table, wanted, snapshot)
        (body,) = self.action(protocol.TABLE_STATISTICS, request.to_json())
        answer = protocol.decode(body, protocol.TABLE_STATISTICS)
        return protocol.TableStatisticsResponse.from_json(answer)

    def read(
        self,
        schema: str = "",
        table: str = "",
        *,
        columns: Sequence[str] | None = None,
        predicate: Json | None = None,
        limit: int | None = None,
        partitions: int = 1,
        snapshot: str | None = None,
        aggregation: Json | None = None,
        order_by: Sequence[Json] = (),
        join: Json | None = None,
    ) -> pa.Table:
        """The rows of all partitions, one after another, of a table or a join. `predicate`, `aggregation`,
        `order_by` and `join` are as in the protocol; `columns` are all if None. For no columns, `num_rows`
        tells how many rows there are."""
        info = self.plan(
            schema,
            table,
            columns=columns,
            predicate=predicate,
            limit=limit,
            partitions=partitions,
            snapshot=snapshot,
            aggregation=aggregation,
            order_by=order_by,
            join=join,
        )
        batches = [batch for endpoint in info.endpoints for batch in self.stream(endpoint.ticket.ticket)]
        if not info.schema.names:
            return pa.Table.from_struct_array(
                pa.StructArray.from_buffers(pa.struct([]), sum(batch.num_rows for batch in batches), [None])
            )
        return pa.Table.from_batches(batches, info.schema)

    def plan(
        self,
        schema: str = "",
        table: str = "",
        *,
        columns: Sequence[str] | None = None,
        predicate: Json | None = None,
        limit: int | None = None,
        partitions: int = 1,
        snapshot: str | None = None,
        aggregation: Json | None = None,
        order_by: Sequence[Json] = (),
        join: Json | None = None,
    ) -> flight.FlightInfo:
        bound = None if predicate is None else PredicateMessage.from_json(predicate)
        grouped = None if aggregation is None else AggregationMessage.from_json(aggregation)
        joined = None if join is None else JoinMessage.from_json(join)
        if columns is None and grouped is not None:
            columns = [*grouped.group_by, *(aggregate.output for aggregate in grouped.aggregates)]
        if columns is None:
            columns = self.columns(schema, table) if joined is None else joined.outputs
        command = ReadCommand(
            schema,
            table,
            tuple(columns),
            bound,
            limit,
            aggregation=grouped,
            partitions=partitions,
            snapshot=snapshot,
            order_by=tuple(SortItemMessage.from_json(item, "order_by") for item in order_by),
            join=joined,
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

    def change(self, change: Change | DeleteWhere) -> int:
        """Make a change; how many rows it changed. Raises Refused."""
        return self._changed(change_messages.CHANGE, ChangeRequest(change).to_json()).rows

    def begin(self, write: BeginWriteRequest) -> None:
        """Begin a write; raises Refused."""
        self._changed(change_messages.BEGIN_WRITE, write.to_json())

    def put(self, operation: str, stream: str, rows: pa.Table) -> StagedStream:
        """Stage one stream of a write."""
        descriptor = flight.FlightDescriptor.for_command(
            protocol.encode(WriteCommand(operation, stream).to_json())
        )
        writer, answers = self._client.do_put(descriptor, rows.schema)
        crc32 = 0
        for batch in rows.to_batches():
            writer.write_batch(batch)
            # buffers in memory may be longer than what is sent of them
            for buffer in buffers(pa.ipc.read_record_batch(batch.serialize(), batch.schema)):
                crc32 = zlib.crc32(buffer, crc32)
        writer.write_metadata(protocol.encode(StreamEnd(rows.num_rows, crc32).to_json()))
        writer.done_writing()
        answer = answers.read()
        writer.close()
        return StagedStream.from_json(protocol.decode(answer.to_pybytes(), "DoPut"))

    def commit(self, operation: str, streams: Sequence[StagedStream]) -> int:
        """Make the staged rows visible; how many there are. Raises Refused."""
        request = CommitRequest(operation, tuple(streams))
        return self._changed(change_messages.COMMIT, request.to_json()).rows

    def abort(self, operation: str) -> None:
        self._changed(change_messages.ABORT, AbortRequest(operation).to_json())

    def _changed(self, action: str, body: Json) -> ChangeResponse:
        (answer,) = self.action(action, body)
        response = ChangeResponse.from_json(protocol.decode(answer, action))
        if response.refused is not None:
            raise Refused(response.refused.reason, response.refused.message)
        return response

    def action(self, name: str, body: Any) -> list[bytes]:
        message = body if isinstance(body, bytes) else protocol.encode(body)
        return [result.body.to_pybytes() for result in self._client.do_action(flight.Action(name, message))]
