"""Checks of expressions of a predicate, made of a table's own values, against their meaning computed here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise

import pyarrow as pa

from nostro.flight.conformance.checks import Check, Failure, Group, NotApplicable, Severity, each
from nostro.flight.conformance.evaluation import comparable_value, evaluate
from nostro.flight.conformance.generated import keys_or_null
from nostro.flight.conformance.reading import unknown_name
from nostro.flight.conformance.rows import difference, lacking
from nostro.flight.conformance.subjects import TableUnderCheck, refused, told
from nostro.flight.expression import (
    COMPARISONS,
    KINDS,
    LITERAL_TYPES,
    MOST_DIGITS,
    Expression,
    bind_expression,
    computed_type,
    family,
)
from nostro.flight.literals import (
    DecimalValues,
    FloatingValues,
    IntegerValues,
    Key,
    TextValues,
)
from nostro.flight.protocol import ExpressionMessage, Json

UNITS = {"s": 0, "ms": 3, "us": 6, "ns": 9}
LONGEST_PATTERN = 60
ESCAPE = "#"


def column(name: str) -> Json:
    return {"kind": "column", "column": name}


def call(kind: str, *arguments: Json, type: str | None = None) -> Json:
    node: Json = {"kind": kind, "arguments": list(arguments)}
    return node if type is None else node | {"type": type}


def literal(table: TableUnderCheck, name: str, text: str) -> Json:
    """A literal of the type that the column's values are computed in."""
    return typed(type_name(computed_type(table.accepted[name])), text)


def typed(type: str, text: str) -> Json:
    return {"kind": "literal", "type": type, "value": text}


def type_name(type: pa.DataType) -> str:
    """The SQL name of the Trino type of a literal."""
    if pa.types.is_decimal(type):
        return f"decimal({type.precision}, {type.scale})"
    if pa.types.is_timestamp(type):
        return f"timestamp({UNITS[type.unit]}){' with time zone' if type.tz else ''}"
    if pa.types.is_time(type):
        return f"time({UNITS[type.unit]})"
    if pa.types.is_string_view(type):
        return "varchar"
    return next(name for name, literal_type in LITERAL_TYPES.items() if literal_type == type)


def used(node: Json) -> Iterator[str]:
    """The kinds of an expression and of its arguments."""
    yield node["kind"]
    for argument in node.get("arguments", ()):
        yield from used(argument)


def bound(table: TableUnderCheck, node: Json) -> Expression:
    found = bind_expression(ExpressionMessage.from_json(node), table.columns, table.accepted, KINDS)
    assert found is not None
    return found


def compare(table: TableUnderCheck, node: Json, parts: Sequence[Json] = ()) -> None:
    """Whether a read with the expression, and with columns' parts of a predicate, gives the rows of both."""
    expression = bound(table, node)
    read = [*dict.fromkeys([*expression.column_names, *(part["column"] for part in parts)])]
    read += [name for name in table.columns.names[:2] if name not in read]
    command = table.command(read)
    command |= {"predicate": {"columns": list(parts), "expression": node}}
    sent = told("read", command)
    rows = table.read(command)
    sample, keys = table.sample.table, table.keys
    if parts:
        sample = table.matching(sample, parts, table.columns.names)
        keys = keys_of(table, sample, expression)
    expected = satisfying(table, sample, keys, expression).select(command["columns"])
    if table.sample.whole:
        wrong = difference(rows.table, expected)
    else:
        known = satisfying(table, rows.table, keys_of(table, rows.table, expression), expression)
        wrong = difference(rows.table, known)
        if wrong is None and rows.whole:
            wrong = lacking(rows.table, expected)
    if wrong is not None:
        raise Failure(
            sent,
            f"{rows.count:,} rows: {wrong}",
            f"the {expected.num_rows:,} of {table.sample.table.num_rows:,} rows that match",
        )


def keys_of(table: TableUnderCheck, rows: pa.Table, expression: Expression) -> dict[str, list[Key | None]]:
    return {name: keys_or_null(rows[name], table.accepted[name]) for name in expression.column_names}


