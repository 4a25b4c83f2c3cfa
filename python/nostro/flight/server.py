"""The Flight server: the protocol's actions, descriptors and tickets, over a `Source`."""

from __future__ import annotations

import contextlib
import itertools
import logging
import re
import threading
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import pyarrow as pa
from pyarrow import flight

from nostro.flight import change_messages, protocol
from nostro.flight.aggregation import Aggregation, bind_aggregation, bind_order, comparable
from nostro.flight.change_messages import AbortRequest, DeleteWhere, ReleaseRequest, WriteCommand
from nostro.flight.changes import Delete
from nostro.flight.enforcement import enforced
from nostro.flight.errors import (
    Cancelled,
    InvalidRequest,
    NotFound,
    OnTheWire,
    SourceError,
    Unavailable,
    Unsupported,
    on_the_wire,
)
from nostro.flight.expression import bind_expression
from nostro.flight.joins import Described, Side, bind_join, bind_nested, check_offered
from nostro.flight.literals import values_of
from nostro.flight.metrics import Metrics, MetricsServer
from nostro.flight.partition_ranges import endpoint_metadata
from nostro.flight.predicate import Predicate, bind
from nostro.flight.protocol import Capabilities, ReadCommand, RelationMessage, listed
from nostro.flight.repeated_text import with_repeated_text
from nostro.flight.request_log import RequestLog
from nostro.flight.source import Applies, Partition, ReadRequest, Source, Table
from nostro.flight.table_statistics import Statistics, StatisticsRequest, statistics_message
from nostro.flight.tickets import Ticket, columns_digest
from nostro.flight.writes import Writes, changes_of

LOGGER = logging.getLogger("nostro.flight")

MOST_PARTITIONS = 256
PLANNED = "nostro.plan."
PLANS_HELD = 32
"""The states of so many reads, the latest, are held for clients that hold none themselves."""
CANCEL_POLL_SECONDS = 0.1
CLOSE_SECONDS = 5.0
"""How long running streams get to end when the server closes."""

LOCATION = re.compile(r"grpc(?:\+tcp)?://(\[[0-9a-fA-F:]+\]|[^:/\[\]]+):([0-9]{1,5})/?")

Result = TypeVar("Result")


@dataclass(frozen=True)
class Offered:
    top_n: bool = False
    aggregates: tuple[str, ...] = ()
    expressions: tuple[str, ...] = ()
    joins: tuple[str, ...] = ()
    nested: bool = False


