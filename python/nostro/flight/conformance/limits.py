"""Checks of limits."""

from __future__ import annotations

import pyarrow as pa

from nostro.flight.conformance.checks import Check, Failure, Group, NotApplicable, Severity, each
from nostro.flight.conformance.rows import lacking
from nostro.flight.conformance.subjects import TableUnderCheck, told
from nostro.flight.protocol import Json

MOST_LIMITED = 1_000
"""Rows of a limit that is more than a few."""


def zero(table: TableUnderCheck) -> None:
    check_limit(table, table.command(limit=0))


def some(table: TableUnderCheck) -> None:
    count = table.sample.count
    limits = {1, 2, min(count // 2, MOST_LIMITED), min(max(count - 1, 1), MOST_LIMITED)} - {0}
    each(sorted(limits), lambda limit: check_limit(table, table.command(limit=limit)))


def more_than_there_are(table: TableUnderCheck) -> None:
    if not table.sample.whole:
        raise NotApplicable(f"the table has more than {table.source.most_rows:,} rows")
    limits = [table.sample.count, table.sample.count + 1, 2**31, 2**63 - 1]
    each(limits, lambda limit: check_limit(table, table.command(limit=limit)))


def over_endpoints(table: TableUnderCheck) -> None:
    if not table.capabilities.partitions:
        raise NotApplicable("partitions is not declared")
    limits = sorted({0, 1, min(table.sample.count // 2 + 1, MOST_LIMITED)})
    each(limits, lambda limit: check_limit(table, table.command(limit=limit, partitions=4)))


def with_predicate(table: TableUnderCheck) -> None:
    if table.capabilities.predicate != "exact" or not table.accepted:
        raise NotApplicable("predicate is not exact: a limit is then sent without one")

    def try_one(name: str) -> None:
        picked = table.picked[name]
        for literal in picked.literals[-1:]:
            predicate = [picked.equal(literal)]
            matching = table.count_matching(table.sample.table, predicate)
            for limit in {1, matching, matching + 1}:
                command = table.command(predicate=predicate, limit=limit)
                rows = limited(table, command, at_least=min(limit, matching))
                if table.count_matching(rows, predicate) < rows.num_rows:
                    raise Failure(told("read", command), "rows that do not match", "rows that match")

    need_limit(table)
    each(table.accepted, try_one)


def check_limit(table: TableUnderCheck, command: Json) -> None:
    limited(table, command)


def limited(table: TableUnderCheck, command: Json, at_least: int | None = None) -> pa.Table:
    """The rows of a read, which are as many as its limit, or as there are, and the table's."""
    need_limit(table)
    limit, sample = command["limit"], table.sample
    fewest = min(limit, sample.count) if at_least is None else at_least
    rows = table.read(command, max(limit, sample.count) if limit <= table.source.most_rows else None)
    exact = table.capabilities.limit == "exact"
    if rows.count < fewest or (exact and rows.count > limit):
        raise Failure(
            told("read", command), f"{rows.count:,} rows", f"{fewest:,}" if exact else f"{fewest:,} or more"
        )
    foreign = lacking(sample.table, rows.table) if sample.whole and rows.table.num_columns else None
    if foreign is not None:
        raise Failure(told("read", command), f"rows unlike those of a whole read: {foreign}", "the table's")
    return rows.table


def need_limit(table: TableUnderCheck) -> None:
    if table.capabilities.limit == "none":
        raise NotApplicable("limit is not declared")


GROUP = Group(
    "limits",
    "Limits",
    of_tables=(
        Check(
            "zero",
            "A limit of 0 gives no row",
            "Reading",
            Severity.WRONG_ROWS,
            zero,
        ),
        Check(
            "some",
            "A limit gives so many of the table's rows",
            "Reading",
            Severity.WRONG_ROWS,
            some,
        ),
        Check(
            "more_than_there_are",
            "A limit above the number of rows gives them all",
            "Reading",
            Severity.WRONG_ROWS,
            more_than_there_are,
        ),
        Check(
            "over_endpoints",
            "A limit holds for a read's endpoints together",
            "Reading",
            Severity.WRONG_ROWS,
            over_endpoints,
        ),
        Check(
            "with_predicate",
            "A limit is of the rows that match, and gives as many as there are",
            "Reading",
            Severity.WRONG_ROWS,
            with_predicate,
        ),
    ),
)
