"""What a run of the checks tells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from nostro.flight.conformance.checks import Outcome, Result
from nostro.flight.conformance.subjects import TableUnderCheck
from nostro.flight.literals import values_of
from nostro.flight.protocol import Capabilities, Json, listed

RESULTS: tuple[Result, ...] = ("passed", "failed", "not applicable", "not run")

WITHOUT: dict[str, dict[str, str]] = {
    "projection": {"false": "Trino reads all of a table's columns, whichever a query needs"},
    "predicate": {
        "none": "Trino reads every row, and filters",
        "partial": "Trino filters again what comes, and pushes down no limit of filtered rows",
    },
    "limit": {
        "none": "the source is not told how many rows are enough: Trino ends the stream when it has them",
        "partial": "Trino counts again, and cuts off what is too much",
    },
    "partitions": {"false": "a table is read by one of Trino's threads alone"},
    "top_n": {"none": "for ORDER BY with LIMIT Trino reads all rows that match, and sorts"},
    "aggregates": {"[]": "Trino reads all rows that match, and aggregates"},
    "expressions": {"[]": "Trino evaluates what is not a range or list of values of one column"},
    "changes": {"[]": "Trino only reads: INSERT, UPDATE, DELETE and MERGE are refused"},
    "snapshots": {"false": "the reads of a query may see different states of a table that changes"},
    "joins": {"[]": "Trino reads the rows of both tables, and joins"},
    "nested": {"false": "what is above a limit or groups in a query, and is no limit, is done by Trino"},
    "statistics": {"false": "Trino orders joins without knowing how many values columns have"},
}
"""What Trino does where a capability is not declared, or only in part."""


@dataclass(frozen=True)
class Lack:
    """Something the source, or one of its tables, leaves to Trino."""

    what: str
    then: str
    table: str | None = None


@dataclass(frozen=True)
class Report:
    """`tables` are those that were read, of `tables_in_all`; `sampled` have more rows than were read. `left`
    is what the checks of writes created and could not drop."""

    location: str
    source: str
    version: str
    protocol: int
    capabilities: Json
    tables: tuple[str, ...]
    tables_in_all: int
    sampled: tuple[str, ...]
    rows: int
    outcomes: tuple[Outcome, ...]
    lacks: tuple[Lack, ...]
    left: tuple[str, ...] = ()

    @property
    def counts(self) -> dict[Result, int]:
        """Checks by result, each check of each table counted."""
        found = Counter(outcome.result for outcome in self.outcomes)
        return {result: found[result] for result in RESULTS}

    @property
    def failures(self) -> tuple[Outcome, ...]:
        return tuple(outcome for outcome in self.outcomes if outcome.result == "failed")

    def to_json(self) -> Json:
        return {**asdict(self), "counts": self.counts}


def lacks(capabilities: Capabilities, tables: Sequence[TableUnderCheck]) -> Iterator[Lack]:
    declared = capabilities.to_json()
    yield from (Lack(what, then) for what, then in undeclared(declared))
    for table in tables:
        own = table.capabilities.to_json()
        for what, then in undeclared({name: own[name] for name in own if own[name] != declared[name]}):
            yield Lack(what, then, table.name)
        named = table.description.get("predicate_columns")
        others = [
            field.name
            for field in table.columns
            if isinstance(named, list) and field.name not in named and values_of(field) is not None
        ]
        if others and table.capabilities.predicate != "none":
            yield Lack(f"predicates on {listed(others)}", "Trino filters by them", table.name)
        if table.description.get("row_count") is None:
            yield Lack("row_count", "Trino orders joins without knowing the table's size", table.name)


def undeclared(capabilities: Json) -> Iterator[tuple[str, str]]:
    for name, value in capabilities.items():
        text = {False: "false", True: "true"}.get(value, value) if not isinstance(value, list) else str(value)
        then = WITHOUT[name].get(str(text)) if name in WITHOUT else None
        if then is not None:
            yield name if value != "partial" else f"{name}: partial", then