class SourceServer(flight.FlightServerBase):  # type: ignore[misc]
    """Serves one source. Starts listening when constructed."""

    def __init__(self, source: Source, location: str, request_log: RequestLog, metrics: Metrics) -> None:
        self._source = source
        self._writes = Writes(
            source,
            lambda schema, table: self._described(schema, table, None).table.columns,
            self._bound_delete,
        )
        self._log = request_log
        self._metrics = metrics
        self._closing = threading.Event()
        self._plans = itertools.count()
        self._watch = Cancellations()
        super().__init__(location)

    def list_actions(self, context: flight.ServerCallContext) -> list[tuple[str, str]]:
        return [
            (protocol.HANDSHAKE, "Agree on a protocol version"),
            (protocol.LIST_SCHEMAS, "The schemas"),
            (protocol.LIST_TABLES, "The tables of one schema or of all"),
            (protocol.DESCRIBE_TABLE, "A table's columns and what can be pushed down to it"),
            (protocol.TABLE_STATISTICS, "What is known of the values of a table's columns"),
            (change_messages.CHANGE, "Create, alter or drop a schema or table"),
            (change_messages.BEGIN_WRITE, "Begin a write whose rows are staged by DoPut"),
            (change_messages.COMMIT, "Make the staged rows visible, all at once"),
            (change_messages.ABORT, "Forget a write that was begun"),
            (change_messages.RELEASE, "Let go of the snapshots that a query held"),
        ]

    def do_action(self, context: flight.ServerCallContext, action: flight.Action) -> list[bytes]:
        with self._errors(f"action {action.type}"):
            answer = {
                protocol.HANDSHAKE: self._handshake,
                protocol.LIST_SCHEMAS: self._list_schemas,
                protocol.LIST_TABLES: self._list_tables,
                protocol.DESCRIBE_TABLE: self._describe_table,
                protocol.TABLE_STATISTICS: self._table_statistics,
                change_messages.CHANGE: self._change,
                change_messages.BEGIN_WRITE: self._begin_write,
                change_messages.COMMIT: self._commit,
                change_messages.ABORT: self._abort,
                change_messages.RELEASE: self._release,
            }.get(action.type)
            if answer is None:
                raise Unsupported(f"action {action.type!r} is unknown")
            return answer(protocol.decode(action.body.to_pybytes(), action.type))

    def get_flight_info(
        self, context: flight.ServerCallContext, descriptor: flight.FlightDescriptor
    ) -> flight.FlightInfo:
        with self._errors("GetFlightInfo"), contextlib.ExitStack() as about:
            if descriptor.descriptor_type != flight.DescriptorType.CMD:
                raise InvalidRequest("GetFlightInfo: accepted: a descriptor with a command, not with a path")
            command = ReadCommand.from_json(protocol.decode(descriptor.command, "read"))
            about.enter_context(naming(command.qualified_name))
            self._check_offered(command)
            snapshot = self._snapshot(command)
            described = self._relation(command, snapshot)
            output = self._output_schema(command, described)
            predicate = bind(command.predicate, described.table.columns, described.accepted)
            # refuses now what could not be read later
            self._request(command, described, predicate, 1, snapshot)
            partitions = self._partitions(command, described, predicate, snapshot)
            digest = columns_digest(output)
            used = dict.fromkeys((*command.columns, *(predicate.column_names if predicate else ())))
            endpoints = [
                flight.FlightEndpoint(
                    Ticket(
                        command,
                        digest,
                        None if partition is None else partition.token,
                        index,
                        len(partitions),
                        snapshot,
                    ).to_bytes(),
                    list(partition.locations) if partition else [],
                    None,
                    endpoint_metadata(partition, used, described.accepted, described.qualified_name),
                )
                for index, partition in enumerate(partitions)
            ]
            self._log.planned(command, described, len(endpoints))
            self._metrics.planned(command.schema, command.table)
            return flight.FlightInfo(output, descriptor, endpoints, -1, -1)

    def do_get(self, context: flight.ServerCallContext, ticket: flight.Ticket) -> flight.FlightDataStream:
        with self._errors("DoGet"):
            planned = Ticket.from_bytes(ticket.ticket)
            command = planned.command
            self._check_offered(command)
            described = self._relation(command, planned.snapshot)
            output = self._output_schema(command, described)
            self._check_unchanged(planned, described, output)
            predicate = bind(command.predicate, described.table.columns, described.accepted)
            batches = self._stream(context, planned, described, predicate)
            if command.dictionaries:
                output, batches = with_repeated_text(output, batches)
            if has_dictionary(output):
                return flight.GeneratorStream(output, with_dictionaries(batches, output))
            return flight.GeneratorStream(output, batches)

    def do_put(
        self,
        context: flight.ServerCallContext,
        descriptor: flight.FlightDescriptor,
        reader: flight.MetadataRecordBatchReader,
        writer: flight.FlightMetadataWriter,
    ) -> None:
        with self._errors("DoPut"):
            if descriptor.descriptor_type != flight.DescriptorType.CMD:
                raise InvalidRequest("DoPut: accepted: a descriptor with a command, not with a path")
            command = WriteCommand.from_json(protocol.decode(descriptor.command, "write"))
            started = time.monotonic()
            rows = self._writes.put(command, reader, writer, self._closing.is_set)
            self._log.staged(command, rows=rows, seconds=time.monotonic() - started)

    def close(self) -> None:
        """End streams, stop listening, wait a little for running calls."""
        self._closing.set()
        stopper = threading.Thread(target=self.shutdown, name="nostro-flight-shutdown", daemon=True)
        stopper.start()
        stopper.join(CLOSE_SECONDS)
        self._watch.close()
        self._writes.close()

    def _handshake(self, body: Any) -> list[bytes]:
        request = protocol.HandshakeRequest.from_json(body)
        common = [version for version in protocol.VERSIONS if version in request.protocol]
        if not common:
            raise InvalidRequest(
                f"protocol: the client speaks {listed(request.protocol) or 'none'}, "
                f"the source {self._source.name} speaks {listed(protocol.VERSIONS)}"
            )
        return [
            protocol.encode(
                protocol.HandshakeResponse(
                    max(common), self._source.name, self._source.version, self._capabilities()
                ).to_json()
            )
        ]

    def _list_schemas(self, body: Any) -> list[bytes]:
        protocol.ListSchemasRequest.from_json(body)
        schemas = self._of_source("schemas", lambda: tuple(self._source.schemas()))
        return [protocol.encode(protocol.ListSchemasResponse(schemas).to_json())]

    def _list_tables(self, body: Any) -> list[bytes]:
        request = protocol.ListTablesRequest.from_json(body)

        def entries() -> tuple[protocol.TableEntry, ...]:
            schemas = tuple(self._source.schemas())
            if request.schema is not None and request.schema not in schemas:
                raise NotFound(f"{request.schema}: no such schema")
            found = []
            # what is dropped while it is listed is not there
            for schema in schemas if request.schema is None else (request.schema,):
                with contextlib.suppress(NotFound):
                    for table in self._source.tables(schema):
                        with contextlib.suppress(NotFound):
                            comment = self._source.comment(schema, table)
                            found.append(protocol.TableEntry(schema, table, comment))
            return tuple(found)

        tables = self._of_source(request.schema or "tables", entries)
        return [protocol.encode(protocol.ListTablesResponse(tables).to_json())]

    def _describe_table(self, body: Any) -> list[bytes]:
        request = protocol.DescribeTableRequest.from_json(body)
        name = f"{request.schema}.{request.table}"
        schema, table, holder = request.schema, request.table, request.holder
        snapshot = self._of_source(
            name,
            lambda: (
                self._source.snapshot(schema, table)
                if holder is None
                else self._source.hold_now(schema, table, holder)
            ),
        )
        described = self._described(request.schema, request.table, snapshot)
        response = protocol.DescribeTableResponse(
            protocol.TableEntry(described.schema, described.name, described.table.comment),
            self._capabilities(),
            tuple(described.accepted),
            described.table.row_count,
            described.table.row_id,
            snapshot,
        )
        return [protocol.encode(response.to_json()), described.table.columns.serialize().to_pybytes()]

    def _table_statistics(self, body: Any) -> list[bytes]:
        request = protocol.TableStatisticsRequest.from_json(body)
        if not self._source.gives_statistics:
            raise Unsupported(f"the source {self._source.name} has no statistics")
        name = f"{request.schema}.{request.table}"
        described = self._described(request.schema, request.table, request.snapshot)
        columns = described.table.columns
        wanted = tuple(columns.names if request.columns is None else dict.fromkeys(request.columns))
        unknown = [column for column in wanted if column not in columns.names]
        if unknown:
            raise InvalidRequest(
                f"columns: {name} has no column {unknown[0]}; accepted: {listed(columns.names)}"
            )
        asked = StatisticsRequest(request.schema, request.table, wanted, columns, request.snapshot)
        found = self._of_source(name, lambda: self._source.statistics(asked))
        known = found or Statistics(described.table.row_count)
        return [protocol.encode(statistics_message(known, wanted, columns, name).to_json())]

    def _change(self, body: Any) -> list[bytes]:
        answer = self._of_source("change", lambda: self._writes.change(body))
        self._log.changed(body, answer)
        return [protocol.encode(answer.to_json())]

    def _begin_write(self, body: Any) -> list[bytes]:
        return [protocol.encode(self._of_source("begin", lambda: self._writes.begin(body)).to_json())]

    def _bound_delete(self, request: DeleteWhere) -> Delete:
        described = self._described(request.schema, request.table)
        with naming(described.qualified_name):
            columns, accepted = described.table.columns, described.accepted
            expression = None if request.predicate is None else request.predicate.expression
            return Delete(
                request.operation,
                request.schema,
                request.table,
                bind(request.predicate, columns, accepted),
                bind_expression(expression, columns, accepted, self._offered().expressions),
            )

    def _commit(self, body: Any) -> list[bytes]:
        answer = self._of_source("commit", lambda: self._writes.commit(body))
        self._log.committed(body, answer)
        return [protocol.encode(answer.to_json())]

    def _abort(self, body: Any) -> list[bytes]:
        request = AbortRequest.from_json(body)
        answer = self._of_source("abort", lambda: self._writes.abort(request.operation))
        return [protocol.encode(answer.to_json())]

    def _release(self, body: Any) -> list[bytes]:
        request = ReleaseRequest.from_json(body)
        self._of_source("release", lambda: self._source.release(request.holder))
        return [protocol.encode({})]

    def _capabilities(self) -> Capabilities:
        offered = self._offered()
        return Capabilities(
            projection=True,
            predicate="exact",
            limit="exact",
            partitions=self._source.partitioned,
            top_n="exact" if offered.top_n else "none",
            aggregates=offered.aggregates,
            expressions=offered.expressions,
            changes=changes_of(self._source),
            snapshots=self._source.keeps_snapshots,
            joins=offered.joins,
            statistics=self._source.gives_statistics,
            nested=offered.nested,
        )

    def _offered(self) -> Offered:
        """What only a source can do, if it filters by all that it is asked: the server filters too late."""
        if Applies.PREDICATE not in self._source.applies:
            return Offered()
        return Offered(
            Applies.TOP_N in self._source.applies,
            self._source.aggregates,
            self._source.expressions,
            self._source.joins,
            self._source.reads_relations,
        )

    def _check_offered(self, relation: RelationMessage) -> None:
        offered = self._offered()
        check_offered(relation, offered.joins, offered.nested)

    def _relation(self, relation: RelationMessage, snapshot: str | None) -> Described:
        """What the relation is of: a table, or relations that are bound."""
        if relation.relation is not None:
            return bind_nested(self._side(relation.relation, snapshot, "relation"))
        if relation.join is None:
            return self._described(relation.schema, relation.table, snapshot)
        left = self._side(relation.join.left, snapshot, "join.left")
        right = self._side(relation.join.right, snapshot, "join.right")
        return bind_join(relation.join, left, right, self._offered().expressions)

    def _side(self, relation: RelationMessage, snapshot: str | None, at: str) -> Side:
        with within(at):
            described = self._relation(relation, snapshot)
            columns = self._output_schema(relation, described)
            predicate = bind(relation.predicate, described.table.columns, described.accepted)
            return Side(described, self._request(relation, described, predicate, 1, snapshot), columns)

    def _described(self, schema: str, table: str, snapshot: str | None = None) -> Described:
        name = f"{schema}.{table}"
        if snapshot is None or not self._source.keeps_snapshots:
            answer = self._of_source(name, lambda: self._source.describe(schema, table))
        else:
            answer = self._of_source(name, lambda: self._source.describe_at(schema, table, snapshot))
        found = Table(answer) if isinstance(answer, pa.Schema) else answer
        if not isinstance(found, Table) or not isinstance(found.columns, pa.Schema):
            raise SourceError(
                f"{name}: describe returned {type(answer).__name__}; accepted: pyarrow.Schema, Table"
            )
        names = found.columns.names
        twice = (
            {column for column in names if names.count(column) > 1} if len(set(names)) < len(names) else set()
        )
        if twice:
            raise SourceError(f"{name}: describe has the column {min(twice)} twice")
        unknown = set(found.predicate_columns or ()) - set(names)
        if unknown:
            raise SourceError(
                f"{name}: describe names the predicate column {min(unknown)}, which is not there"
            )
        unknown = set(found.row_id) - set(names)
        if unknown:
            raise SourceError(f"{name}: describe names the row id column {min(unknown)}, which is not there")
        wanted = names if found.predicate_columns is None else found.predicate_columns
        comparable = (
            (column, values_of(found.columns.field(column))) for column in names if column in wanted
        )
        return Described(
            schema,
            table,
            name,
            found,
            {column: values for column, values in comparable if values is not None},
        )

    def _output_schema(self, command: RelationMessage, described: Described) -> pa.Schema:
        columns = self._answer(command, described)
        for index, column in enumerate(command.columns):
            if column not in columns.names:
                raise InvalidRequest(
                    f"columns[{index}]: {described.qualified_name} has no such column; "
                    f"accepted: {listed(columns.names)}"
                )
        if len(set(command.columns)) < len(command.columns):
            raise InvalidRequest("columns: a column is named twice")
        return pa.schema([columns.field(column) for column in command.columns])

    def _answer(self, command: RelationMessage, described: Described) -> pa.Schema:
        """The columns that may be asked for: those that it is of, or an aggregation's."""
        aggregation = self._aggregation(command, described)
        return described.table.columns if aggregation is None else aggregation.columns

    def _aggregation(self, command: RelationMessage, described: Described) -> Aggregation | None:
        return bind_aggregation(
            command.aggregation, described.table.columns, described.accepted, self._offered().aggregates
        )

    def _snapshot(self, command: ReadCommand) -> str | None:
        """The state to read: the one that is asked for, of a source that keeps it, or else the one of now."""
        name = command.qualified_name
        if self._source.keeps_snapshots:
            if command.snapshot is not None:
                return command.snapshot
            # the state is of all tables
            schema, table = command.tables[0]
            holder = f"{PLANNED}{next(self._plans) % PLANS_HELD}"
            self._of_source(name, lambda: self._source.release(holder))
            return self._of_source(name, lambda: self._source.hold_now(schema, table, holder))
        states = self._states_of_now(command)
        now = states[0] if command.snapshot is None else command.snapshot
        if any(state != now for state in states):
            raise self._changed(name)
        return now

    def _states_of_now(self, command: ReadCommand) -> list[str | None]:
        return self._of_source(
            command.qualified_name,
            lambda: [self._source.snapshot(schema, table) for schema, table in command.tables],
        )

    def _check_unchanged(self, planned: Ticket, described: Described, output: pa.Schema) -> None:
        same = self._source.keeps_snapshots or all(
            state == planned.snapshot for state in self._states_of_now(planned.command)
        )
        if not same or planned.columns_digest != columns_digest(output):
            raise self._changed(described.qualified_name)

    def _changed(self, name: str) -> SourceError:
        return SourceError(f"{name}: the table has changed since the read was planned; plan it again")

    def _partitions(
        self, command: ReadCommand, described: Described, predicate: Predicate | None, snapshot: str | None
    ) -> list[Partition | None]:
        wished = min(command.partitions, MOST_PARTITIONS)
        whole = command.limit is not None or command.aggregation is not None
        if wished == 1 or whole or not self._source.partitioned:
            return [None]
        request = self._request(command, described, predicate, wished, snapshot)
        found = self._of_source(
            described.qualified_name, lambda: list[Partition | None](self._source.partitions(request))
        )
        return found or [None]

    def _request(
        self,
        command: RelationMessage,
        described: Described,
        predicate: Predicate | None,
        partitions: int,
        snapshot: str | None,
    ) -> ReadRequest:
        """What the source is asked for: also what the server needs to do the source's share."""
        applies = self._source.applies
        left = () if predicate is None or Applies.PREDICATE in applies else predicate.column_names
        columns = tuple(dict.fromkeys((*command.columns, *left)))
        offered = self._offered()
        if command.order_by and not offered.top_n:
            raise InvalidRequest("order_by: the source does not order")
        aggregation = self._aggregation(command, described)
        answer = self._answer(command, described)
        return ReadRequest(
            command.schema,
            command.table,
            columns,
            predicate,
            None if left else command.limit,
            partitions,
            table_schema=described.table.columns,
            snapshot=snapshot,
            condition=bind_expression(
                None if command.predicate is None else command.predicate.expression,
                described.table.columns,
                described.accepted,
                offered.expressions,
            ),
            aggregation=aggregation,
            order_by=bind_order(
                command.order_by,
                answer,
                described.accepted if aggregation is None else comparable(answer),
                command.limit,
            ),
            join=described.join,
            relation=described.nested,
        )

    def _stream(
        self,
        context: flight.ServerCallContext,
        planned: Ticket,
        described: Described,
        predicate: Predicate | None,
    ) -> Generator[pa.RecordBatch]:
        """The batches of one endpoint. Closed early, by a client that has gone, it closes the data."""
        command, name = planned.command, described.qualified_name
        started, rows, size = time.monotonic(), 0, 0
        outcome, reason = "cancelled", None
        gone = threading.Event()
        request = replace(
            self._request(command, described, predicate, planned.count, planned.snapshot),
            partition=planned.partition,
            cancelled=lambda: gone.is_set() or self._closing.is_set(),
        )
        left = None if Applies.PREDICATE in self._source.applies else predicate

        def on_cancel() -> None:
            gone.set()
            self._source.cancel(request)

        self._metrics.began(command.schema, command.table)
        try:
            with self._watch.watching(context, self._closing, on_cancel):
                batches = enforced(
                    self._source.read(request),
                    table_schema=self._answer(command, described),
                    columns=command.columns,
                    predicate=left,
                    limit=command.limit,
                    name=name,
                )
                with contextlib.closing(batches):
                    for batch in batches:
                        if self._closing.is_set():
                            raise Unavailable(f"{name}: the source is stopping")
                        rows, size = rows + batch.num_rows, size + batch.nbytes
                        yield batch
            outcome = "ok"
        except Exception as error:
            if gone.is_set():
                reason = None
                raise Cancelled(f"{name}: the client has gone") from None
            outcome, reason = "error", f"{type(error).__name__}: {error}"
            raise on_the_wire(self._as_of_source(error, name)) from None
        finally:
            seconds = time.monotonic() - started
            self._metrics.ended(
                command.schema, command.table, outcome=outcome, rows=rows, size=size, seconds=seconds
            )
            self._log.streamed(
                command,
                described,
                partition=planned.index,
                endpoints=planned.count,
                rows=rows,
                size=size,
                seconds=seconds,
                outcome=outcome,
                error=reason,
            )

    def _of_source(self, name: str, call: Callable[[], Result]) -> Result:
        try:
            return call()
        except Exception as error:
            raise self._as_of_source(error, name) from error

    def _as_of_source(self, error: Exception, name: str) -> Exception:
        """The error with what failed; what is not one of the package's own errors becomes a SourceError."""
        if isinstance(error, InvalidRequest | NotFound | Unavailable | Unsupported | SourceError):
            if isinstance(error, SourceError):
                LOGGER.error("%s", error)
            return error
        if self._closing.is_set():
            return Unavailable(f"{name}: the source is stopping")
        LOGGER.error("%s: the source %s failed", name, self._source.name, exc_info=error)
        return SourceError(f"{name}: the source {self._source.name} failed: {type(error).__name__}: {error}")

    @contextlib.contextmanager
    def _errors(self, what: str) -> Iterator[None]:
        try:
            yield
        except OnTheWire:  # a stream's, whose first batch was awaited
            raise
        except (InvalidRequest, NotFound, Unavailable, Unsupported, SourceError) as error:
            raise on_the_wire(error) from None
        except Exception as error:
            LOGGER.exception("%s failed", what)
            raise on_the_wire(SourceError(f"{what}: {type(error).__name__}: {error}")) from None


