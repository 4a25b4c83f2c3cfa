"""Expressions, aggregates and orders as DuckDB's SQL, where DuckDB's own meaning is not Trino's.

To DuckDB NaN is equal to itself and greater than all numbers, in comparisons as in max; sums of whole numbers
have 128 bits; a cast of a large double to FLOAT is an error, not infinity.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import pyarrow as pa

from nostro.flight.aggregation import Aggregate, SortItem
from nostro.flight.duckdb_sql import INTEGER_TYPES, Sql, literal, quoted
from nostro.flight.expression import Expression, LikePattern, Wildcard
from nostro.flight.literals import TimestampValues
from nostro.flight.source import Join

ESCAPE = "\\"
DIGITS_OF_64_BITS = 18
INFINITE = 2**63 - 1
"""As which others than DuckDB see an infinite timestamp, in the units of its type."""
INFINITE_AS_FLOAT = "3.4028235677973366e38"
"""The least double that is nearer to 2**128 than to the greatest FLOAT."""


def condition(expression: Expression, columns: Mapping[str, str]) -> Sql:
    """A condition for WHERE. `columns` gives the SQL of each column."""
    return Rendering(columns).render(expression)


class Rendering:
    def __init__(self, columns: Mapping[str, str]) -> None:
        self._columns = columns

    def render(self, node: Expression) -> Sql:
        if node.column is not None:
            return Sql(self._columns[node.column])
        if node.values is not None:
            assert node.key is not None
            text, parameter = literal(node.values, node.key)
            return Sql(text, (parameter,))
        arguments = [self.render(argument) for argument in node.arguments]
        match node.kind:
            case "and" | "or":
                return joined(f" {node.kind.upper()} ", arguments)
            case "not" if node.arguments[0].kind == "is_distinct_from":
                # by this DuckDB hashes the rows of an outer join; by the other it compares all with all
                compared = node.arguments[0].arguments
                sides = of_one_unit(compared, [self.render(side) for side in compared])
                return sql("({} IS NOT DISTINCT FROM {})", *sides)
            case "not":
                return sql("(NOT {})", *arguments)
            case "is_null":
                return sql("({} IS NULL)", *arguments)
            case "is_distinct_from":
                return sql("({} IS DISTINCT FROM {})", *of_one_unit(node.arguments, arguments))
            case "in":
                return self._in(node, arguments)
            case "like":
                assert node.pattern is not None
                escaped = Sql(f"CAST(? AS VARCHAR) ESCAPE '{ESCAPE}'", (pattern_text(node.pattern),))
                return sql("({} LIKE {})", arguments[0], escaped)
            case "cast":
                return sql(f"CAST({{}} AS {type_name(node.type)})", *arguments)
            case "negate":
                return sql("(- {})", *arguments)
            case "+" | "-" | "*" | "/" | "%":
                return arithmetic(node, *arguments)
            case _:
                return comparison(node.kind, node.arguments, arguments)

    def _in(self, node: Expression, arguments: list[Sql]) -> Sql:
        value, *candidates = of_one_unit(node.arguments, arguments)
        if not node.arguments[0].floating:
            return sql("({} IN {})", value, joined(", ", candidates))
        return joined(
            " OR ",
            [
                comparison("=", (node.arguments[0], other), [value, candidate])
                for other, candidate in zip(node.arguments[1:], candidates, strict=True)
            ],
        )


def sql(template: str, *parts: Sql) -> Sql:
    """The parts in the places of `{}`, each with its parameters."""
    return Sql(
        template.format(*(part.text for part in parts)), tuple(p for part in parts for p in part.parameters)
    )


def joined(separator: str, parts: Sequence[Sql]) -> Sql:
    return sql(f"({separator.join(['{}'] * len(parts))})", *parts)


def comparison(kind: str, nodes: Sequence[Expression], arguments: Sequence[Sql]) -> Sql:
    if not nodes[0].floating:
        return sql(f"({{}} {kind} {{}})", *of_one_unit(nodes, arguments))
    (left, right), (left_node, right_node) = arguments, nodes
    if kind != "<>" and (is_nan(left_node) or is_nan(right_node)):
        # DuckDB takes NaN < -x for x < NaN, which to it is true
        return sql("CASE WHEN {} IS NULL THEN NULL ELSE FALSE END", right if is_nan(left_node) else left)
    if kind in (">", ">="):
        return comparison({">": "<", ">=": "<="}[kind], (right_node, left_node), (right, left))
    if kind == "<>":
        return sql("(NOT {})", comparison("=", nodes, arguments))
    # false if NaN is in it, NULL if NULL is; DuckDB has it for true with NaN on the right or on both sides
    compared = sql(f"({{}} {kind} {{}})", left, right)
    if not may_be_nan(right_node) or (kind == "=" and not may_be_nan(left_node)):
        return compared
    return sql("({} AND (NOT isnan({}) OR {} IS NULL))", compared, right, left)


def of_one_unit(nodes: Sequence[Expression], arguments: Sequence[Sql]) -> list[Sql]:
    """The arguments as DuckDB compares them without an error. Timestamps of nanoseconds with others become
    numbers: DuckDB would cast to nanoseconds, of which 64 bits hold three centuries. Times of nanoseconds
    with others are cast, as DuckDB does not."""
    if not any(nanoseconds(node.type) for node in nodes):
        return list(arguments)
    if pa.types.is_time(nodes[0].type):
        return [
            argument if nanoseconds(node.type) else sql("CAST({} AS TIME_NS)", argument)
            for node, argument in zip(nodes, arguments, strict=True)
        ]
    if all(
        nanoseconds(node.type) and (node.key is None or -(2**63) < int(node.key) < 2**63) for node in nodes
    ):
        return list(arguments)
    return [as_nanoseconds(node, argument) for node, argument in zip(nodes, arguments, strict=True)]


def nanoseconds(type: pa.DataType) -> bool:
    return bool((pa.types.is_timestamp(type) or pa.types.is_time(type)) and type.unit == "ns")


def as_nanoseconds(node: Expression, argument: Sql) -> Sql:
    if isinstance(node.values, TimestampValues) and node.key is not None:
        return Sql("CAST(? AS HUGEINT)", (str(int(node.key) * (10**9 // node.values.units)),))
    if nanoseconds(node.type):
        return finite("CAST(epoch_ns({}) AS HUGEINT)", argument, INFINITE)
    return finite("(CAST(epoch_us({}) AS HUGEINT) * 1000)", argument, INFINITE * 1000)


def finite(number: str, argument: Sql, infinite: int) -> Sql:
    """The number of a timestamp, also of an infinite one, of which DuckDB's functions make NULL."""
    infinities = (
        f"CASE CAST({{}} AS VARCHAR) WHEN 'infinity' THEN CAST('{infinite}' AS HUGEINT) "
        f"WHEN '-infinity' THEN CAST('{-infinite}' AS HUGEINT) END"
    )
    return sql(f"coalesce({number}, {infinities})", argument, argument)


