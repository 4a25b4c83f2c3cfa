"""Checks of aggregates and groups, against what the table's own values give, computed here."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from nostro.flight.aggregation import FUNCTIONS, bind_aggregation
from nostro.flight.column_types import declared_type
from nostro.flight.conformance.checks import Check, Failure, Group, NotApplicable, Severity, each
from nostro.flight.conformance.generated import is_nan, keys_or_null
from nostro.flight.conformance.orders import item, rank_of
from nostro.flight.conformance.subjects import Rows, TableUnderCheck, refused, told
from nostro.flight.conformance.wire import Refused
from nostro.flight.errors import InvalidRequest
from nostro.flight.literals import DecimalValues, FloatingValues, Key, values_of
from nostro.flight.protocol import AggregationMessage, Json

NOTHING = "nostro_source_check"
"""A function that no source has."""
MOST_GROUPS = 1_000
LEAST_64, GREATEST_64 = -(2**63), 2**63 - 1

GroupKey = tuple[Key | None, ...]


@dataclass(frozen=True)
class Part:
    """One aggregate: its function, and its column if it has one."""

    function: str
    column: str | None = None

    def to_json(self, output: str) -> Json:
        return {"function": self.function, "column": self.column, "output": output}


def aggregation(group_by: Sequence[str], parts: Sequence[Part]) -> Json:
    return {
        "group_by": list(group_by),
        "aggregates": [part.to_json(f"o{index}") for index, part in enumerate(parts)],
    }


def command_of(
    table: TableUnderCheck,
    message: Json,
    predicate: Sequence[Json] | None = None,
    partitions: int = 1,
) -> Json:
    columns = [*message["group_by"], *(each["output"] for each in message["aggregates"])]
    command = table.command(predicate=predicate, partitions=partitions)
    return command | {"columns": columns, "aggregation": message}


def compare(
    table: TableUnderCheck,
    parts: Sequence[Part],
    group_by: Sequence[str] = (),
    predicate: Sequence[Json] | None = None,
) -> None:
    """Whether a read gives the groups, and the aggregates of each, that the table's rows have."""
    command = command_of(table, aggregation(group_by, parts), predicate)
    sent = told("read", command)
    sample = table.sample.table
    if predicate is not None:
        sample = table.matching(sample, predicate, table.columns.names)
    expected = groups_of(table, sample, group_by)
    arguments = {part: argument(part, table, sample) for part in parts}
    if any(unsummable(part, table, arguments[part], expected.values()) for part in parts):
        return
    rows = table.read(command, len(expected))
    groups, outputs = answer_of(table, rows, group_by, parts, sent)
    if len(groups) != len(set(groups)) or set(groups) != set(expected):
        raise Failure(
            sent,
            f"{len(groups):,} rows of {len(set(groups)):,} groups",
            f"a row for each of {len(expected):,} groups",
        )
    for group, found in zip(groups, outputs, strict=True):
        for part, value in zip(parts, found, strict=True):
            terms = [key for number in expected[group] if (key := arguments[part][number]) is not None]
            wanted = value_of(part, terms)
            if not equal(part, table, value, wanted, terms):
                of_group = f" of the group {group}" if group_by else ""
                raise Failure(
                    sent,
                    f"{part.function}({part.column or '*'}){of_group}: {text(value)}",
                    text(wanted),
                )


def groups_of(table: TableUnderCheck, sample: pa.Table, group_by: Sequence[str]) -> dict[GroupKey, list[int]]:
    """The numbers of the rows of each group; one group of all rows without columns to group by."""
    if not group_by:
        return {(): list(range(sample.num_rows))}
    groups: dict[GroupKey, list[int]] = {}
    columns = [
        [grouped(key) for key in keys_or_null(sample[name], table.accepted[name])] for name in group_by
    ]
    for number, group in enumerate(zip(*columns, strict=True)):
        groups.setdefault(group, []).append(number)
    return groups


def grouped(key: Key | None) -> Key | None:
    """The key of a group: -0.0 is 0.0, and NaN like itself."""
    return ("NaN" if is_nan(key) else key + 0.0) if isinstance(key, float) else key


