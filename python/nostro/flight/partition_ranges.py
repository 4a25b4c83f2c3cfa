"""What partitions say of their rows, as endpoints tell it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from nostro.flight import protocol
from nostro.flight.errors import SourceError
from nostro.flight.literals import FloatingValues, Values
from nostro.flight.protocol import (
    BoundMessage,
    ColumnPredicateMessage,
    EndpointMessage,
    PredicateMessage,
    RangeMessage,
)
from nostro.flight.source import ColumnRange, Partition
from nostro.flight.table_statistics import key_of

LONGEST_BOUND = 100
"""Characters of a bound that is told; every endpoint has some."""


def endpoint_metadata(
    partition: Partition | None, columns: Iterable[str], accepted: Mapping[str, Values], name: str
) -> bytes:
    """What holds of those columns in the partition; empty if nothing is known. Raises SourceError."""
    if partition is None:
        return b""
    parts = [
        part
        for column in columns
        if column in partition.ranges and column in accepted
        for part in [_part(column, partition.ranges[column], accepted[column], name)]
        if part is not None
    ]
    return protocol.encode(EndpointMessage(PredicateMessage(tuple(parts))).to_json()) if parts else b""


def _part(column: str, range_: ColumnRange, values: Values, name: str) -> ColumnPredicateMessage | None:
    if isinstance(values, FloatingValues):
        # NaN lies in no range, and who states one has hardly thought of it
        return None
    low, high = (_bound(end, values, f"{name}: column {column}") for end in (range_.low, range_.high))
    if low is None and high is None and range_.nulls:
        return None
    return ColumnPredicateMessage(column, range_.nulls, ranges=(RangeMessage(low, high),))


def _bound(value: object, values: Values, name: str) -> BoundMessage | None:
    try:
        key = key_of(value, values)
    except (TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise SourceError(
            f"{name}: a partition's range with {value!r}; accepted: values of {values.type}: {error}"
        ) from None
    literal = None if key is None else values.format(key)
    return None if literal is None or len(literal) > LONGEST_BOUND else BoundMessage(literal, True)
