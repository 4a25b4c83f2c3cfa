"""What the functions are compared with, and the table of it.

A test asks for a `Comparison` of a function with a reference and hands it every pair of values. Only what was
compared counts; what was left out is counted beside it, with the reason.
"""

from __future__ import annotations

import csv
import json
import random
import string
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import trino.dbapi

ROOT = Path(__file__).resolve().parents[3]
# tests of Java against Java's libraries leave their counts here
JAVA_COMPARISONS = ROOT / "udfs" / "functions" / "target" / "references"
LEAST_INPUTS = 10_000
TOLERANCE = 1e-9
COMMAND = "pytest tests/functions --inputs 10000 --reference-table docs/functions-references.md"
ALPHANUMERIC = string.digits + string.ascii_uppercase
# a query's text has at most a million characters
LONGEST_QUERY = 700_000
HEADER = ("Function", "Reference", "Inputs", "Greatest difference", "Left out, conventions", "Test")

Values = Sequence[Any]


@dataclass
class Comparison:
    """A function beside a reference: how many inputs were compared, and how far apart they were."""

    function: str
    reference: str
    test: str
    convention: str = ""
    inputs: int = 0
    greatest_difference: float = 0
    approximate: bool = False
    left_out: Counter[str] = field(default_factory=Counter)

    def same(self, actual: Any, expected: Any, case: Any) -> None:
        assert actual == expected, (self.function, case, actual, expected)
        self.inputs += 1

    def close(
        self, actual: float, expected: float, case: Any, *, scale: float = 0, tolerance: float = TOLERANCE
    ) -> None:
        """Relative to the expected value, or to `scale` where greater terms than it have cancelled."""
        self.approximate = True
        size = max(abs(expected), scale)
        difference = abs(actual - expected) / size if actual != expected else 0.0
        assert difference <= tolerance, (self.function, case, actual, expected, difference)
        self.greatest_difference = max(self.greatest_difference, difference)
        self.inputs += 1

    def agreed(self) -> None:
        """Count an input whose parts the test has compared one by one."""
        self.inputs += 1

    def leave_out(self, reason: str) -> None:
        self.left_out[reason] += 1

    def row(self) -> TableRow:
        difference = f"{self.greatest_difference:.1e}" if self.approximate else "exact"
        remarks = [self.convention] if self.convention else []
        remarks += [f"{count:,} left out: {reason}" for reason, count in sorted(self.left_out.items())]
        return TableRow(self.function, self.reference, self.inputs, difference, "; ".join(remarks), self.test)


@dataclass(frozen=True, order=True)
class TableRow:
    """A line of the table."""

    function: str
    reference: str
    inputs: int
    difference: str
    remarks: str
    test: str

    def markdown(self) -> str:
        cells = (
            f"`{self.function}`",
            self.reference,
            f"{self.inputs:,}",
            self.difference,
            self.remarks,
            self.test,
        )
        return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


class Compare(Protocol):
    """A comparison of the test's file, made once per function and reference."""

    def __call__(self, function: str, reference: str, convention: str = "") -> Comparison: ...


@dataclass
class Comparisons:
    """All comparisons of a session."""

    made: dict[tuple[str, str, str], Comparison] = field(default_factory=dict)

    def of(self, function: str, reference: str, test: str, convention: str) -> Comparison:
        key = (function, reference, test)
        if key not in self.made:
            self.made[key] = Comparison(function, reference, test, convention)
        return self.made[key]


def read_table(path: Path) -> list[TableRow]:
    rows = []
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
        if line.startswith("| `"):
            cells = [cell.strip() for cell in line.strip("|").split(" | ")]
            function, reference, inputs, difference, remarks, test = (
                cell.replace("\\|", "|") for cell in cells
            )
            rows.append(
                TableRow(
                    function.strip("`"), reference, int(inputs.replace(",", "")), difference, remarks, test
                )
            )
    return rows


def java_rows() -> Iterator[TableRow]:
    for path in sorted(JAVA_COMPARISONS.glob("*.tsv")):
        with path.open(encoding="utf-8", newline="") as lines:
            for function, reference, inputs, remarks in csv.reader(lines, delimiter="\t"):
                yield TableRow(function, reference, int(inputs), "exact", remarks, path.stem)