def answer_of(
    table: TableUnderCheck, rows: Rows, group_by: Sequence[str], parts: Sequence[Part], sent: str
) -> tuple[list[GroupKey], list[tuple[Key | None, ...]]]:
    names = rows.table.column_names
    columns: list[list[Key | None]] = []
    for name in names:
        values = values_of(rows.schema.field(name))
        if values is None:
            raise Failure(sent, f"{name} is {rows.schema.field(name).type}", "the type of the table of types")
        columns.append(keys_or_null(rows.table[name], values))
    keyed = list(zip(*columns, strict=True)) if columns else []
    count = len(group_by)
    return [tuple(grouped(key) for key in row[:count]) for row in keyed], [row[count:] for row in keyed]


def argument(part: Part, table: TableUnderCheck, sample: pa.Table) -> list[Key | None]:
    """What the function is of, for each row; of rows, and of columns that are only counted, any key."""
    if part.column in table.accepted:
        return keys_or_null(sample[part.column], table.accepted[part.column])
    if part.column is None:
        return [0] * sample.num_rows
    return [0 if valid else None for valid in sample[part.column].is_valid().to_pylist()]


def value_of(part: Part, terms: Sequence[Key]) -> Key | None:
    keys: Sequence[Any] = terms
    match part.function:
        case "count":
            return len(keys)
        case "count_distinct":
            return len({grouped(key) for key in keys})
        case _ if not keys:
            return None
        case "min" | "max":
            numeric = [key for key in keys if not is_nan(key)]
            least = part.function == "min"
            result: Key = (min(numeric) if least else max(numeric)) if numeric else keys[0]
            return result
        case "sum":
            return total(keys)
        case _:
            return float(total(keys)) / len(keys)


def total(keys: Sequence[Any]) -> int | float:
    return plain_sum(keys) if isinstance(keys[0], float) else sum(int(key) for key in keys)


def plain_sum(keys: Sequence[float]) -> float:
    """Without an error where fsum has one: of what is infinite, or becomes it on the way."""
    result = 0.0
    for key in keys:
        result += key
    return result


def equal(
    part: Part, table: TableUnderCheck, found: Key | None, wanted: Key | None, terms: Sequence[Key]
) -> bool:
    """Sums and averages of floating point depend on the order of the rows; all else is exact."""
    if not isinstance(found, float) or not isinstance(wanted, float):
        return bool(found == wanted)
    if part.function in ("min", "max"):
        return found == wanted or (is_nan(found) and is_nan(wanted))
    values = table.accepted[part.column or ""]
    single = isinstance(values, FloatingValues) and values.single
    finite = [abs(float(term)) for term in terms if math.isfinite(float(term))]
    if sum(finite, 0.0) > (1e37 if single else 1e307):
        # what is infinite on the way to the sum depends on the order too
        return True
    if not math.isfinite(wanted) or not math.isfinite(found):
        return found == wanted or (is_nan(found) and is_nan(wanted))
    tolerance = (1e-5 if single else 1e-9) * max([*finite, 1e-300])
    return math.isclose(found, wanted, rel_tol=1e-5 if single else 1e-9, abs_tol=tolerance)


def unsummable(
    part: Part, table: TableUnderCheck, keys: Sequence[Key | None], groups: Iterable[Sequence[int]]
) -> bool:
    """Whether a sum leaves the 64 bits of its type, so that the stream is to fail."""
    if part.function != "sum" or part.column is None:
        return False
    values = table.accepted[part.column]
    if isinstance(values, DecimalValues | FloatingValues) or values.type == pa.uint64():
        return False
    sums = (sum(int(keys[number] or 0) for number in numbers) for numbers in groups)
    return any(not LEAST_64 <= found <= GREATEST_64 for found in sums)


def overflows(table: TableUnderCheck, part: Part) -> bool:
    """Whether the sum of all rows is too large for its type."""
    if part.column is None:
        return False
    return unsummable(part, table, table.keys[part.column], [range(table.sample.count)])


def text(value: Key | None) -> str:
    return "NULL" if value is None else str(value)


def need(table: TableUnderCheck, *functions: str) -> None:
    if not table.capabilities.aggregates:
        raise NotApplicable("aggregates is not declared")
    missing = [name for name in functions if name not in table.capabilities.aggregates]
    if missing:
        raise NotApplicable(f"{missing[0]} is not declared")
    if not table.sample.whole:
        raise NotApplicable(f"the table has more than {table.source.most_rows:,} rows")


