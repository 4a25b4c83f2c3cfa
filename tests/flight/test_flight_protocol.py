"""Every message in docs/protocol.md is one that the SDK reads and would write."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nostro.flight import InvalidRequest, change_messages, protocol, tickets
from nostro.flight.protocol import (
    AggregateMessage,
    AggregationMessage,
    BoundMessage,
    ColumnPredicateMessage,
    ExpressionMessage,
    JoinMessage,
    PredicateMessage,
    RangeMessage,
    ReadCommand,
    RelationMessage,
    SortItemMessage,
    decode,
    encode,
)
from nostro.flight.tickets import Ticket

DOCS = Path(__file__).resolve().parents[2] / "docs"
EXAMPLE = re.compile(r"<!-- message: (\w+) -->\n```json\n(.*?)```", re.DOTALL)


class Message(Protocol):
    def to_json(self) -> dict[str, Any]: ...


def examples() -> Iterator[Any]:
    for name, text in EXAMPLE.findall((DOCS / "protocol.md").read_text(encoding="utf-8")):
        yield pytest.param(name, text, id=f"{name}: {' '.join(text.split())[:40]}")


def parser(name: str) -> Callable[[Any, str], Message]:
    module = protocol if hasattr(protocol, name) else change_messages
    found: Callable[[Any, str], Message] = getattr(module, name).from_json
    return found


@pytest.mark.parametrize(("name", "text"), list(examples()))
def test_documented_messages_are_the_ones_spoken(name: str, text: str) -> None:
    shown = json.loads(text)
    message = parser(name)(shown, "")
    assert without_defaults(message.to_json()) == without_defaults(shown)


def without_defaults(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: without_defaults(v) for k, v in value.items() if v not in (None, False, [], "none")}
    return [without_defaults(element) for element in value] if isinstance(value, list) else value


def test_every_message_is_documented() -> None:
    messages = {
        name
        for name, value in (vars(change_messages) | vars(protocol)).items()
        if isinstance(value, type) and hasattr(value, "from_json") and name != "Capabilities"
    }
    parts = {
        "TableEntry",
        "BoundMessage",
        "RangeMessage",
        "ColumnPredicateMessage",
        "AggregateMessage",
        "ColumnStatisticsMessage",
        "SortItemMessage",
        "Refusal",
    }
    text = (DOCS / "protocol.md").read_text(encoding="utf-8")
    assert {name for name, _ in EXAMPLE.findall(text)} == messages - parts
    assert text.count("```json") == len(EXAMPLE.findall(text))


TEXTS = st.text(st.characters(codec="utf-8"), max_size=5)
BOUNDS = st.none() | st.builds(BoundMessage, TEXTS, st.booleans())
RANGES = st.builds(RangeMessage, BOUNDS, BOUNDS)
COLUMNS = st.builds(
    ColumnPredicateMessage, TEXTS, st.booleans(), st.none() | st.lists(TEXTS).map(tuple)
) | st.builds(
    ColumnPredicateMessage, TEXTS, st.booleans(), st.none(), st.lists(RANGES, max_size=2).map(tuple)
)
EXPRESSIONS = st.recursive(
    st.builds(
        ExpressionMessage,
        TEXTS,
        column=st.none() | TEXTS,
        type=st.none() | TEXTS,
        value=st.none() | TEXTS,
    ),
    lambda inner: st.builds(ExpressionMessage, TEXTS, st.lists(inner, max_size=2).map(tuple)),
    max_leaves=4,
)
AGGREGATIONS = st.builds(
    AggregationMessage,
    st.lists(TEXTS, max_size=2).map(tuple),
    st.lists(st.builds(AggregateMessage, TEXTS, st.none() | TEXTS, TEXTS), max_size=2).map(tuple),
)
PARTS: dict[str, st.SearchStrategy[Any]] = {
    "columns": st.lists(TEXTS, max_size=3).map(tuple),
    "predicate": st.none()
    | st.builds(PredicateMessage, st.lists(COLUMNS, max_size=2).map(tuple), st.none() | EXPRESSIONS),
    "limit": st.none() | st.integers(0, 2**63 - 1),
    "aggregation": st.none() | AGGREGATIONS,
    "order_by": st.lists(st.builds(SortItemMessage, TEXTS, st.booleans(), st.booleans()), max_size=2).map(
        tuple
    ),
}


def joins_of(side: st.SearchStrategy[RelationMessage]) -> st.SearchStrategy[JoinMessage]:
    return st.builds(JoinMessage, TEXTS, side, side, st.lists(TEXTS, max_size=2).map(tuple), EXPRESSIONS)


RELATIONS: st.SearchStrategy[RelationMessage] = st.recursive(
    st.builds(RelationMessage, TEXTS, TEXTS, **PARTS),
    lambda side: (
        st.builds(RelationMessage, st.just(""), st.just(""), **PARTS, join=joins_of(side))
        | st.builds(RelationMessage, st.just(""), st.just(""), **PARTS, relation=side)
    ),
    max_leaves=3,
)
COMMANDS = st.builds(
    lambda relation, partitions: ReadCommand(**vars(relation), partitions=partitions),
    RELATIONS,
    st.integers(1, 99),
)


@settings(max_examples=50)
@given(COMMANDS)
def test_messages_round_trip(command: ReadCommand) -> None:
    assert ReadCommand.from_json(decode(encode(command.to_json()), "read")) == command


@settings(max_examples=50)
@given(COMMANDS, st.none() | TEXTS, st.integers(0, 9), st.none() | TEXTS)
def test_tickets_round_trip(
    command: ReadCommand, partition: str | None, index: int, snapshot: str | None
) -> None:
    ticket = Ticket(command, "0" * 16, partition, index, 10, snapshot)
    assert Ticket.from_bytes(ticket.to_bytes()) == ticket


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[]", b"nonsense", b"[" * 9_000, b'{"command": {}, "columns_digest": 1}']
)
def test_forged_tickets_are_refused(body: bytes) -> None:
    with pytest.raises(InvalidRequest, match="ticket"):
        Ticket.from_bytes(tickets.MARK + tickets.digest(body) + body)


def test_messages_of_any_size_are_not_read() -> None:
    with pytest.raises(InvalidRequest, match="accepted: up to"):
        decode(b" " * (protocol.LONGEST_MESSAGE + 1), "read")


def test_expressions_of_any_depth_are_not_read() -> None:
    message: dict[str, Any] = {"kind": "column", "column": "c"}
    for _ in range(protocol.DEEPEST_EXPRESSION):
        message = {"kind": "not", "arguments": [message]}
    with pytest.raises(InvalidRequest, match="expressions of up to 100 levels"):
        ExpressionMessage.from_json(message)
    assert ExpressionMessage.from_json(message["arguments"][0]).kind == "not"


def chain(tables: int) -> dict[str, Any]:
    """A relation of so many tables, joined one after another."""
    relation: dict[str, Any] = {"schema": "s", "table": "t", "columns": []}
    side = dict(relation)
    for _ in range(tables - 1):
        join = {"kind": "inner", "left": relation, "right": side, "outputs": [], "condition": {"kind": "and"}}
        relation = {"join": join, "columns": []}
    return relation


def bush(levels: int) -> dict[str, Any]:
    side = chain(1) if levels == 0 else bush(levels - 1)
    join = {"kind": "inner", "left": side, "right": side, "outputs": [], "condition": {"kind": "and"}}
    return {"join": join, "columns": []}


@pytest.mark.parametrize("relation", [chain(protocol.MOST_TABLES + 1), chain(300), bush(4)])
def test_joins_of_any_number_of_tables_are_not_read(relation: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest, match="joins of up to 16 tables"):
        RelationMessage.from_json(relation)


def nest(levels: int) -> dict[str, Any]:
    relation = chain(1)
    for _ in range(levels):
        relation = {"relation": relation, "columns": []}
    return relation


@pytest.mark.parametrize("levels", [protocol.MOST_NESTED + 1, 300])
def test_relations_of_any_depth_are_not_read(levels: int) -> None:
    with pytest.raises(InvalidRequest, match="relations of relations up to 32 deep"):
        RelationMessage.from_json(nest(levels))
    assert RelationMessage.from_json(nest(protocol.MOST_NESTED)).tables == (("s", "t"),)


@pytest.mark.parametrize("more", [{"schema": "s", "table": "t"}, {"join": chain(2)["join"]}])
def test_a_relation_is_of_one_thing(more: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest, match="accepted: one of a schema and table, a join, a relation"):
        RelationMessage.from_json(nest(1) | more)


def test_a_read_joins_many_tables() -> None:
    assert len(RelationMessage.from_json(chain(protocol.MOST_TABLES)).tables) == protocol.MOST_TABLES
    assert len(RelationMessage.from_json(bush(3)).tables) == protocol.MOST_TABLES


CODE = re.compile(r"```python\n(.*?)```", re.DOTALL)


def test_the_code_in_the_guide_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page's blocks are one program: they run in one namespace, one after another."""
    monkeypatch.chdir(tmp_path)
    blocks = CODE.findall((DOCS / "sources.md").read_text(encoding="utf-8"))
    assert len(blocks) >= 4
    names: dict[str, Any] = {"__name__": "guide"}
    for block in blocks:
        exec(compile(block, "docs/sources.md", "exec"), names)


def test_the_smallest_source_is_small() -> None:
    first = CODE.findall((DOCS / "sources.md").read_text(encoding="utf-8"))[0]
    assert len([line for line in first.splitlines() if line.strip()]) <= 20


def test_the_sdk_needs_no_other_part_and_no_duckdb() -> None:
    program = (
        "import sys\n"
        "sys.modules['duckdb'] = None\n"
        "import nostro.flight, nostro.flight.command\n"
        "parts = {'.'.join(name.split('.')[:2]) for name in sys.modules if name.startswith('nostro.')}\n"
        "print(*sorted(parts))\n"
    )
    imported = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert imported.stdout.split() == ["nostro.flight"]
