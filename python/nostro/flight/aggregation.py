"""Aggregations and orders bound to a table's columns, and the columns of their answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from nostro.flight.column_types import declared_type
from nostro.flight.errors import InvalidRequest
from nostro.flight.literals import Values, values_of
from nostro.flight.protocol import AggregateMessage, AggregationMessage, SortItemMessage, listed

FUNCTIONS = ("count", "count_distinct", "sum", "min", "max", "avg")
"""Every aggregate function that the protocol has."""

MOST_SUMMED_DIGITS = 28
"""Of more digits, sums of ever so few rows could leave 128 bits on the way to a result of 38 digits."""


@dataclass(frozen=True)
class Aggregate:
    """A `function` of a `column` of the table, or `count` of rows; `output` is the answer's column."""

    function: str
    column: str | None
    output: pa.Field


@dataclass(frozen=True)
class Aggregation:
    """A row for each group of rows that are equal in `group_by`; without it, one row for all rows.

    NULL is equal to NULL in this, NaN to NaN, and -0.0 to 0.0.
    """

    group_by: tuple[pa.Field, ...]
    aggregates: tuple[Aggregate, ...]

    @property
    def columns(self) -> pa.Schema:
        return pa.schema([*self.group_by, *(aggregate.output for aggregate in self.aggregates)])


@dataclass(frozen=True)
class SortItem:
    """With `nulls_first` NaN is less than all numbers, otherwise it is greater."""

    column: str
    descending: bool
    nulls_first: bool


def bind_aggregation(
    message: AggregationMessage | None,
    schema: pa.Schema,
    accepted: Mapping[str, Values],
    functions: Sequence[str],
) -> Aggregation | None:
    """Find the columns and the types of the answer's; raises InvalidRequest.

    `accepted` are the columns that take predicates, `functions` those that the source computes.
    """
    if message is None:
        return None
    if not functions:
        raise InvalidRequest("aggregation: the source does not aggregate")
    if not message.group_by and not message.aggregates:
        raise InvalidRequest("aggregation: accepted: at least one column to group by or one aggregate")
    groups = []
    for index, column in enumerate(message.group_by):
        check_comparable(column, schema, accepted, f"aggregation.group_by[{index}]")
        groups.append(plain(schema.field(column)))
    aggregates = []
    for index, aggregate in enumerate(message.aggregates):
        at = f"aggregation.aggregates[{index}]"
        if aggregate.function not in functions:
            raise InvalidRequest(
                f"{at}.function: {aggregate.function!r} is not computed; accepted: {listed(functions)}"
            )
        output = output_field(aggregate, schema, accepted, at)
        aggregates.append(Aggregate(aggregate.function, aggregate.column, output))
    bound = Aggregation(tuple(groups), tuple(aggregates))
    # whatever their case: a source's own language may not tell it apart
    if len({name.lower() for name in bound.columns.names}) < len(bound.columns.names):
        raise InvalidRequest("aggregation: a column of the answer is named twice")
    return bound


def bind_order(
    message: tuple[SortItemMessage, ...], answer: pa.Schema, accepted: Mapping[str, Values], limit: int | None
) -> tuple[SortItem, ...]:
    """Find the columns that an answer is ordered by; raises InvalidRequest."""
    if message and limit is None:
        raise InvalidRequest("limit: missing; a read with order_by has one")
    for index, item in enumerate(message):
        check_comparable(item.column, answer, accepted, f"order_by[{index}].column")
    return tuple(SortItem(item.column, item.descending, item.nulls_first) for item in message)


def comparable(schema: pa.Schema) -> dict[str, Values]:
    """The columns whose type is compared, and how."""
    found = ((field.name, values_of(field)) for field in schema)
    return {name: values for name, values in found if values is not None}


def check_comparable(column: str, schema: pa.Schema, accepted: Mapping[str, Values], at: str) -> Values:
    if column not in schema.names:
        raise InvalidRequest(f"{at}: no such column; accepted: {listed(schema.names)}")
    if column not in accepted:
        raise InvalidRequest(f"{at}: {column} is not compared; accepted: {listed(tuple(accepted)) or 'none'}")
    return accepted[column]


def plain(field: pa.Field) -> pa.Field:
    """The field without a dictionary: its values are few already."""
    return field.with_type(field.type.value_type) if pa.types.is_dictionary(field.type) else field


def output_field(
    aggregate: AggregateMessage, schema: pa.Schema, accepted: Mapping[str, Values], at: str
) -> pa.Field:
    function, column, output = aggregate.function, aggregate.column, aggregate.output
    counted = pa.field(output, pa.int64(), nullable=False)
    if function == "count" and column is None:
        return counted
    if column is None:
        raise InvalidRequest(f"{at}.column: missing; only count may have none")
    if function == "count" and column in schema.names:
        return counted
    type = check_comparable(column, schema, accepted, f"{at}.column").type
    if function == "count_distinct":
        return counted
    field = plain(schema.field(column))
    if function in ("min", "max") and declared_type(field) != "uuid" and not pa.types.is_boolean(type):
        return field.with_name(output).with_nullable(True)
    result = {"sum": sum_type, "avg": average_type}.get(function, no_type)(type)
    if result is None:
        raise InvalidRequest(
            f"{at}.column: {function} of {column}, which is of type {field.type}, is not computed"
        )
    return pa.field(output, result)


def no_type(type: pa.DataType) -> pa.DataType | None:
    return None


def sum_type(type: pa.DataType) -> pa.DataType | None:
    if type == pa.uint64():
        return pa.decimal128(38, 0)
    if pa.types.is_integer(type):
        return pa.int64()
    if pa.types.is_decimal(type) and type.precision <= MOST_SUMMED_DIGITS:
        return pa.decimal128(38, type.scale)
    return type if pa.types.is_floating(type) else None


def average_type(type: pa.DataType) -> pa.DataType | None:
    if pa.types.is_integer(type) and type != pa.uint64():
        return pa.float64()
    return type if pa.types.is_floating(type) else None
