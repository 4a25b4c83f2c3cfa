"""Checks of predicates, made from the table's own values, against their meaning computed here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import pyarrow as pa

from nostro.flight.conformance.checks import Check, Failure, Group, NotApplicable, Severity, each
from nostro.flight.conformance.generated import (
    Picked,
    bad_literals,
    fine_literals,
    keys_in,
    span,
)
from nostro.flight.conformance.reading import unknown_name
from nostro.flight.conformance.rows import Difference, difference, lacking
from nostro.flight.conformance.subjects import Rows, TableUnderCheck, refused, told
from nostro.flight.literals import BinaryValues, FloatingValues, TextValues, Values
from nostro.flight.protocol import Json

MANY = 2_000
TEXT_BOUNDS = ("", " ", "A", "Z", "a", "z", "é", "\ud7ff", "\uffff", "😀")
BINARY_BOUNDS = ("AA==", "fw==", "gA==", "/w==")


def compare(
    table: TableUnderCheck,
    predicate: Sequence[Json],
    columns: Sequence[str] | None = None,
    partitions: int = 1,
) -> None:
    """Whether a read with a predicate gives the rows that the predicate means."""
    need_predicate(table)
    sample, exact = table.sample, table.capabilities.predicate == "exact"
    named = [part["column"] for part in predicate]
    read = [*dict.fromkeys([*named, *table.columns.names[:2]])] if columns is None else columns
    command = table.command(read, predicate, partitions=partitions)
    sent = told("read", command)
    rows = table.read(command)
    if sample.whole and not rows.whole:
        raise Failure(sent, f"more than {rows.count:,} rows", f"some of the table's {sample.count:,}")
    if not command["columns"]:
        check_count(table, predicate, rows, sent)
        return
    expected = table.matching(sample.table, predicate, command["columns"])
    if exact and sample.whole:
        wrong = difference(rows.table, expected)
    elif sample.whole:
        wrong = lacking(rows.table, expected) or lacking(sample.table.select(command["columns"]), rows.table)
    else:
        wrong = sampled_difference(table, predicate, rows, expected if rows.whole else expected.slice(0, 0))
    if wrong is not None:
        whole = f"the {expected.num_rows:,} of {sample.table.num_rows:,} rows that match"
        raise Failure(
            sent, f"{rows.count:,} rows: {wrong}", whole if exact else f"{whole}, and others of the table"
        )


def sampled_difference(
    table: TableUnderCheck, predicate: Sequence[Json], rows: Rows, expected: pa.Table
) -> Difference | None:
    """Of a table not read whole: rows that do not match, and of those known to match the ones not sent."""
    missing = lacking(rows.table, expected)
    if missing is not None or table.capabilities.predicate != "exact":
        return missing
    columns = rows.table.column_names
    if not {part["column"] for part in predicate} <= set(columns):
        return None
    return difference(rows.table, table.matching(rows.table, predicate, columns))


def check_count(table: TableUnderCheck, predicate: Sequence[Json], rows: Rows, sent: str) -> None:
    if not table.sample.whole:
        return
    expected = table.count_matching(table.sample.table, predicate)
    if rows.count < expected or (rows.count > expected and table.capabilities.predicate == "exact"):
        raise Failure(sent, f"{rows.count:,} rows", f"{expected:,}")


def of_each_column(
    predicates: Callable[[Picked], Sequence[Json]],
) -> Callable[[TableUnderCheck], None]:
    """A check that compares, for each column, the predicates made for it."""

    def check(table: TableUnderCheck) -> None:
        need_predicate(table)
        tried = 0

        def try_one(name: str) -> None:
            nonlocal tried
            for part in predicates(table.picked[name]):
                tried += 1
                compare(table, [part])

        each(table.accepted, try_one)
        if not tried:
            raise NotApplicable("no column has values for it")

    return check


def of_columns(
    kind: type[Values], what: str, parts: Callable[[Picked], Sequence[Json]]
) -> Callable[[TableUnderCheck], None]:
    """A check of the columns of one kind."""

    def check(table: TableUnderCheck) -> None:
        need_predicate(table)
        names = [name for name, values in table.accepted.items() if isinstance(values, kind)]
        if not names:
            raise NotApplicable(f"no column of {what} takes predicates")

        def try_one(name: str) -> None:
            for part in parts(table.picked[name]):
                compare(table, [part])

        each(names, try_one)

    return check


def values_there(picked: Picked) -> list[Json]:
    return [picked.equal(literal) for literal in picked.literals]


def values_absent(picked: Picked) -> list[Json]:
    return [picked.equal(literal) for literal in picked.absent_literals]


def several_values(picked: Picked) -> list[Json]:
    literals = picked.literals
    if not literals:
        return []
    return [picked.equal(*literals[:2]), picked.equal(*literals[::-1], *picked.absent_literals)]


def no_values(picked: Picked) -> list[Json]:
    return [picked.equal(), picked.within()]


def inclusive(picked: Picked) -> list[Json]:
    return ranges(picked, inclusive=True)


def exclusive(picked: Picked) -> list[Json]:
    return ranges(picked, inclusive=False)


def ranges(picked: Picked, *, inclusive: bool) -> list[Json]:
    return [
        picked.within(range_)
        for literal in dict.fromkeys([*picked.literals[::2], *picked.literals[-1:]])
        for range_ in (
            span(literal, None, inclusive=inclusive),
            span(None, literal, inclusive=inclusive),
        )
    ]


def between(picked: Picked) -> list[Json]:
    """Ranges with two bounds: closed, open, and half open."""
    literals = picked.literals
    if not literals:
        return []
    low, high = literals[0], literals[-1]
    mixed = [
        {"low": {"value": low, "inclusive": first}, "high": {"value": high, "inclusive": not first}}
        for first in (True, False)
    ]
    return [picked.within(range_) for range_ in (span(low, high), span(low, high, inclusive=False), *mixed)]


def empty_ranges(picked: Picked) -> list[Json]:
    literals = picked.literals
    parts = [picked.within(span(literal, literal, inclusive=False)) for literal in literals[:1]]
    return parts + ([picked.within(span(literals[-1], literals[0]))] if len(literals) > 1 else [])


def several_ranges(picked: Picked) -> list[Json]:
    literals = picked.literals
    if len(literals) < 2:
        return []
    outside = [span(None, literals[0]), span(literals[-1], None)]
    overlapping = [span(literals[0], literals[-1]), span(literals[1], None)]
    return [picked.within(*outside), picked.within(*overlapping)]


def is_null(picked: Picked) -> list[Json]:
    return [{"column": picked.column, "null_allowed": True}]


def is_not_null(picked: Picked) -> list[Json]:
    return [picked.within(span(None, None))]


def value_or_null(picked: Picked) -> list[Json]:
    parts = [picked.equal(literal, null_allowed=True) for literal in picked.literals[:1]]
    parts += [picked.within(span(literal, None), null_allowed=True) for literal in picked.literals[-1:]]
    return [*parts, picked.equal(null_allowed=True), picked.within(span(None, None), null_allowed=True)]


def nothing(picked: Picked) -> list[Json]:
    return [{"column": picked.column}, {"column": picked.column, "null_allowed": None, "values": None}]


def finer(picked: Picked) -> list[Json]:
    return [
        part
        for literal in fine_literals(picked)
        for part in (
            picked.equal(literal),
            picked.within(span(literal, None)),
            picked.within(span(None, literal)),
            picked.within(span(literal, None, inclusive=False)),
        )
    ]


def not_a_number(picked: Picked) -> list[Json]:
    return [
        picked.equal("NaN"),
        picked.within(span("NaN", None)),
        picked.within(span(None, "NaN")),
        picked.within(span("0", None)),
        picked.within(span(None, "0")),
        picked.within(span("-Infinity", None)),
        picked.within(span(None, "Infinity")),
        *(picked.equal("NaN", literal) for literal in picked.literals[:1]),
    ]


def zeros(picked: Picked) -> list[Json]:
    return [
        *(picked.equal(zero) for zero in ("0.0", "-0.0", "0")),
        picked.equal("-0.0", "1.0"),
        picked.within(span("0.0", None)),
        picked.within(span(None, "-0.0")),
        picked.within(span("-0.0", None, inclusive=False)),
        picked.within(span(None, "0.0", inclusive=False)),
    ]


def text(picked: Picked) -> list[Json]:
    cases = dict.fromkeys(
        changed
        for text in picked.literals
        for changed in (text.swapcase(), f"{text} ", f" {text}", text.rstrip(), f"{text}\x00")
    )
    return [
        *(picked.equal(literal) for literal in cases),
        *(picked.within(span(literal, None)) for literal in TEXT_BOUNDS),
        *(picked.within(span(None, literal, inclusive=False)) for literal in TEXT_BOUNDS),
    ]


def binary(picked: Picked) -> list[Json]:
    return [
        part
        for literal in BINARY_BOUNDS
        for part in (picked.within(span(literal, None)), picked.within(span(None, literal)))
    ]


def every_row(table: TableUnderCheck) -> None:
    compare(table, [], columns=table.columns.names[:2])


def many_values(table: TableUnderCheck) -> None:
    """As Trino sends when a join has found many values; far beyond what most can bind one by one."""
    need_predicate(table)
    widest = max(
        table.accepted, key=lambda name: len(set(keys_in(table.sample.table[name], table.accepted[name])))
    )
    values = table.accepted[widest]
    keys = list(dict.fromkeys(keys_in(table.sample.table[widest], values)))[: MANY // 2]
    picked = table.picked[widest]
    literals = [values.format(key) for key in keys] + picked.absent_literals
    if not literals:
        raise NotApplicable("the table has no rows")
    repeated = literals * (MANY // len(literals) + 1)
    compare(table, [picked.equal(*repeated[:MANY])])


def several_columns(table: TableUnderCheck) -> None:
    need_predicate(table)
    some = [picked for picked in table.picked.values() if picked.present]
    if len(some) < 2:
        raise NotApplicable("one column takes predicates, or the table has no rows")
    for one, other in pairwise(some):
        middle = one.literals[len(one.literals) // 2]
        compare(table, [one.within(span(None, middle)), other.equal(*other.literals[::2])])
        compare(table, [one.within(span(middle, None)), other.within(span(None, None))])
    compare(table, [it.within(span(it.literals[0], None), null_allowed=True) for it in some[:8]])


def selective(table: TableUnderCheck) -> list[Json]:
    """A predicate that some rows match and others do not, if there is one."""
    need_predicate(table)
    found: list[Json] = []
    for picked in table.picked.values():
        for literal in picked.literals[len(picked.literals) // 2 :][:1]:
            part = picked.within(span(literal, None))
            found.append(part)
            if 0 < table.count_matching(table.sample.table, [part]) < table.sample.count:
                return [part]
    if not found:
        raise NotApplicable("the table has no rows")
    return found[:1]


def not_read(table: TableUnderCheck) -> None:
    if not table.capabilities.projection:
        raise NotApplicable("projection is not declared")
    predicate = selective(table)
    others = [name for name in table.columns.names if name != predicate[0]["column"]][:2]
    if not others:
        raise NotApplicable("the table has one column")
    compare(table, predicate, columns=others)


def counted(table: TableUnderCheck) -> None:
    if not table.capabilities.projection:
        raise NotApplicable("projection is not declared")
    compare(table, selective(table), columns=[])


def in_parts(table: TableUnderCheck) -> None:
    if not table.capabilities.partitions:
        raise NotApplicable("partitions is not declared")
    predicate = selective(table)
    each([2, 4], lambda partitions: compare(table, predicate, partitions=partitions))


def unreadable_literals(table: TableUnderCheck) -> None:
    need_predicate(table)

    def try_one(name: str) -> None:
        picked = table.picked[name]
        for literal in bad_literals(picked.values):
            for part in (picked.equal(literal), picked.within(span(literal, None))):
                refuse(table, [part])

    each(table.accepted, try_one)


def values_and_ranges(table: TableUnderCheck) -> None:
    need_predicate(table)
    refuse(table, [{"column": next(iter(table.accepted)), "values": [], "ranges": []}])


def column_twice(table: TableUnderCheck) -> None:
    need_predicate(table)
    refuse(table, [{"column": next(iter(table.accepted)), "null_allowed": True}] * 2)


def unknown_column(table: TableUnderCheck) -> None:
    need_predicate(table)
    refuse(table, [{"column": unknown_name(table.columns.names), "null_allowed": True}])


def undeclared_column(table: TableUnderCheck) -> None:
    need_predicate(table)
    named = table.description.get("predicate_columns")
    others = [name for name in table.columns.names if name not in named] if isinstance(named, list) else []
    if not others:
        raise NotApplicable("every column takes predicates")
    each(others, lambda name: refuse(table, [{"column": name, "null_allowed": True}]))


def refuse(table: TableUnderCheck, predicate: Sequence[Json]) -> None:
    command = table.command(predicate=predicate)
    refused(lambda: table.source.read(command), ["INVALID_ARGUMENT"], told("read", command))


def need_predicate(table: TableUnderCheck) -> None:
    if table.capabilities.predicate == "none":
        raise NotApplicable("predicate is not declared")
    if not table.accepted:
        raise NotApplicable("no column takes predicates")


def meaning(name: str, says: str, run: Callable[[TableUnderCheck], None]) -> Check[TableUnderCheck]:
    return Check(name, says, "Predicates", Severity.WRONG_ROWS, run)


def literal_meaning(name: str, says: str, run: Callable[[TableUnderCheck], None]) -> Check[TableUnderCheck]:
    return Check(name, says, "Literals", Severity.WRONG_ROWS, run)


def refusal(name: str, says: str, run: Callable[[TableUnderCheck], None]) -> Check[TableUnderCheck]:
    return Check(name, says, "Errors", Severity.HIDDEN_MISTAKES, run)


GROUP = Group(
    "predicates",
    "Predicates",
    of_tables=(
        meaning("values_there", "A value finds the rows that have it", of_each_column(values_there)),
        meaning("values_absent", "A value that no row has finds none", of_each_column(values_absent)),
        meaning("several_values", "One of several values is enough", of_each_column(several_values)),
        meaning("no_values", "An empty array of values or ranges matches nothing", of_each_column(no_values)),
        meaning("inclusive", "An inclusive bound is in its range", of_each_column(inclusive)),
        meaning("exclusive", "An exclusive bound is not in its range", of_each_column(exclusive)),
        meaning("between", "Ranges may have two bounds, each inclusive or not", of_each_column(between)),
        meaning("empty_ranges", "Nothing lies in an empty range", of_each_column(empty_ranges)),
        meaning("several_ranges", "One of several ranges is enough", of_each_column(several_ranges)),
        meaning("is_null", "null_allowed alone is IS NULL", of_each_column(is_null)),
        meaning("is_not_null", "A range without bounds is IS NOT NULL", of_each_column(is_not_null)),
        meaning("value_or_null", "null_allowed adds IS NULL", of_each_column(value_or_null)),
        meaning(
            "nothing",
            "With neither null_allowed nor values nor ranges nothing matches",
            of_each_column(nothing),
        ),
        meaning("every_row", "A predicate without columns matches every row", every_row),
        meaning("several_columns", "A row satisfies the part of every column", several_columns),
        meaning("many_values", f"There may be {MANY:,} values", many_values),
        meaning("not_read", "A predicate's column need not be among those read", not_read),
        meaning("counted", "A read without columns counts the rows that match", counted),
        meaning("in_parts", "A predicate holds in every part of a read", in_parts),
        meaning(
            "not_a_number",
            "NaN equals nothing and lies in no range that has a bound",
            of_columns(FloatingValues, "floating point", not_a_number),
        ),
        meaning(
            "zeros",
            "0.0 and -0.0 are equal",
            of_columns(FloatingValues, "floating point", zeros),
        ),
        meaning(
            "text",
            "Text compares by code points: case, spaces and accents count",
            of_columns(TextValues, "text", text),
        ),
        meaning(
            "binary",
            "Binary values compare byte by byte, unsigned",
            of_columns(BinaryValues, "binary values", binary),
        ),
        literal_meaning(
            "finer_literals",
            "A literal that the type cannot hold keeps its exact meaning",
            of_each_column(finer),
        ),
        refusal("bad_literals", "A bad literal is INVALID_ARGUMENT", unreadable_literals),
        refusal("values_and_ranges", "Values and ranges both are INVALID_ARGUMENT", values_and_ranges),
        refusal("column_twice", "A column named twice is INVALID_ARGUMENT", column_twice),
        refusal("unknown_column", "A column that is not there is INVALID_ARGUMENT", unknown_column),
        refusal(
            "undeclared_column",
            "A column that is not among predicate_columns is INVALID_ARGUMENT",
            undeclared_column,
        ),
    ),
)