def takes(table: TableUnderCheck, function: str, name: str) -> bool:
    """Whether the protocol has the function of a column of its type."""
    message = AggregationMessage.from_json(aggregation((), [Part(function, name)]))
    try:
        bind_aggregation(message, table.columns, table.accepted, FUNCTIONS)
    except InvalidRequest:
        return False
    return True


def of_each_column(
    function: str, columns: Callable[[TableUnderCheck], Sequence[str]] = lambda table: tuple(table.accepted)
) -> Callable[[TableUnderCheck], None]:
    """A check of a function of each column that may be its argument, of all rows."""

    def check(table: TableUnderCheck) -> None:
        need(table, function)
        names = [name for name in columns(table) if takes(table, function, name)]
        if not names:
            raise NotApplicable(f"no column has a type for {function}")
        each(names, lambda name: compare(table, [Part(function, name)]))

    return check


def floating(table: TableUnderCheck) -> list[str]:
    return [name for name, values in table.accepted.items() if isinstance(values, FloatingValues)]


def not_floating(table: TableUnderCheck) -> list[str]:
    return [name for name in table.accepted if name not in floating(table)]


def count_rows(table: TableUnderCheck) -> None:
    need(table, "count")
    compare(table, [Part("count")])


def extremes_of_floats(table: TableUnderCheck) -> None:
    declared = [name for name in ("min", "max") if name in table.capabilities.aggregates]
    if not declared:
        raise NotApplicable("neither min nor max is declared")
    need(table)
    names = floating(table)
    if not names:
        raise NotApplicable("no column of floating point takes predicates")
    each(names, lambda name: compare(table, [Part(function, name) for function in declared]))


def too_large(table: TableUnderCheck) -> None:
    need(table, "sum")
    names = [
        name for name in table.accepted if takes(table, "sum", name) and overflows(table, Part("sum", name))
    ]
    if not names:
        raise NotApplicable("no column has a sum that its type does not hold")

    def try_one(name: str) -> None:
        command = command_of(table, aggregation((), [Part("sum", name)]))
        try:
            rows = table.source.read(command)
        except Refused:
            return
        raise Failure(told("read", command), f"{rows.table['o0'].to_pylist()}", "a stream that fails")

    each(names, try_one)


def groups(table: TableUnderCheck) -> None:
    need(table)
    each(
        few(table, not_floating(table)),
        lambda name: compare(table, counted(table), [name]),
    )


def groups_of_floats(table: TableUnderCheck) -> None:
    need(table)
    each(few(table, floating(table)), lambda name: compare(table, counted(table), [name]))


def few(table: TableUnderCheck, names: Sequence[str]) -> list[str]:
    """Those columns whose groups are few enough to be read."""
    found = [name for name in names if len({grouped(key) for key in table.keys[name]}) <= MOST_GROUPS]
    if not found:
        raise NotApplicable("no column of such a type has few values")
    return found


def counted(table: TableUnderCheck) -> list[Part]:
    return [Part("count")] if "count" in table.capabilities.aggregates else []


def several_columns(table: TableUnderCheck) -> None:
    need(table)
    names = few(table, tuple(table.accepted))[:3]
    if len(names) < 2:
        raise NotApplicable("one column of the table takes predicates")
    parts = [
        Part(function, name)
        for function in ("min", "max", "sum")
        for name in table.accepted
        if function in table.capabilities.aggregates and takes(table, function, name)
    ]
    compare(table, [*counted(table), *parts[:4]], names[:2])


def distinct_rows(table: TableUnderCheck) -> None:
    need(table)
    compare(table, [], few(table, tuple(table.accepted))[:2])


def no_rows(table: TableUnderCheck) -> None:
    need(table)
    nothing, functions = nothing_of(table), [*counted(table), *one_of_each(table)]
    if not functions:
        raise NotApplicable("no function is declared that is of the table's columns")
    compare(table, functions, predicate=nothing)
    compare(table, functions, [next(iter(table.accepted))], predicate=nothing)


def one_of_each(table: TableUnderCheck) -> list[Part]:
    found = []
    for function in FUNCTIONS:
        names = [name for name in table.accepted if takes(table, function, name)]
        if function in table.capabilities.aggregates and names:
            found.append(Part(function, names[0]))
    return found


