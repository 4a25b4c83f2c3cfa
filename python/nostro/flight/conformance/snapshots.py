"""Checks of snapshots that only read; that reads of one see one state is among the checks of writes."""

from __future__ import annotations

from nostro.flight import protocol
from nostro.flight.change_messages import RELEASE
from nostro.flight.conformance.checks import Check, Failure, Group, NotApplicable, Severity
from nostro.flight.conformance.reading import same_rows
from nostro.flight.conformance.subjects import CLIENT, TableUnderCheck, refused, told

NO_STATE = "nostro-source-check-no-state"


def described(table: TableUnderCheck) -> None:
    body = {"schema": table.schema, "table": table.table}
    named = table.description.get("snapshot")
    if table.capabilities.snapshots and not isinstance(named, str):
        raise Failure(told(protocol.DESCRIBE_TABLE, body), f"snapshot: {named!r}", "the name of a state")
    if not isinstance(named, str | None):
        raise Failure(told(protocol.DESCRIBE_TABLE, body), f"snapshot: {named!r}", "a text, or null")
    if named is None:
        raise NotApplicable("the description names no snapshot")


def snapshot_of(table: TableUnderCheck) -> str:
    """A state that is held for the check, until it is released."""
    body = {"schema": table.schema, "table": table.table, "holder": CLIENT}
    results = table.source.wire.action(protocol.DESCRIBE_TABLE, protocol.encode(body))
    named = protocol.decode(results[0], protocol.DESCRIBE_TABLE).get("snapshot")
    if not isinstance(named, str):
        raise NotApplicable("the description names no snapshot")
    return named


def release(table: TableUnderCheck) -> None:
    body = {"protocol": protocol.VERSIONS[-1], "holder": CLIENT}
    table.source.answer(RELEASE, body)


def read(table: TableUnderCheck) -> None:
    command = table.command() | {"snapshot": snapshot_of(table)}
    rows = table.read(command)
    release(table)
    if table.sample.whole:
        same_rows(rows, table.sample.table, told("read", command))


def unknown(table: TableUnderCheck) -> None:
    snapshot_of(table)
    release(table)
    command = table.command() | {"snapshot": NO_STATE}
    refused(
        lambda: table.source.read(command),
        ["INTERNAL", "INVALID_ARGUMENT", "NOT_FOUND"],
        told("read", command),
    )


def released(table: TableUnderCheck) -> None:
    """Whether a holder can release twice, and reads go on."""
    snapshot_of(table)
    release(table)
    release(table)
    rows = table.read(table.command())
    if table.sample.whole:
        same_rows(rows, table.sample.table, told(RELEASE, {"holder": CLIENT}))


GROUP = Group(
    "snapshots",
    "Snapshots",
    of_tables=(
        Check(
            "described",
            "With the capability snapshots, a description names a state",
            "Schemas and tables",
            Severity.FAILING_QUERIES,
            described,
        ),
        Check(
            "read",
            "A read that names the description's state gives the table's rows",
            "Reading",
            Severity.FAILING_QUERIES,
            read,
        ),
        Check(
            "unknown",
            "A read of a state that is not the table's fails",
            "Reading",
            Severity.WRONG_ROWS,
            unknown,
        ),
        Check(
            "released",
            "A holder can be released, also again, and the table can still be read",
            "Snapshots",
            Severity.FAILING_QUERIES,
            released,
        ),
    ),
)
