"""Checks of the statistics of columns: that they are of the columns asked for, and can be true."""

from __future__ import annotations

from collections.abc import Sequence

from nostro.flight import protocol
from nostro.flight.conformance.checks import Check, Failure, Group, NotApplicable, Severity, each
from nostro.flight.conformance.subjects import TableUnderCheck, refused, shortened, told
from nostro.flight.conformance.tables import ABSENT
from nostro.flight.errors import InvalidRequest
from nostro.flight.literals import BadLiteral, Values, values_of
from nostro.flight.protocol import ColumnStatisticsMessage, Json, TableStatisticsResponse
from nostro.flight.table_statistics import has_range


def well_formed(table: TableUnderCheck) -> None:
    body = asked(table)
    named = [column.column for column in parsed(table, body).columns]
    if len(set(named)) < len(named):
        raise Failure(told(protocol.TABLE_STATISTICS, body), f"the columns {named}", "each at most once")


def wanted_columns(table: TableUnderCheck) -> None:
    some: list[list[str]] = [table.columns.names[:1], []]
    for columns in some:
        body = asked(table, columns)
        found = statistics(table, body)
        others = [column.column for column in found.columns if column.column not in columns]
        if others:
            raise Failure(
                told(protocol.TABLE_STATISTICS, body), f"statistics of {others[0]}", "of those asked for"
            )


def bounds(table: TableUnderCheck) -> None:
    body = asked(table)

    def try_one(column: ColumnStatisticsMessage) -> None:
        if column.low is None and column.high is None:
            return
        name = column.column
        values = values_of(table.columns.field(name)) if name in table.columns.names else None
        sent = told(protocol.TABLE_STATISTICS, body)
        if values is None or not has_range(values):
            raise Failure(
                sent, f"a range of column {name}", "low and high of numbers, dates and timestamps alone"
            )
        low, high = (
            key_of(literal, values, f"{sent}, column {name}") for literal in (column.low, column.high)
        )
        if low is not None and high is not None and not low <= high:
            raise Failure(
                sent, f"column {name} from {column.low} to {column.high}", "low is not greater than high"
            )

    each(statistics(table, body).columns, try_one, lambda column: column.column)


def key_of(literal: str | None, values: Values, sent: str) -> float | int | None:
    if literal is None:
        return None
    try:
        key = values.parse(literal).key
    except BadLiteral as error:
        raise Failure(sent, shortened(literal), f"a literal of {values.type}: {error}") from None
    assert isinstance(key, int | float)
    return key


def unknown_names(table: TableUnderCheck) -> None:
    need_statistics(table)
    column = asked(table, [ABSENT])
    refused(
        lambda: table.source.wire.action(protocol.TABLE_STATISTICS, protocol.encode(column)),
        ["INVALID_ARGUMENT"],
        told(protocol.TABLE_STATISTICS, column),
    )
    other = asked(table) | {"table": ABSENT}
    refused(
        lambda: table.source.wire.action(protocol.TABLE_STATISTICS, protocol.encode(other)),
        ["NOT_FOUND"],
        told(protocol.TABLE_STATISTICS, other),
    )


def asked(table: TableUnderCheck, columns: Sequence[str] | None = None) -> Json:
    body: Json = {"schema": table.schema, "table": table.table}
    return body if columns is None else body | {"columns": list(columns)}


def statistics(table: TableUnderCheck, body: Json) -> TableStatisticsResponse:
    try:
        return parsed(table, body)
    except Failure:
        raise NotApplicable("statistics cannot be read: see statistics.well_formed") from None


def parsed(table: TableUnderCheck, body: Json) -> TableStatisticsResponse:
    need_statistics(table)
    answer = table.source.answer(protocol.TABLE_STATISTICS, body)
    try:
        return TableStatisticsResponse.from_json(answer)
    except InvalidRequest as error:
        raise Failure(
            told(protocol.TABLE_STATISTICS, body),
            str(error),
            "row_count and columns, with whole numbers, and fractions from 0 to 1",
        ) from None


def need_statistics(table: TableUnderCheck) -> None:
    if not table.source.capabilities.statistics:
        raise NotApplicable("statistics is not declared")


GROUP = Group(
    "statistics",
    "Statistics",
    of_tables=(
        Check(
            "well_formed",
            "Statistics are counts and fractions, of each column at most once",
            "Statistics",
            Severity.HIDDEN_MISTAKES,
            well_formed,
        ),
        Check(
            "wanted_columns",
            "Statistics are of the columns asked for alone",
            "Statistics",
            Severity.HIDDEN_MISTAKES,
            wanted_columns,
        ),
        Check(
            "bounds",
            "The least value is not greater than the greatest, and both are literals of the column",
            "Statistics",
            Severity.HIDDEN_MISTAKES,
            bounds,
        ),
        Check(
            "unknown_names",
            "Statistics of a column or table that is not there are refused",
            "Statistics",
            Severity.HIDDEN_MISTAKES,
            unknown_names,
        ),
    ),
)