def nothing_of(table: TableUnderCheck) -> list[Json]:
    """A predicate that no row satisfies."""
    if not table.accepted or table.capabilities.predicate != "exact":
        raise NotApplicable("predicate is not exact: aggregates are then asked of all rows")
    return [{"column": next(iter(table.accepted)), "null_allowed": False, "values": []}]


def with_predicate(table: TableUnderCheck) -> None:
    need(table)
    nothing_of(table)
    parts = [*counted(table), *one_of_each(table)]

    def try_one(name: str) -> None:
        for literal in table.picked[name].literals[-1:]:
            compare(table, parts[:3], predicate=[table.picked[name].equal(literal)])

    each(table.accepted, try_one)


def ordered(table: TableUnderCheck) -> None:
    need(table, "count")
    if table.capabilities.top_n != "exact":
        raise NotApplicable("top_n is not declared")
    name = min(few(table, not_floating(table)), key=lambda name: len(set(table.keys[name])))
    message = aggregation([name], [Part("count")])
    of_groups = groups_of(table, table.sample.table, [name])
    by_name = item(name)
    rank = rank_of((key for (key,) in of_groups), by_name)
    expected = sorted((-len(numbers), rank(key)) for (key,), numbers in of_groups.items())
    limit = len(expected) // 2 + 1
    command = command_of(table, message) | {
        "limit": limit,
        "order_by": [item("o0", descending=True), by_name],
    }
    sent = told("read", command)
    groups, outputs = answer_of(table, table.read(command, limit), [name], [Part("count")], sent)
    if any(group not in of_groups for group in groups):
        raise Failure(sent, "groups of values that are not there", "those of the table's rows")
    found = [(-int(output[0] or 0), rank(group[0])) for group, output in zip(groups, outputs, strict=True)]
    if found != expected[:limit]:
        raise Failure(
            sent,
            f"groups of {[-size for size, _ in found]} rows",
            f"of {[-size for size, _ in expected[:limit]]}, and of so many in the order of {name}",
        )


def one_endpoint(table: TableUnderCheck) -> None:
    need(table)
    name = next(iter(table.accepted), None)
    if name is None:
        raise NotApplicable("no column takes predicates")
    command = command_of(table, aggregation([name], []), partitions=4)
    found = len(table.source.plan(command).endpoints)
    if found > 1:
        raise Failure(told("read", command), f"{found} endpoints", "one")


def types(table: TableUnderCheck) -> None:
    need(table)

    def try_one(part: Part) -> None:
        command = command_of(table, aggregation((), [part]))
        message = AggregationMessage.from_json(command["aggregation"])
        bound = bind_aggregation(message, table.columns, table.accepted, FUNCTIONS)
        assert bound is not None
        wanted = bound.columns.field(0)
        for what, schema in (
            ("the plan", table.source.plan(command).schema),
            ("the stream", table.read(command).schema),
        ):
            found = schema.field(0)
            if found.type != wanted.type or declared_type(found) != declared_type(wanted):
                raise Failure(told("read", command), f"{what} has {described(found)}", f"{described(wanted)}")

    parts = [
        Part(function, name)
        for function in table.capabilities.aggregates
        for name in table.accepted
        if takes(table, function, name) and not overflows(table, Part(function, name))
    ]
    each([*counted(table), *parts], try_one, lambda part: f"{part.function}({part.column or '*'})")


def described(field: pa.Field) -> str:
    return f"{field.type}{f', declared as {name}' if (name := declared_type(field)) else ''}"


def unknown_function(table: TableUnderCheck) -> None:
    if not table.capabilities.aggregates:
        raise NotApplicable("aggregates is not declared")
    absent = [NOTHING, *(name for name in FUNCTIONS if name not in table.capabilities.aggregates)]

    def try_one(function: str) -> None:
        column = next((name for name in table.accepted if takes(table, function, name)), None)
        command = command_of(
            table, aggregation((), [Part(function, column or next(iter(table.columns.names)))])
        )
        refused(lambda: table.source.read(command), ["INVALID_ARGUMENT"], told("read", command))

    each(absent, try_one)