def is_nan(node: Expression) -> bool:
    return isinstance(node.key, float) and math.isnan(node.key)


def may_be_nan(node: Expression) -> bool:
    return node.key is None


def arithmetic(node: Expression, left: Sql, right: Sql) -> Sql:
    if node.floating:
        return sql(f"({{}} {node.kind} {{}})", left, right)
    name = type_name(node.type)
    if node.kind == "*":
        # a product of two that fit in 64 bits would have to fit there too
        first, second = (argument.type for argument in node.arguments)
        wide = pa.decimal128(max(first.precision, DIGITS_OF_64_BITS + 1), first.scale)
        factors = f"CAST({{}} AS {type_name(wide)}) * CAST({{}} AS {type_name(second)})"
        return sql(f"CAST({factors} AS {name})", left, right)
    return sql(f"CAST(CAST({{}} AS {name}) {node.kind} CAST({{}} AS {name}) AS {name})", left, right)


def type_name(type: pa.DataType) -> str:
    if pa.types.is_decimal(type):
        return f"DECIMAL({type.precision}, {type.scale})"
    if pa.types.is_floating(type):
        return "FLOAT" if type == pa.float32() else "DOUBLE"
    return INTEGER_TYPES[str(type)]


def pattern_text(pattern: LikePattern) -> str:
    """DuckDB takes an escape of one byte only: the pattern is written anew with its own."""
    return "".join(
        ("%" if part.many else "_")
        if isinstance(part, Wildcard)
        else ESCAPE + part
        if part in ("%", "_", ESCAPE)
        else part
        for part in pattern.parts
    )