def write_table(path: Path, comparisons: Iterable[Comparison]) -> None:
    """Put the session's rows into the table, in place of those that the same tests' files left before."""
    new = [*(it.row() for it in comparisons), *java_rows()]
    tests = {row.test for row in new}
    rows = sorted([*(row for row in read_table(path) if row.test not in tests), *new])
    lines = [
        "# What the functions are compared with",
        "",
        f"<!-- Written by `{COMMAND}`. -->",
        "",
        "Each function on a real Trino server beside a reference that is none of its code: a library, or",
        "Python's exact numbers. An input is one call, or for an aggregate one group of rows; only inputs",
        "whose results were compared are counted. *exact* is no difference; another is relative, to the",
        "expected value or, where greater terms cancel each other, to the greatest of them. Differences "
        f"above {TOLERANCE:.0e} fail.",
        "",
        f"{len({row.function for row in rows})} functions, {sum(row.inputs for row in rows):,} inputs.",
        "",
        "| " + " | ".join(HEADER) + " |",
        "|---" * len(HEADER) + "|",
        *(row.markdown() for row in rows),
        "",
    ]
    path.write_text("\n".join(lines), encoding="utf-8")


def compare_all(
    comparison: Comparison, actual: Iterable[Any], expected: Iterable[Any], cases: Iterable[Any]
) -> None:
    for value, reference, case in zip(actual, expected, cases, strict=True):
        comparison.same(value, reference, case)


def relation(columns: Mapping[str, str], values: str) -> str:
    """The rows, a JSON text, and their `number`: functions are run then, and no constants folded."""
    in_json = ("varchar" if type_.startswith(("date", "timestamp")) else type_ for type_ in columns.values())
    in_json = (type_.replace("array(date)", "array(varchar)") for type_ in in_json)
    # JSON has no decimals: as numbers they would be doubles
    in_json = ("varchar" if type_.startswith("decimal") else type_ for type_ in in_json)
    casts = (f"CAST({name} AS {type_}) AS {name}" for name, type_ in columns.items())
    return (
        f"(SELECT number, {', '.join(casts)}"
        f" FROM UNNEST(CAST(json_parse('{values}') AS array(row({', '.join(in_json)}))))"
        f" WITH ORDINALITY AS t ({', '.join(columns)}, number))"
    )


def encoded(row: Values) -> str:
    return json.dumps(list(row), default=str).replace("'", "''")


@dataclass(frozen=True)
class Server:
    """Evaluates expressions over many rows in few queries."""

    connection: trino.dbapi.Connection

    def evaluate(self, expression: str, columns: Mapping[str, str], rows: Sequence[Values]) -> list[Any]:
        """The expression's value for each row, in order; `columns` are SQL types by name."""
        return self.evaluate_all([expression], columns, rows)[0]

    def evaluate_all(
        self, expressions: Sequence[str], columns: Mapping[str, str], rows: Sequence[Values]
    ) -> list[list[Any]]:
        """The values of each expression for every row."""
        results: list[list[Any]] = [[] for _ in expressions]
        for chunk in _chunks([encoded(row)] for row in rows):
            for result in self._rows(expressions, columns, chunk, "ORDER BY number"):
                for values, value in zip(results, result, strict=True):
                    values.append(value)
        return results

    def aggregate(
        self,
        expressions: Sequence[str],
        columns: Mapping[str, str],
        groups: Sequence[Sequence[Values]],
        generator: random.Random,
    ) -> list[list[Any]]:
        """The values of each aggregate for every group, whose rows are handed over in any order."""
        results: list[list[Any]] = [[] for _ in expressions]
        named = {"grp": "bigint", **columns}
        numbered = ([encoded((number, *row)) for row in rows] for number, rows in enumerate(groups))
        for chunk in _chunks(numbered):
            generator.shuffle(chunk)
            for result in self._rows(expressions, named, chunk, "GROUP BY grp ORDER BY grp"):
                for values, value in zip(results, result, strict=True):
                    values.append(value)
        return results

    def _rows(
        self, expressions: Sequence[str], columns: Mapping[str, str], rows: Sequence[str], order: str
    ) -> list[Any]:
        cursor = self.connection.cursor()
        values = f"[{','.join(rows)}]"
        cursor.execute(f"SELECT {', '.join(expressions)} FROM {relation(columns, values)} {order}")
        return list(cursor.fetchall())


def _chunks(groups: Iterable[list[str]]) -> Iterator[list[str]]:
    """As many whole groups at once as fit into a query."""
    chunk: list[str] = []
    size = 0
    for rows in groups:
        length = sum(map(len, rows)) + len(rows)
        if chunk and size + length > LONGEST_QUERY:
            yield chunk
            chunk, size = [], 0
        chunk += rows
        size += length
    if chunk:
        yield chunk


def damaged(value: str, generator: random.Random, alphabet: str = ALPHANUMERIC) -> str:
    """The text with at most one mistake, of the kinds that people make."""
    position = generator.randrange(len(value))
    match generator.randrange(5):
        case 0:
            return value[:position] + generator.choice(alphabet) + value[position + 1 :]
        case 1:
            return value[:position] + value[position + 1 :]
        case 2:
            return value[:position] + generator.choice(alphabet) + value[position:]
        case 3:
            return value[:position] + value[position : position + 2][::-1] + value[position + 2 :]
        case _:
            return value