def name_twice(table: TableUnderCheck) -> None:
    need(table, "count")
    if not table.accepted:
        raise NotApplicable("no column takes predicates")
    name = next(iter(table.accepted))
    message = {"group_by": [name], "aggregates": [Part("count").to_json(name.swapcase())]}
    command = table.command() | {"columns": [name], "aggregation": message}
    refused(lambda: table.source.read(command), ["INVALID_ARGUMENT"], told("read", command))


def any_column(table: TableUnderCheck) -> Sequence[str]:
    return table.some_columns


GROUP = Group(
    "aggregates",
    "Aggregates",
    of_tables=(
        Check(
            "count_rows",
            "count without a column is the number of rows",
            "Aggregation",
            Severity.WRONG_ROWS,
            count_rows,
        ),
        Check(
            "count",
            "count of a column leaves out NULL",
            "Aggregation",
            Severity.WRONG_ROWS,
            of_each_column("count", any_column),
        ),
        Check(
            "count_distinct",
            "count_distinct counts each value once, and not NULL",
            "Aggregation",
            Severity.WRONG_ROWS,
            of_each_column("count_distinct"),
        ),
        Check(
            "min",
            "min is the least value, as predicates compare",
            "Aggregation",
            Severity.WRONG_ROWS,
            of_each_column("min", not_floating),
        ),
        Check(
            "max",
            "max is the greatest value, as predicates compare",
            "Aggregation",
            Severity.WRONG_ROWS,
            of_each_column("max", not_floating),
        ),
        Check(
            "extremes_of_floats",
            "min and max leave out NaN, unless there is nothing else but NULL",
            "Aggregation",
            Severity.WRONG_ROWS,
            extremes_of_floats,
        ),
        Check(
            "sum",
            "sum is exact; of floating point it depends on the rows' order alone",
            "Aggregation",
            Severity.WRONG_ROWS,
            of_each_column("sum"),
        ),
        Check(
            "too_large",
            "A sum that its type does not hold fails the stream",
            "Aggregation",
            Severity.WRONG_ROWS,
            too_large,
        ),
        Check(
            "avg",
            "avg is the average of what is not NULL",
            "Aggregation",
            Severity.WRONG_ROWS,
            of_each_column("avg"),
        ),
        Check(
            "groups",
            "There is one row for each group of equal values, and one for NULL",
            "Aggregation",
            Severity.WRONG_ROWS,
            groups,
        ),
        Check(
            "groups_of_floats",
            "In groups NaN equals NaN, and -0.0 equals 0.0",
            "Aggregation",
            Severity.WRONG_ROWS,
            groups_of_floats,
        ),
        Check(
            "several_columns",
            "Groups of several columns, with several aggregates",
            "Aggregation",
            Severity.WRONG_ROWS,
            several_columns,
        ),
        Check(
            "distinct_rows",
            "Groups without aggregates are the distinct rows",
            "Aggregation",
            Severity.WRONG_ROWS,
            distinct_rows,
        ),
        Check(
            "no_rows",
            "Of no rows there is one row without groups: no number of rows, else NULL; and no group",
            "Aggregation",
            Severity.WRONG_ROWS,
            no_rows,
        ),
        Check(
            "with_predicate",
            "Aggregates are of the rows that match",
            "Reading",
            Severity.WRONG_ROWS,
            with_predicate,
        ),
        Check(
            "ordered",
            "An order with a limit is of the groups, by their outputs too",
            "Aggregation",
            Severity.WRONG_ROWS,
            ordered,
        ),
        Check(
            "one_endpoint",
            "The answer has one endpoint, however many the client could use",
            "Aggregation",
            Severity.WRONG_ROWS,
            one_endpoint,
        ),
        Check(
            "types",
            "Outputs have the Arrow types of the table of functions",
            "Aggregation",
            Severity.FAILING_QUERIES,
            types,
        ),
        Check(
            "unknown_function",
            "A function that the source does not declare is INVALID_ARGUMENT",
            "Aggregation",
            Severity.HIDDEN_MISTAKES,
            unknown_function,
        ),
        Check(
            "name_twice",
            "Two columns of the answer whose names differ only in case are INVALID_ARGUMENT",
            "Aggregation",
            Severity.HIDDEN_MISTAKES,
            name_twice,
        ),
    ),
)
