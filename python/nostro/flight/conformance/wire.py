"""Calls to a source as they are: no answer is interpreted here, and every refusal keeps its status."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import pyarrow as pa
from pyarrow import flight

STATUSES: tuple[tuple[type[Exception], str], ...] = (
    (flight.FlightUnavailableError, "UNAVAILABLE"),
    (flight.FlightInternalError, "INTERNAL"),
    (flight.FlightCancelledError, "CANCELLED"),
    (flight.FlightTimedOutError, "DEADLINE_EXCEEDED"),
    (flight.FlightUnauthenticatedError, "UNAUTHENTICATED"),
    (flight.FlightUnauthorizedError, "PERMISSION_DENIED"),
    (pa.ArrowNotImplementedError, "UNIMPLEMENTED"),
    (pa.ArrowKeyError, "NOT_FOUND"),
    (pa.ArrowInvalid, "INVALID_ARGUMENT"),
    (pa.ArrowException, "UNKNOWN"),
    (OSError, "UNKNOWN"),
)
"""What pyarrow makes of gRPC's statuses, the most special first."""

ADDED_BEFORE = re.compile(r"^(?:gRPC|Flight) returned [a-z ]+ error, with message: ")
ADDED_AFTER = re.compile(
    r"\. (?:Detail: (?:Python exception|Internal|Unavailable|Failed)|gRPC client debug).*", re.DOTALL
)


class Refused(Exception):
    """A call ended with a gRPC status other than OK."""

    def __init__(self, status: str, message: str) -> None:
        super().__init__(f"{status}: {message or 'no message'}")
        self.status = status
        self.message = message


@dataclass(frozen=True)
class Endpoint:
    ticket: bytes
    locations: tuple[str, ...] = ()
    metadata: bytes = b""


@dataclass(frozen=True)
class Planned:
    schema: pa.Schema
    endpoints: tuple[Endpoint, ...]


class Stream:
    """The batches of one endpoint. Closing it before its end cancels the call."""

    def __init__(self, reader: flight.FlightStreamReader, connection: Wire | None = None) -> None:
        self._reader = reader
        self._connection = connection
        self.schema: pa.Schema = reader.schema

    def __enter__(self) -> Stream:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._reader.cancel()
        if self._connection is not None:
            self._connection.close()

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        while True:
            try:
                chunk = self._reader.read_chunk()
            except StopIteration:
                return
            except (pa.ArrowException, OSError) as error:
                raise refusal(error) from None
            if chunk.data is not None:
                yield chunk.data


class Wire:
    """A connection to a source. A call without an answer for `timeout` seconds is refused by this side."""

    def __init__(self, location: str, timeout: float = 30.0) -> None:
        self.location = location
        self.timeout = timeout
        self._options = flight.FlightCallOptions(timeout=timeout)
        self._client = flight.connect(location)

    def __enter__(self) -> Wire:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._client.close()

    def another(self) -> Wire:
        """A connection of its own to the same source."""
        return Wire(self.location, self.timeout)

    def action(self, name: str, body: bytes) -> list[bytes]:
        try:
            results = self._client.do_action(flight.Action(name, body), self._options)
            return [result.body.to_pybytes() for result in results]
        except (pa.ArrowException, OSError) as error:
            raise refusal(error) from None

    def put(
        self, command: bytes, schema: pa.Schema, batches: Iterable[pa.RecordBatch], last: bytes | None
    ) -> bytes | None:
        """Send a stream, then a message of metadata alone unless there is none; the answer's metadata."""
        descriptor = flight.FlightDescriptor.for_command(command)
        try:
            writer, answers = self._client.do_put(descriptor, schema, self._options)
            # closing it tells of the refusal, which a write that fails because of it may not
            with writer:
                for batch in batches:
                    writer.write_batch(batch)
                if last is not None:
                    writer.write_metadata(last)
                writer.done_writing()
                answer = answers.read()
            return None if answer is None else bytes(answer.to_pybytes())
        except (pa.ArrowException, OSError) as error:
            raise refusal(error) from None

    def plan(self, command: bytes) -> Planned:
        return self._plan(flight.FlightDescriptor.for_command(command))

    def plan_path(self, path: Sequence[str]) -> Planned:
        return self._plan(flight.FlightDescriptor.for_path(*path))

    def stream(self, endpoint: Endpoint) -> Stream:
        """Read an endpoint, at the first of its locations that can be reached."""
        ticket = flight.Ticket(endpoint.ticket)
        if not endpoint.locations:
            return self._stream(ticket)
        unreachable: Refused | None = None
        for location in endpoint.locations:
            try:
                return Wire.at(location, self.timeout)._stream(ticket, own_connection=True)
            except Refused as refusal:
                if refusal.status != "UNAVAILABLE":
                    raise
                unreachable = refusal
        assert unreachable is not None
        raise unreachable

    @classmethod
    def at(cls, location: str, timeout: float) -> Wire:
        """A connection to a location that a source names; raises Refused if it is none."""
        try:
            return cls(location, timeout)
        except (pa.ArrowException, OSError, ValueError) as error:
            raise Refused("UNAVAILABLE", f"{location}: {error}") from None

    def _stream(self, ticket: flight.Ticket, *, own_connection: bool = False) -> Stream:
        try:
            return Stream(self._client.do_get(ticket, self._options), self if own_connection else None)
        except (pa.ArrowException, OSError) as error:
            if own_connection:
                self.close()
            raise refusal(error) from None

    def _plan(self, descriptor: flight.FlightDescriptor) -> Planned:
        try:
            info = self._client.get_flight_info(descriptor, self._options)
            endpoints = tuple(
                Endpoint(
                    each.ticket.ticket,
                    tuple(text_of(location) for location in each.locations),
                    each.app_metadata,
                )
                for each in info.endpoints
            )
            return Planned(info.schema, endpoints)
        except (pa.ArrowException, OSError) as error:
            raise refusal(error) from None


def refusal(error: Exception) -> Refused:
    status = next(status for kind, status in STATUSES if isinstance(error, kind))
    message = ADDED_AFTER.sub("", ADDED_BEFORE.sub("", str(error)))
    return Refused(status, message.strip())


def text_of(location: Any) -> str:
    uri = location.uri
    return uri.decode("utf-8", "replace") if isinstance(uri, bytes) else str(uri)