def join(join: Join, left: Sql, right: Sql) -> tuple[Sql, dict[str, str]]:
    """The SQL of a join, to stand after FROM, and that of its columns; `left` and `right` are the sides'."""
    sides = (("l", left, join.left_names), ("r", right, join.right_names))
    # with the side before them, names are those of columns alone, and never those that a SELECT gives
    columns = {name: f"{alias}.{quoted(name)}" for alias, _, names in sides for name in names}
    tables = [
        Sql(f"({side.text}) AS {alias}{aliases(names)}", side.parameters) for alias, side, names in sides
    ]
    joined = sql(f"{{}} {join.kind.upper()} JOIN {{}} ON {{}}", *tables, condition(join.condition, columns))
    return joined, columns


def nested(query: Sql, names: Sequence[str]) -> tuple[Sql, dict[str, str]]:
    """A query to stand after FROM, and the SQL of its columns."""
    return Sql(f"({query.text}) AS q{aliases(names)}", query.parameters), {
        name: f"q.{quoted(name)}" for name in names
    }


def aliases(names: Sequence[str]) -> str:
    return f" ({', '.join(quoted(name) for name in names)})" if names else ""


def aggregate(part: Aggregate, column: str | None) -> str:
    """The SQL of an aggregate; `column` is that of its column."""
    if column is None:
        return "count(*)"
    output = part.output.type
    match part.function:
        case "count":
            return f"count({column})"
        case "count_distinct":
            return f"count(DISTINCT {column})"
        case "max" if pa.types.is_floating(output):
            return f"coalesce(max({column}) FILTER (WHERE NOT isnan({column})), max({column}))"
        case "min" | "max":
            return f"{part.function}({column})"
        case _ if output == pa.float32():
            return as_float(f"{part.function}(CAST({column} AS DOUBLE))")
        case "sum" if not pa.types.is_floating(output):
            return f"CAST(sum({column}) AS {type_name(output)})"
        case _:
            return f"{part.function}({column})"


def as_float(double: str) -> str:
    """The nearest FLOAT, which is infinite for what is too large."""
    return (
        f"CASE WHEN isnan({double}) THEN CAST('NaN' AS FLOAT) "
        f"WHEN {double} >= {INFINITE_AS_FLOAT} THEN CAST('Infinity' AS FLOAT) "
        f"WHEN {double} <= -{INFINITE_AS_FLOAT} THEN CAST('-Infinity' AS FLOAT) "
        f"ELSE CAST({double} AS FLOAT) END"
    )


def order_by(items: Sequence[SortItem], expressions: Mapping[str, str], schema: pa.Schema) -> str:
    """The SQL after ORDER BY."""
    keys: list[str] = []
    for item in items:
        expression = expressions[item.column]
        direction = "DESC" if item.descending else "ASC"
        nulls = "FIRST" if item.nulls_first else "LAST"
        if item.nulls_first and pa.types.is_floating(schema.field(item.column).type):
            # here NaN is less than all numbers
            keys.append(f"isnan({expression}) {'ASC' if item.descending else 'DESC'} NULLS FIRST")
        keys.append(f"{expression} {direction} NULLS {nulls}")
    return ", ".join(keys)