def satisfying(
    table: TableUnderCheck, rows: pa.Table, keys: Mapping[str, Sequence[Key | None]], expression: Expression
) -> pa.Table:
    """The rows, whose columns have these keys, for which the expression is true."""
    columns = {
        name: [None if key is None else comparable_value(key, table.accepted[name]) for key in keys[name]]
        for name in expression.column_names
    }
    kept = [
        number
        for number in range(rows.num_rows)
        if evaluate(expression, {name: values[number] for name, values in columns.items()}) is True
    ]
    return rows.take(pa.array(kept, pa.int64()))


def trying(
    make: Callable[[TableUnderCheck], Iterator[Json]], *needed: str
) -> Callable[[TableUnderCheck], None]:
    """A check of conditions, those of kinds that the source evaluates."""

    def check(table: TableUnderCheck) -> None:
        declared = table.capabilities.expressions
        if not declared:
            raise NotApplicable("expressions is not declared")
        missing = [kind for kind in ("column", *needed) if kind not in declared]
        if missing:
            raise NotApplicable(f"{missing[0]} is not declared")
        nodes = [node for node in make(table) if set(used(node)) <= set(declared)]
        if not nodes:
            raise NotApplicable("no column has a type and values for it")
        each(nodes, lambda node: compare(table, node), lambda node: told("expression", node))

    return check


