"""Checks of what endpoints say of their rows."""

from __future__ import annotations

from nostro.flight import protocol
from nostro.flight.conformance.checks import Check, Failure, Group, NotApplicable, Severity, each
from nostro.flight.conformance.subjects import TableUnderCheck, told
from nostro.flight.conformance.wire import Endpoint
from nostro.flight.errors import InvalidRequest
from nostro.flight.protocol import EndpointMessage


def rows(table: TableUnderCheck) -> None:
    if not table.capabilities.partitions:
        raise NotApplicable("partitions is not declared")
    command = table.command(partitions=4)
    stating = [it for it in table.source.plan(command).endpoints if predicate_of(it) is not None]
    if not stating:
        raise NotApplicable("endpoints say nothing of their rows")

    def try_one(endpoint: Endpoint) -> None:
        message = predicate_of(endpoint)
        assert message is not None
        sent = told("read", command)
        parts = [part.to_json() for part in message.predicate.columns if part.column in table.accepted]
        found = table.source.read_endpoint(endpoint)
        try:
            kept = table.count_matching(found.table, parts)
        except InvalidRequest as error:
            came = f"an endpoint with the metadata {endpoint.metadata.decode()}: {error}"
            raise Failure(sent, came, "a predicate on columns of the table") from None
        if kept < found.table.num_rows:
            others = found.table.num_rows - kept
            raise Failure(
                sent, f"an endpoint with {others:,} other rows than {endpoint.metadata.decode()} says", "none"
            )

    each(stating, try_one, lambda endpoint: told("DoGet", endpoint.ticket))


def predicate_of(endpoint: Endpoint) -> EndpointMessage | None:
    """What is said of the endpoint's rows; None if nothing, or what is there is the source's own affair."""
    try:
        return EndpointMessage.from_json(protocol.decode(endpoint.metadata, "app_metadata"))
    except InvalidRequest:
        return None


GROUP = Group(
    "endpoints",
    "Endpoints",
    of_tables=(
        Check(
            "rows",
            "All rows of an endpoint satisfy what its metadata says of them",
            "Reading",
            Severity.WRONG_ROWS,
            rows,
        ),
    ),
)
