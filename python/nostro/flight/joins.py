"""Joins, and relations of a relation's rows, bound to the columns that they are of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from nostro.flight.aggregation import comparable, plain
from nostro.flight.errors import InvalidRequest
from nostro.flight.expression import bind_expression
from nostro.flight.literals import Values
from nostro.flight.protocol import JoinMessage, RelationMessage, listed
from nostro.flight.source import Join, ReadRequest, Table

JOINS = ("inner", "left", "right", "full")
"""Every kind of join that the protocol has."""


@dataclass(frozen=True)
class Described:
    """What a relation is of: a table's description, or the like of a join or of another relation's rows; and
    the columns that take predicates, with how their literals are read."""

    schema: str
    name: str
    qualified_name: str
    table: Table
    accepted: dict[str, Values]
    join: Join | None = None
    nested: ReadRequest | None = None
    sides: tuple[Described, ...] = ()


@dataclass(frozen=True)
class Side:
    """A relation that another is of: what it is of, what is asked of it, and the columns that it gives."""

    described: Described
    request: ReadRequest
    columns: pa.Schema

    @property
    def accepted(self) -> dict[str, Values]:
        if self.request.aggregation is not None:
            return comparable(self.columns)
        return {
            name: values for name, values in self.described.accepted.items() if name in self.columns.names
        }


def check_offered(relation: RelationMessage, kinds: Sequence[str], nested: bool, at: str = "") -> None:
    """Whether the source does each join, and reads rows of relations; raises InvalidRequest."""
    if relation.relation is not None:
        if not nested:
            raise InvalidRequest(f"{at}relation: the source reads no rows of relations")
        check_offered(relation.relation, kinds, nested, f"{at}relation.")
    if relation.join is None:
        return
    if not kinds:
        raise InvalidRequest(f"{at}join: the source does not join")
    if relation.join.kind not in kinds:
        raise InvalidRequest(f"{at}join.kind: {relation.join.kind!r} is not done; accepted: {listed(kinds)}")
    check_offered(relation.join.left, kinds, nested, f"{at}join.left.")
    check_offered(relation.join.right, kinds, nested, f"{at}join.right.")


def bind_nested(inner: Side) -> Described:
    """The rows of a relation."""
    columns = pa.schema([plain(field) for field in inner.columns])
    return Described(
        "",
        "",
        inner.request.qualified_name,
        Table(columns),
        inner.accepted,
        nested=inner.request,
        sides=(inner.described,),
    )


def bind_join(message: JoinMessage, left: Side, right: Side, expressions: tuple[str, ...]) -> Described:
    """Find the columns and their types; raises InvalidRequest.

    `expressions` are the kinds that the source evaluates.
    """
    fields = [
        *(optional(field, message.kind in ("right", "full")) for field in left.columns),
        *(optional(field, message.kind in ("left", "full")) for field in right.columns),
    ]
    if len(message.outputs) != len(fields):
        raise InvalidRequest(f"join.outputs: accepted: {len(fields)} names, one for each column of the sides")
    # whatever their case: a source's own language may not tell it apart
    if len({name.lower() for name in message.outputs}) < len(message.outputs):
        raise InvalidRequest("join.outputs: a name is there twice")
    columns = pa.schema([field.with_name(name) for field, name in zip(fields, message.outputs, strict=True)])
    split = len(left.columns)
    accepted = {
        output: values
        for side, outputs in ((left, message.outputs[:split]), (right, message.outputs[split:]))
        for name, output in zip(side.columns.names, outputs, strict=True)
        if (values := side.accepted.get(name)) is not None
    }
    condition = bind_expression(message.condition, columns, accepted, expressions, "join.condition")
    assert condition is not None
    join = Join(message.kind, left.request, right.request, columns, condition)
    return Described(
        "",
        "",
        join.qualified_name,
        Table(columns),
        accepted,
        join,
        sides=(left.described, right.described),
    )


def optional(field: pa.Field, is_optional: bool) -> pa.Field:
    return plain(field).with_nullable(True) if is_optional else plain(field)