def values_of_columns(table: TableUnderCheck) -> Iterator[tuple[str, str]]:
    """A column with one of its values, for each column that is not floating point."""
    for name, picked in table.picked.items():
        if picked.literals and not isinstance(picked.values, FloatingValues):
            yield name, picked.literals[len(picked.literals) // 2]


def comparisons(table: TableUnderCheck) -> Iterator[Json]:
    for name, text in values_of_columns(table):
        for kind in COMPARISONS:
            if kind != "is_distinct_from":
                yield call(kind, column(name), literal(table, name, text))


def pairs(table: TableUnderCheck) -> Iterator[tuple[str, str]]:
    """Columns of one type, two and two; or the column itself where it is the only one."""
    families: dict[object, list[str]] = {}
    for name, values in table.accepted.items():
        families.setdefault(family(computed_type(values)), []).append(name)
    for names in families.values():
        yield from pairwise(names) if len(names) > 1 else [(names[0], names[0])]


def columns_compared(table: TableUnderCheck) -> Iterator[Json]:
    for one, other in pairs(table):
        for kind in ("=", "<", ">="):
            yield call(kind, column(one), column(other))


def distinct(table: TableUnderCheck) -> Iterator[Json]:
    for name, text in values_of_columns(table):
        yield call("is_distinct_from", column(name), literal(table, name, text))
    for one, other in pairs(table):
        yield call("is_distinct_from", column(one), column(other))


def null(table: TableUnderCheck) -> Iterator[Json]:
    for name in table.accepted:
        yield call("is_null", column(name))


def negations(table: TableUnderCheck) -> Iterator[Json]:
    for name, text in values_of_columns(table):
        yield call("not", call("=", column(name), literal(table, name, text)))


def equalities(table: TableUnderCheck) -> list[Json]:
    return [call("=", column(name), literal(table, name, text)) for name, text in values_of_columns(table)]


def conjunctions(table: TableUnderCheck) -> Iterator[Json]:
    for one, other in pairwise([*equalities(table), *equalities(table)[:1]]):
        yield call("and", call("not", one), call("not", other))
        yield call("not", call("and", one, other))


def disjunctions(table: TableUnderCheck) -> Iterator[Json]:
    for one, other in pairwise([*equalities(table), *equalities(table)[:1]]):
        yield call("or", one, other)
        yield call("not", call("or", one, other))


def among(table: TableUnderCheck) -> Iterator[Json]:
    for name, picked in table.picked.items():
        if isinstance(picked.values, FloatingValues):
            continue
        texts = [*picked.literals[:2], *picked.absent_literals[:1]]
        candidates = [literal(table, name, text) for text in texts]
        if candidates:
            yield call("in", column(name), *candidates)
            yield call("not", call("in", column(name), *candidates))


def patterns(table: TableUnderCheck) -> Iterator[Json]:
    for name, picked in table.picked.items():
        if not isinstance(picked.values, TextValues):
            continue
        for text in picked.literals:
            start = text[: len(text) // 2][:LONGEST_PATTERN]
            end = text[len(text) // 2 :][-LONGEST_PATTERN:]
            for pattern in (f"{escaped(start)}%", f"%{escaped(end)}", f"%{escaped(end.swapcase())}%"):
                yield like(name, pattern)
            if 0 < len(text) <= LONGEST_PATTERN:
                yield like(name, "_" * len(text))
                yield like(name, f"{escaped(text[:-1])}_")
            yield like(name, escaped(text[:LONGEST_PATTERN]))


def escaped(text: str) -> str:
    return "".join(f"{ESCAPE}{each}" if each in ("%", "_", ESCAPE) else each for each in text)


def like(name: str, pattern: str) -> Json:
    return call("like", column(name), typed("varchar", pattern), typed("varchar", ESCAPE))


def numbers(
    table: TableUnderCheck, kind: type[DecimalValues | FloatingValues | IntegerValues]
) -> Iterator[tuple[str, str]]:
    for name, picked in table.picked.items():
        if isinstance(picked.values, kind) and picked.literals:
            yield name, picked.literals[len(picked.literals) // 2]


def casts(table: TableUnderCheck) -> Iterator[Json]:
    for name, text in numbers(table, IntegerValues):
        type = computed_type(table.accepted[name])
        if pa.types.is_integer(type):
            wide = "decimal(38, 2)"
            yield call("<", call("cast", column(name), type=wide), typed(wide, f"{text}.50"))
            halved = typed("double", f"{int(text) / 2!r}")
            yield call("<=", call("cast", column(name), type="double"), halved)
    for name, text in numbers(table, DecimalValues):
        values = table.accepted[name]
        assert isinstance(values, DecimalValues)
        if values.precision < MOST_DIGITS:
            wide = f"decimal({values.precision + 1}, {values.scale + 1})"
            finer = f"{text}{'' if '.' in text else '.'}5"
            yield call("<", call("cast", column(name), type=wide), typed(wide, finer))


def of_floats(table: TableUnderCheck) -> Iterator[Json]:
    for name, picked in table.picked.items():
        if not isinstance(picked.values, FloatingValues):
            continue
        for text in picked.literals:
            for kind in COMPARISONS:
                yield call(kind, column(name), literal(table, name, text))
        for kind in COMPARISONS:
            yield call(kind, column(name), literal(table, name, "NaN"))
            yield call(kind, literal(table, name, "NaN"), column(name))
        yield call("in", column(name), literal(table, name, "NaN"), literal(table, name, "0.0"))


def floating_arithmetic(table: TableUnderCheck) -> Iterator[Json]:
    for name, _ in numbers(table, FloatingValues):
        for kind in ("+", "-", "*", "/", "%"):
            for operand in ("2.0", "0.0", "-3.0"):
                computed = call(kind, column(name), literal(table, name, operand))
                yield call(">", computed, literal(table, name, "0.5"))
                yield call("is_distinct_from", computed, column(name))


def decimal_arithmetic(table: TableUnderCheck) -> Iterator[Json]:
    for name, text in numbers(table, DecimalValues):
        values = table.accepted[name]
        assert isinstance(values, DecimalValues)
        operand = typed("decimal(2, 1)", "1.5")
        scale = max(values.scale, 1)
        precision = max(values.precision - values.scale, 1) + scale + 1
        if precision <= MOST_DIGITS:
            wanted = typed(f"decimal({precision}, {scale})", text)
            yield call("<=", call("+", column(name), operand), wanted)
            yield call(">=", call("-", column(name), operand), wanted)
        if values.precision + 2 <= MOST_DIGITS:
            wanted = typed(f"decimal({values.precision + 2}, {values.scale + 1})", text)
            yield call(">", call("*", column(name), operand), wanted)


def negated(table: TableUnderCheck) -> Iterator[Json]:
    for kind in (DecimalValues, FloatingValues):
        for name, text in numbers(table, kind):
            yield call("<=", call("negate", column(name)), literal(table, name, text))


def with_parts(table: TableUnderCheck) -> None:
    if not {"column", "literal", "not", "="} <= set(table.capabilities.expressions):
        raise NotApplicable("not, = or literal is not declared")
    if table.capabilities.predicate == "none":
        raise NotApplicable("predicate is not declared")
    found = list(values_of_columns(table))
    if not found:
        raise NotApplicable("no column has values for it")
    name, text = found[0]
    node = call("not", call("=", column(name), literal(table, name, text)))

    def try_one(other: str) -> None:
        for value in table.picked[other].literals[-1:]:
            compare(table, node, [table.picked[other].equal(value)])
        compare(table, node, [{"column": other, "null_allowed": True}])

    each(table.accepted, try_one)


def unknown_kind(table: TableUnderCheck) -> None:
    need_expressions(table)
    absent = ["nostro_source_check", *(kind for kind in KINDS if kind not in table.capabilities.expressions)]
    name = next(iter(table.accepted), table.columns.names[0])
    each(absent, lambda kind: refuse(table, call(kind, column(name), column(name))))


def not_as_described(table: TableUnderCheck) -> None:
    """Trees that the protocol does not have, of kinds that the source declares."""
    need_expressions(table)
    declared = set(table.capabilities.expressions)
    name = next(iter(table.accepted), table.columns.names[0])
    wrong = [
        call("not", column(unknown_name(table.columns.names))),
        call("is_null"),
        call("not", call("is_null", column(name)), call("is_null", column(name))),
        call("=", column(name), typed("nostro_source_check", "1")),
        call("is_null", {"kind": "column"}),
        call("is_null", typed("bigint", "twelve")),
        call("is_null", typed("decimal(3, 1)", "0.05")),
    ]
    each(
        [node for node in wrong if set(used(node)) <= declared],
        lambda node: refuse(table, node),
        lambda node: told("expression", node),
    )


def refuse(table: TableUnderCheck, node: Json) -> None:
    command = table.command() | {"predicate": {"columns": [], "expression": node}}
    refused(lambda: table.source.read(command), ["INVALID_ARGUMENT"], told("read", command))


def need_expressions(table: TableUnderCheck) -> None:
    if not table.capabilities.expressions:
        raise NotApplicable("expressions is not declared")


def wrong_rows(
    name: str, says: str, make: Callable[[TableUnderCheck], Iterator[Json]], *needed: str
) -> Check[TableUnderCheck]:
    return Check(name, says, "Expressions", Severity.WRONG_ROWS, trying(make, *needed))


GROUP = Group(
    "expressions",
    "Expressions",
    of_tables=(
        wrong_rows(
            "comparisons", "Comparisons with a literal are those of predicates", comparisons, "literal"
        ),
        wrong_rows("columns", "Columns compare with one another", columns_compared),
        wrong_rows("is_null", "is_null is true for NULL alone", null, "is_null"),
        wrong_rows(
            "is_distinct_from",
            "is_distinct_from takes NULL for like NULL, and NaN for like NaN",
            distinct,
            "is_distinct_from",
        ),
        wrong_rows("not", "not of NULL is NULL", negations, "not"),
        wrong_rows("and", "and has three truth values", conjunctions, "and"),
        wrong_rows("or", "or has three truth values", disjunctions, "or"),
        wrong_rows("in", "in is = with each value, joined by or", among, "in"),
        wrong_rows(
            "like", "like: % is any text, _ one code point, case matters, and escapes work", patterns, "like"
        ),
        wrong_rows("cast", "cast loses nothing", casts, "cast"),
        wrong_rows(
            "floating_point",
            "A comparison with NaN is false, and <> with it true; -0.0 equals 0.0",
            of_floats,
            "literal",
        ),
        wrong_rows("arithmetic", "Arithmetic of floating point is that of IEEE 754", floating_arithmetic),
        wrong_rows("decimals", "Arithmetic of decimals is exact", decimal_arithmetic),
        wrong_rows("negate", "negate gives the number of the other sign", negated, "negate"),
        Check(
            "with_parts",
            "A row satisfies the predicate's parts of columns and its expression",
            "Predicates",
            Severity.WRONG_ROWS,
            with_parts,
        ),
        Check(
            "unknown_kind",
            "A kind of expression that the source does not declare is INVALID_ARGUMENT",
            "Expressions",
            Severity.HIDDEN_MISTAKES,
            unknown_kind,
        ),
        Check(
            "not_as_described",
            "An expression that is not as described is INVALID_ARGUMENT",
            "Errors",
            Severity.HIDDEN_MISTAKES,
            not_as_described,
        ),
    ),
)