class Cancellations:
    """Notices clients that have gone while their stream waits for the source."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[int, tuple[flight.ServerCallContext, threading.Event, Callable[[], None]]] = {}
        self._next = 0
        self._wake = threading.Event()
        self._closed = False
        self._thread: threading.Thread | None = None

    @contextlib.contextmanager
    def watching(
        self, context: flight.ServerCallContext, closing: threading.Event, on_cancel: Callable[[], None]
    ) -> Iterator[None]:
        """Call `on_cancel` once if the client goes or the server closes before the block ends.

        The block must end before the call does: a context may not be asked afterwards.
        """
        with self._lock:
            key = self._next
            self._next += 1
            self._running[key] = (context, closing, on_cancel)
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._poll, name="nostro-flight-cancel", daemon=True)
                self._thread.start()
            self._wake.set()
        try:
            yield
        finally:
            with self._lock:
                self._running.pop(key, None)

    def close(self) -> None:
        with self._lock:
            self._closed = True
            self._wake.set()

    def _poll(self) -> None:
        while not self._closed:
            self._wake.wait()
            time.sleep(CANCEL_POLL_SECONDS)
            gone = []
            with self._lock:
                for key, (context, closing, on_cancel) in list(self._running.items()):
                    if closing.is_set() or context.is_cancelled():
                        del self._running[key]
                        gone.append(on_cancel)
                if not self._running and not self._closed:
                    self._wake.clear()
            for on_cancel in gone:
                try:
                    on_cancel()
                except Exception:
                    LOGGER.exception("cancelling a read failed")


class ServedSource:
    """A source being served; a context manager that closes it. `metrics` is where its metrics are, if they
    are served."""

    def __init__(
        self,
        source: Source,
        server: SourceServer,
        host: str,
        request_log: RequestLog,
        metrics_server: MetricsServer | None,
    ) -> None:
        self._source = source
        self._server = server
        self._request_log = request_log
        self._metrics_server = metrics_server
        self.metrics = None if metrics_server is None else metrics_server.location
        self._closed = threading.Event()
        self._close_lock = threading.Lock()
        self.location = f"grpc://{host}:{server.port}"

    def __enter__(self) -> ServedSource:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def wait(self) -> None:
        """Block until the server is closed, by `close` from another thread or by an interrupt."""
        self._closed.wait()

    def close(self) -> None:
        """Stop serving: streams end with UNAVAILABLE, then the source and the request log are closed."""
        with self._close_lock:
            if self._closed.is_set():
                return
            self._server.close()
            self._source.close()
            self._request_log.close()
            if self._metrics_server is not None:
                self._metrics_server.close()
            self._closed.set()


def serve(
    source: Source,
    location: str = "grpc://127.0.0.1:0",
    request_log: Path | None = None,
    metrics_port: int | None = None,
) -> ServedSource:
    """Serve a source in this process, in threads of its own.

    `location` is `grpc://HOST:PORT`; port 0 picks a free one. The connection is neither encrypted nor
    authenticated: hosts other than the loopback address are for networks that are trusted. With a
    `metrics_port`, Prometheus' metrics are at that port of the loopback address.
    """
    match = LOCATION.fullmatch(location)
    if not match or int(match[2]) > 65535:
        raise ValueError(f"location {location!r}: accepted: grpc://HOST:PORT, such as grpc://127.0.0.1:0")
    log, metrics = RequestLog(request_log), Metrics()
    try:
        metrics_server = None if metrics_port is None else MetricsServer(metrics, metrics_port)
    except OSError:
        log.close()
        raise
    try:
        server = SourceServer(source, f"grpc://{match[1]}:{match[2]}", log, metrics)
    except (pa.ArrowException, OSError) as error:
        log.close()
        if metrics_server is not None:
            metrics_server.close()
        raise OSError(f"cannot listen at {location}: is the port in use?") from error
    return ServedSource(source, server, match[1], log, metrics_server)


@contextlib.contextmanager
def naming(table: str) -> Iterator[None]:
    """Requests that are refused in the block are refused with the table's name."""
    try:
        yield
    except InvalidRequest as error:
        if table in str(error):
            raise
        raise InvalidRequest(f"{table}: {error}") from None


@contextlib.contextmanager
def within(at: str) -> Iterator[None]:
    """Requests that are refused in the block are refused with the place of what is wrong."""
    try:
        yield
    except InvalidRequest as error:
        raise InvalidRequest(f"{at}: {error}") from None


def has_dictionary(schema: pa.Schema) -> bool:
    def within(type: pa.DataType) -> bool:
        if isinstance(type, pa.BaseExtensionType):
            return within(type.storage_type)
        return pa.types.is_dictionary(type) or any(within(type.field(i).type) for i in range(type.num_fields))

    return any(within(field.type) for field in schema)


def with_dictionaries(batches: Generator[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.Table]:
    """Tables: pyarrow sends dictionaries with those alone. At least one: a stream must have them."""
    sent = False
    with contextlib.closing(batches):
        for batch in batches:
            sent = True
            yield pa.Table.from_batches([batch])
    if not sent:
        empty = pa.RecordBatch.from_arrays([pa.array([], field.type) for field in schema], schema=schema)
        yield pa.Table.from_batches([empty])


__all__ = ["ServedSource", "SourceServer", "serve"]
