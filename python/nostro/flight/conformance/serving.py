"""Checks of error messages, and of a source among many clients, some of which go away."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa

from nostro.flight.conformance.checks import Check, Failure, Group, Severity, each
from nostro.flight.conformance.generated import bad_literals
from nostro.flight.conformance.reading import unknown_name
from nostro.flight.conformance.rows import difference
from nostro.flight.conformance.subjects import Rows, TableUnderCheck, told
from nostro.flight.conformance.tables import ABSENT
from nostro.flight.conformance.wire import Refused
from nostro.flight.protocol import Json

CANCELLED_READS = 20
READS_AT_ONCE = 16


def names_the_table(table: TableUnderCheck) -> None:
    """Only of refusals: whether there is one is for other checks."""
    absent = unknown_name(table.columns.names)
    first = table.columns.names[:1]
    commands = [
        table.command() | {"columns": [absent]},
        table.command() | {"columns": first * 2},
        table.command() | {"table": ABSENT},
    ]
    if table.capabilities.predicate != "none":
        parts: list[Json] = [{"column": absent, "null_allowed": True}]
        parts += [
            {"column": name, "values": [literal]}
            for name, values in table.accepted.items()
            for literal in bad_literals(values)[:1]
        ]
        commands += [table.command(predicate=[part]) for part in parts]

    def try_one(command: Json) -> None:
        name = f"{command['schema']}.{command['table']}"
        try:
            table.source.read(command, 0)
        except Refused as refusal:
            if name not in refusal.message:
                raise Failure(told("read", command), str(refusal), f"a message that names {name}") from None

    each(commands, try_one, lambda command: told("read", command))


def cancelled(table: TableUnderCheck) -> None:
    """Streams that are given up, some before their first batch and some after, leave the source as it was."""
    command = table.command(partitions=1)
    planned = table.source.plan(command)
    for number in range(CANCELLED_READS):
        for endpoint in planned.endpoints[:1]:
            with table.source.wire.stream(endpoint) as stream:
                if number % 2:
                    next(iter(stream), None)
    sent = f"{CANCELLED_READS} reads that were cancelled, and {told('read', command)}"
    try:
        rows = table.source.read(command)
    except Refused as refusal:
        raise Failure(sent, str(refusal), "the table's rows") from None
    same(table, [rows], sent)


def at_once(table: TableUnderCheck) -> None:
    command = table.command(partitions=2)
    with ThreadPoolExecutor(READS_AT_ONCE) as pool:
        running = [pool.submit(table.source.read, command) for _ in range(READS_AT_ONCE)]
    errors = [error for read in running if (error := read.exception()) is not None]
    sent = f"{READS_AT_ONCE} reads at once: {told('read', command)}"
    refusals = [error for error in errors if isinstance(error, Refused | Failure | pa.ArrowException)]
    if refusals:
        raise Failure(sent, f"{len(refusals)} times {refusals[0]}", "the table's rows, each time")
    for error in errors:
        raise error
    same(table, [read.result() for read in running], sent)


def same(table: TableUnderCheck, reads: Sequence[Rows], sent: str) -> None:
    sample = table.sample
    if not sample.whole:
        return
    for rows in reads:
        different = difference(rows.table, sample.table)
        if different is not None:
            raise Failure(sent, f"{rows.count:,} rows: {different}", f"the table's {sample.count:,} rows")


GROUP = Group(
    "serving",
    "Errors and many clients",
    of_tables=(
        Check(
            "names_the_table",
            "An error's message names the table as schema.table",
            "Errors",
            Severity.HIDDEN_MISTAKES,
            names_the_table,
        ),
        Check(
            "cancelled",
            "A client that cancels its call ends the source's work on it, and no more",
            "Errors",
            Severity.FAILING_QUERIES,
            cancelled,
        ),
        Check(
            "at_once",
            f"{READS_AT_ONCE} reads at once give the table's rows",
            "Reading",
            Severity.FAILING_QUERIES,
            at_once,
        ),
    ),
)
