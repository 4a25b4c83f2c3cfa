"""Checks of endpoints and tickets."""

from __future__ import annotations

import re
from dataclasses import replace

from nostro.flight.conformance.checks import Check, Failure, Group, NotApplicable, Severity, each
from nostro.flight.conformance.reading import same_rows
from nostro.flight.conformance.rows import difference
from nostro.flight.conformance.subjects import TableUnderCheck, refused, told
from nostro.flight.conformance.wire import Endpoint, Planned, Refused
from nostro.flight.protocol import Json

NUMBERS = (1, 2, 3, 4, 7, 16)
COUNTED = 1_000
"""Rows without columns are cheap: so many times more of them are counted than rows are read."""

LOCATION = re.compile(r"grpc(\+tcp)?://(\[[0-9a-fA-F:]+\]|[^:/\[\]]+):[0-9]{1,5}/?")
GARBAGE = (b"", b"\x00", b"nostro source check", b"{}", b"\xff" * 64)


def whole(table: TableUnderCheck) -> None:
    """Rows cannot be told apart, so disjoint is: no row more often than in a read in one part."""
    need_partitions(table)

    def try_one(partitions: int) -> None:
        command = table.command(partitions=partitions)
        rows = table.read(command)
        if table.sample.whole and not rows.whole:
            raise Failure(told("read", command), f"more than {rows.count:,} rows", f"{table.sample.count:,}")
        if table.sample.whole:
            same_rows(rows, table.sample.table, told("read", command))

    each(NUMBERS, try_one)


def counted(table: TableUnderCheck) -> None:
    need_partitions(table)
    if not table.capabilities.projection:
        raise NotApplicable("projection is not declared: to count, every row would have to be sent")
    most = table.source.most_rows * COUNTED
    one = table.read(table.command([]), most)
    if not one.whole:
        raise NotApplicable(f"the table has more than {most:,} rows")

    def try_one(partitions: int) -> None:
        command = table.command([], partitions=partitions)
        found = table.read(command, most)
        if found.count != one.count:
            raise Failure(told("read", command), f"{found.count:,} rows", f"{one.count:,}, as in one part")

    each(NUMBERS if table.sample.whole else (4,), try_one)


def one_endpoint(table: TableUnderCheck) -> None:
    if table.capabilities.partitions:
        raise NotApplicable("partitions is declared")
    command = table.command(partitions=4)
    found = len(table.source.plan(command).endpoints)
    if found > 1:
        raise Failure(told("read", command), f"{found} endpoints", "one: partitions is not declared")


def tickets_again(table: TableUnderCheck) -> None:
    def try_one(partitions: int) -> None:
        command = table.command(partitions=partitions)
        for endpoint in table.source.plan(command).endpoints[:4]:
            first = table.source.read_endpoint(endpoint)
            try:
                second = table.source.read_endpoint(endpoint)
            except Refused as refusal:
                # it may say so when the table has changed
                if refusal.status == "INTERNAL":
                    continue
                raise Failure(sent_twice(command), str(refusal), "the same rows") from None
            if first.count != second.count and first.whole:
                raise Failure(sent_twice(command), f"{first.count:,}, then {second.count:,} rows", "the same")
            if first.whole and second.whole and (different := difference(second.table, first.table)):
                raise Failure(sent_twice(command), f"other rows: {different}", "the same rows")

    each([1, 4], try_one)


def sent_twice(command: Json) -> str:
    return f"a ticket twice, of {told('read', command)}"


def any_connection(table: TableUnderCheck) -> None:
    """Trino plans on one machine and reads on others, in any order."""
    command = table.command(partitions=4)
    expected = table.read(command).count
    planned = table.source.plan(command)
    sent = f"tickets by another connection, the last first, of {told('read', command)}"
    with table.source.wire.another() as other:
        elsewhere = replace(table.source, wire=other)
        parts = []
        for endpoint in reversed(planned.endpoints):
            try:
                parts.append(elsewhere.read_endpoint(endpoint).count)
            except Refused as refusal:
                raise Failure(sent, str(refusal), "the rows") from None
    if table.sample.whole and sum(parts) != expected:
        raise Failure(sent, f"{sum(parts):,} rows", f"{expected:,}")


def foreign_tickets(table: TableUnderCheck) -> None:
    endpoints = table.source.plan(table.command()).endpoints
    halves = [endpoint.ticket[: len(endpoint.ticket) // 2] for endpoint in endpoints[:1]]

    def try_one(ticket: bytes) -> None:
        refused(
            lambda: table.source.read_endpoint(Endpoint(ticket)), ["INVALID_ARGUMENT"], told("DoGet", ticket)
        )

    each([*GARBAGE, *(half for half in halves if half)], try_one, lambda ticket: told("DoGet", ticket))


def locations(table: TableUnderCheck) -> None:
    planned = table.source.plan(table.command(partitions=4))
    named = sorted({location for endpoint in planned.endpoints for location in endpoint.locations})
    if not named:
        raise NotApplicable("endpoints name no locations: the server that was asked is meant")

    def try_one(location: str) -> None:
        if not LOCATION.fullmatch(location):
            raise Failure("a read in 4 parts", f"the location {location}", "grpc://host:port")

    each(named, try_one)
    check_each_location(table, planned)


def check_each_location(table: TableUnderCheck, planned: Planned) -> None:
    def try_one(pair: tuple[Endpoint, str]) -> None:
        endpoint, location = pair
        try:
            table.source.read_endpoint(Endpoint(endpoint.ticket, (location,)))
        except Refused as refusal:
            raise Failure(f"DoGet at {location}", str(refusal), "the endpoint's rows") from None

    pairs = [(endpoint, location) for endpoint in planned.endpoints for location in endpoint.locations]
    each(pairs, try_one, lambda pair: pair[1])


def need_partitions(table: TableUnderCheck) -> None:
    if not table.capabilities.partitions:
        raise NotApplicable("partitions is not declared")


GROUP = Group(
    "partitions",
    "Partitions and tickets",
    of_tables=(
        Check(
            "whole",
            "Endpoints, however many are asked for, are disjoint and together the whole",
            "Reading",
            Severity.WRONG_ROWS,
            whole,
        ),
        Check(
            "counted",
            "Endpoints count together as many rows as one does",
            "Reading",
            Severity.WRONG_ROWS,
            counted,
        ),
        Check(
            "one_endpoint",
            "Without the capability partitions a read has one endpoint",
            "Versions",
            Severity.FAILING_QUERIES,
            one_endpoint,
        ),
        Check(
            "tickets_again",
            "A ticket that is used again gives the same rows, or fails",
            "Reading",
            Severity.WRONG_ROWS,
            tickets_again,
        ),
        Check(
            "any_connection",
            "Tickets can be read by another connection, in any order",
            "Reading",
            Severity.FAILING_QUERIES,
            any_connection,
        ),
        Check(
            "foreign_tickets",
            "A ticket that is not the source's own is INVALID_ARGUMENT",
            "Errors",
            Severity.HIDDEN_MISTAKES,
            foreign_tickets,
        ),
        Check(
            "locations",
            "Endpoints can be read at each of their locations",
            "Reading",
            Severity.FAILING_QUERIES,
            locations,
        ),
    ),
)
