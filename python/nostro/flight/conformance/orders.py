"""Checks of reads that are ordered and limited, against the order of a table's own values, computed here."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence

import pyarrow as pa

from nostro.flight.conformance.checks import Check, Failure, Group, NotApplicable, Severity, each
from nostro.flight.conformance.generated import is_nan, keys_or_null
from nostro.flight.conformance.reading import unknown_name
from nostro.flight.conformance.rows import Difference, difference, lacking
from nostro.flight.conformance.subjects import TableUnderCheck, refused, told
from nostro.flight.literals import FloatingValues, Key
from nostro.flight.protocol import Json

MOST_ORDERED = 100
"""Rows of a limit that is more than a few."""
MOST_TOLD = 8
"""Values of an order that a failure tells."""


def item(column: str, *, descending: bool = False, nulls_first: bool = False) -> Json:
    return {"column": column, "descending": descending, "nulls_first": nulls_first}


def ordered(
    table: TableUnderCheck,
    items: Sequence[Json],
    limit: int,
    *,
    columns: Sequence[str] | None = None,
    predicate: Sequence[Json] | None = None,
    partitions: int = 1,
) -> Json:
    read = [each["column"] for each in items] if columns is None else columns
    return table.command(read, predicate, limit, partitions) | {"order_by": list(items)}


def rank_of(keys: Iterable[Key | None], order: Json) -> Callable[[Key | None], float]:
    """Where a key stands among the others: the least number is the first."""
    distinct: list[Key] = sorted({key for key in keys if key is not None and not is_nan(key)})
    places = {key: place for place, key in enumerate(distinct)}
    nan = -1 if order["nulls_first"] else len(distinct)

    def rank(key: Key | None) -> float:
        if key is None:
            return float("-inf") if order["nulls_first"] else float("inf")
        place = nan if is_nan(key) else places[key]
        return float(-place if order["descending"] else place)

    return rank


def compare(
    table: TableUnderCheck, items: Sequence[Json], limit: int, predicate: Sequence[Json] | None = None
) -> None:
    """Whether a read that has the columns of its order gives the first rows, in it."""
    command = ordered(table, items, limit, predicate=predicate)
    sent = told("read", command)
    rows = table.read(command, limit)
    sample = table.sample.table
    if predicate is not None:
        sample = table.matching(sample, predicate, table.columns.names)
    columns = [each["column"] for each in items]
    keys = [keys_or_null(sample[name], table.accepted[name]) for name in columns]
    found = [keys_or_null(rows.table[name], table.accepted[name]) for name in columns]
    ranks = [
        rank_of(itertools.chain(of_sample, of_found), order)
        for of_sample, of_found, order in zip(keys, found, items, strict=True)
    ]
    expected = sorted(ranked(keys, ranks))[:limit]
    came = ranked(found, ranks)
    if rows.count > limit or len(came) < len(expected):
        raise Failure(sent, f"{rows.count:,} rows", f"{len(expected):,}")
    if came != sorted(came):
        raise Failure(sent, f"not in order: {listed_keys(table, columns, found)}", "in the order asked for")
    # of a table that was not read whole, other rows may come before those that were
    later = any(found_row > first_row for found_row, first_row in zip(came, expected, strict=False))
    if later or (table.sample.whole and came != expected):
        raise Failure(
            sent, f"other rows than the first: {listed_keys(table, columns, found)}", "the first of the order"
        )
    foreign = lacking(sample.select(rows.table.column_names), rows.table) if table.sample.whole else None
    if foreign is not None:
        raise Failure(sent, f"rows unlike those of a whole read: {foreign}", "the table's")


def ranked(
    columns: Sequence[Sequence[Key | None]], ranks: Sequence[Callable[[Key | None], float]]
) -> list[tuple[float, ...]]:
    return list(
        zip(*([rank(key) for key in keys] for keys, rank in zip(columns, ranks, strict=True)), strict=True)
    )


def listed_keys(table: TableUnderCheck, columns: Sequence[str], keys: Sequence[Sequence[Key | None]]) -> str:
    def text(name: str, key: Key | None) -> str:
        return "NULL" if key is None else table.accepted[name].format(key)

    rows = itertools.islice(zip(*keys, strict=True), MOST_TOLD)
    return "; ".join(
        ", ".join(text(name, key) for name, key in zip(columns, row, strict=True)) for row in rows
    )


def limits_of(table: TableUnderCheck) -> list[int]:
    return sorted({1, min(table.sample.count // 2 + 1, MOST_ORDERED)})


def need_order(table: TableUnderCheck) -> None:
    if table.capabilities.top_n != "exact":
        raise NotApplicable("top_n is not declared")
    if not table.accepted:
        raise NotApplicable("no column of the table compares")


def of_columns(*, floating: bool, nulls_first: tuple[bool, ...]) -> Callable[[TableUnderCheck], None]:
    """A check that orders by each column of floating point, or by each other one."""

    def check(table: TableUnderCheck) -> None:
        need_order(table)
        names = [
            name for name, values in table.accepted.items() if isinstance(values, FloatingValues) == floating
        ]
        if not names:
            raise NotApplicable("no column has a type for it")

        def try_one(name: str) -> None:
            for descending, first, limit in itertools.product((False, True), nulls_first, limits_of(table)):
                compare(table, [item(name, descending=descending, nulls_first=first)], limit)

        each(names, try_one)

    return check


def several_columns(table: TableUnderCheck) -> None:
    need_order(table)
    if len(table.accepted) < 2:
        raise NotApplicable("one column of the table compares")
    # the column with the fewest values first, so that the second one decides
    names = sorted(table.accepted, key=lambda name: len(set(table.keys[name])))

    def try_one(name: str) -> None:
        for descending in (False, True):
            items = [item(names[0], descending=not descending), item(name, descending=descending)]
            compare(table, items, limits_of(table)[-1])

    each([name for name in names if name != names[0]], try_one)


def not_read(table: TableUnderCheck) -> None:
    need_order(table)
    if not table.capabilities.projection or len(table.columns.names) < 2:
        raise NotApplicable("every read has all columns")
    if not table.sample.whole:
        raise NotApplicable(f"the table has more than {table.source.most_rows:,} rows")
    tried = 0

    def try_one(name: str) -> None:
        nonlocal tried
        others = [other for other in table.columns.names if other != name][:2]
        order = item(name)
        rank = rank_of(table.keys[name], order)
        places = [rank(key) for key in table.keys[name]]
        numbers = sorted(range(len(places)), key=lambda number: places[number])
        # where the next row is another one in the order, the first rows are known
        limits = [
            count
            for count in range(1, min(len(numbers), MOST_ORDERED + 1))
            if places[numbers[count - 1]] != places[numbers[count]]
        ]
        for limit in limits[-1:]:
            tried += 1
            command = ordered(table, [order], limit, columns=others)
            rows = table.read(command, limit)
            same(rows.table, table.sample.table.take(sorted(numbers[:limit])).select(others), command)

    each(table.accepted, try_one)
    if not tried:
        raise NotApplicable("no column has two different values")


def same(found: pa.Table, expected: pa.Table, command: Json) -> None:
    different: Difference | None = difference(found, expected)
    if different is not None:
        raise Failure(told("read", command), f"other rows: {different}", "the first rows of the order")


def with_predicate(table: TableUnderCheck) -> None:
    need_order(table)
    if table.capabilities.predicate != "exact":
        raise NotApplicable("predicate is not exact: an order is then sent without one")

    def try_one(name: str) -> None:
        for literal in table.picked[name].literals[-1:]:
            predicate = [table.picked[name].equal(literal)]
            for descending in (False, True):
                compare(table, [item(first, descending=descending)], limits_of(table)[-1], predicate)

    first = next(iter(table.accepted))
    each(table.accepted, try_one)


def more_than_there_are(table: TableUnderCheck) -> None:
    need_order(table)
    if not table.sample.whole:
        raise NotApplicable(f"the table has more than {table.source.most_rows:,} rows")
    name = next(iter(table.accepted))
    each([table.sample.count + 1, 2**31], lambda limit: compare(table, [item(name)], limit))


def one_endpoint(table: TableUnderCheck) -> None:
    need_order(table)
    command = ordered(table, [item(next(iter(table.accepted)))], 10, partitions=4)
    found = len(table.source.plan(command).endpoints)
    if found > 1:
        raise Failure(told("read", command), f"{found} endpoints", "one, which has the order")


def without_limit(table: TableUnderCheck) -> None:
    need_order(table)
    command = table.command() | {"order_by": [item(next(iter(table.accepted)))]}
    refused(lambda: table.source.read(command), ["INVALID_ARGUMENT"], told("read", command))


def unknown_column(table: TableUnderCheck) -> None:
    need_order(table)
    command = table.command(limit=1) | {"order_by": [item(unknown_name(table.columns.names))]}
    refused(lambda: table.source.read(command), ["INVALID_ARGUMENT"], told("read", command))


GROUP = Group(
    "orders",
    "Orders with a limit",
    of_tables=(
        Check(
            "first_rows",
            "A read with an order gives the first rows in it, in that order, NULL at the end",
            "Top-N",
            Severity.WRONG_ROWS,
            of_columns(floating=False, nulls_first=(False,)),
        ),
        Check(
            "nulls_first",
            "With nulls_first NULL comes first, whether the order is descending or not",
            "Top-N",
            Severity.WRONG_ROWS,
            of_columns(floating=False, nulls_first=(True,)),
        ),
        Check(
            "floating_point",
            "NaN is greater than all numbers, with nulls_first less, and -0.0 and 0.0 are equal",
            "Top-N",
            Severity.WRONG_ROWS,
            of_columns(floating=True, nulls_first=(False, True)),
        ),
        Check(
            "several_columns",
            "Rows that are equal in a column of the order come in that of the next one",
            "Top-N",
            Severity.WRONG_ROWS,
            several_columns,
        ),
        Check(
            "not_read",
            "An order may be by columns that the answer does not have",
            "Top-N",
            Severity.WRONG_ROWS,
            not_read,
        ),
        Check(
            "with_predicate",
            "The first rows are those of the rows that match",
            "Reading",
            Severity.WRONG_ROWS,
            with_predicate,
        ),
        Check(
            "more_than_there_are",
            "A limit above the number of rows gives all of them in order",
            "Top-N",
            Severity.WRONG_ROWS,
            more_than_there_are,
        ),
        Check(
            "one_endpoint",
            "The answer has one endpoint, however many the client could use",
            "Top-N",
            Severity.WRONG_ROWS,
            one_endpoint,
        ),
        Check(
            "without_limit",
            "An order without a limit is INVALID_ARGUMENT",
            "Top-N",
            Severity.HIDDEN_MISTAKES,
            without_limit,
        ),
        Check(
            "unknown_column",
            "An order by a column that is not there is INVALID_ARGUMENT",
            "Errors",
            Severity.HIDDEN_MISTAKES,
            unknown_column,
        ),
    ),
)
