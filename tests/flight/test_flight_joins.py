"""Joins that a source does: what they mean, what may be asked of them, and what is refused."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import flight

from nostro.flight import Applies, MemorySource, ReadRequest, Source, SourceClient, duckdb_pushdown
from nostro.flight.aggregation import comparable
from nostro.flight.change_messages import BeginWriteRequest
from nostro.flight.duckdb import DuckDBSource
from nostro.flight.duckdb_sql import Sql, quoted
from nostro.flight.duckdb_writes import WritableDuckDBSource
from nostro.flight.expression import KINDS, bind_expression
from nostro.flight.joins import JOINS
from nostro.flight.protocol import ExpressionMessage
from nostro.flight.source import Join

Served = Callable[[Source], SourceClient]
Json = dict[str, Any]
Row = tuple[Any, ...]


def column(name: str) -> Json:
    return {"kind": "column", "column": name}


def call(kind: str, *arguments: Json) -> Json:
    return {"kind": kind, "arguments": list(arguments)}


def literal(type: str, value: str) -> Json:
    return {"kind": "literal", "type": type, "value": value}


def table(name: str, *columns: str, **more: Any) -> Json:
    return {"schema": "main", "table": name, "columns": list(columns), **more}


def joined(kind: str, left: Json, right: Json, outputs: Sequence[str], condition: Json) -> Json:
    return {"kind": kind, "left": left, "right": right, "outputs": list(outputs), "condition": condition}


VALUES: dict[str, tuple[pa.DataType, st.SearchStrategy[Any]]] = {
    "d": (pa.float64(), st.sampled_from([math.nan, math.inf, -math.inf, 0.0, -0.0, 1.5])),
    "f": (pa.float32(), st.sampled_from([math.nan, math.inf, 0.0, -0.0, 1.5])),
    "t": (pa.string(), st.sampled_from(["", "a", "A", "é", "e\u0301"])),
    "n": (pa.int64(), st.integers(-1, 1)),
    "p": (pa.decimal128(9, 2), st.sampled_from([Decimal("0.01"), Decimal("1.00")])),
}
SIDE = pa.schema({name: type for name, (type, _) in VALUES.items()})
BOTH = pa.schema([field.with_name(f"{side}_{field.name}") for side in ("left", "right") for field in SIDE])
ROWS = st.lists(st.tuples(*(st.none() | values for _, values in VALUES.values())), max_size=6)


@st.composite
def conditions(draw: st.DrawFn) -> Json:
    parts = []
    for _ in range(draw(st.integers(1, 2))):
        name = draw(st.sampled_from(list(VALUES)))
        kind = draw(st.sampled_from(["=", "<>", "<", "<=", ">", ">=", "is_distinct_from"]))
        sides = [column(f"left_{name}"), column(f"right_{name}")]
        part = call(kind, *(sides if draw(st.booleans()) else reversed(sides)))
        parts.append(call("not", part) if draw(st.booleans()) else part)
    return parts[0] if len(parts) == 1 else call(draw(st.sampled_from(["and", "or"])), *parts)


def is_nan(value: Any) -> bool:
    return isinstance(value, float) and math.isnan(value)


def truth(node: Json, row: dict[str, Any]) -> bool | None:
    """SQL's value of a condition; None is NULL."""
    kind = node["kind"]
    if kind == "not":
        inner = truth(node["arguments"][0], row)
        return None if inner is None else not inner
    if kind in ("and", "or"):
        decisive = kind == "or"
        found = [truth(part, row) for part in node["arguments"]]
        return decisive if decisive in found else None if None in found else not decisive
    left, right = (row[argument["column"]] for argument in node["arguments"])
    if kind == "is_distinct_from":
        if left is None or right is None:
            return left is not right
        return not (left == right or (is_nan(left) and is_nan(right)))
    if left is None or right is None:
        return None
    compared: bool = {
        "=": left == right,
        "<>": left != right,
        "<": left < right,
        "<=": left <= right,
        ">": left > right,
        ">=": left >= right,
    }[kind]
    return compared


def expected(kind: str, left: Sequence[Row], right: Sequence[Row], condition: Json) -> list[Row]:
    pairs = [
        (i, j)
        for (i, one), (j, other) in itertools.product(enumerate(left), enumerate(right))
        if truth(condition, dict(zip(BOTH.names, one + other, strict=True)))
    ]
    nothing = (None,) * len(SIDE)
    rows = [left[i] + right[j] for i, j in pairs]
    if kind in ("left", "full"):
        rows += [row + nothing for i, row in enumerate(left) if i not in {i for i, _ in pairs}]
    if kind in ("right", "full"):
        rows += [nothing + row for j, row in enumerate(right) if j not in {j for _, j in pairs}]
    return rows


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": "1"}) as connection:
        yield connection


@settings(max_examples=150)
@given(st.sampled_from(JOINS), ROWS, ROWS, conditions())
def test_joins_mean_what_sql_says(
    connection: duckdb.DuckDBPyConnection, kind: str, left: list[Row], right: list[Row], condition: Json
) -> None:
    for name, rows in (("given_left", left), ("given_right", right)):
        given_rows = pa.table([[row[i] for row in rows] for i in range(len(SIDE))], schema=SIDE)
        connection.register(name, given_rows)
    bound = bind_expression(ExpressionMessage.from_json(condition), BOTH, comparable(BOTH), KINDS)
    assert bound is not None
    sides = [ReadRequest("", "", tuple(SIDE.names)) for _ in range(2)]
    query, columns = duckdb_pushdown.join(
        Join(kind, sides[0], sides[1], BOTH, bound),
        Sql("SELECT * FROM given_left"),
        Sql("SELECT * FROM given_right"),
    )
    selected = ", ".join(f"{columns[name]} AS {quoted(name)}" for name in BOTH.names)
    found = connection.execute(f"SELECT {selected} FROM {query.text}", query.parameters).fetchall()
    # by their text, as NaN is not equal to itself
    assert sorted(map(repr, found)) == sorted(map(repr, expected(kind, left, right, condition)))


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "trades.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "CREATE TABLE account AS SELECT 'A' || i AS id, ['Berlin', 'Paris'][i % 2 + 1] AS city "
            "FROM range(6) AS r(i)"
        )
        connection.execute("ALTER TABLE account ALTER COLUMN id SET NOT NULL")
        connection.execute(
            "CREATE TABLE trade AS SELECT i::integer AS id, 'A' || (i % 4 + 1) AS account, "
            "(i * 10)::decimal(9, 2) AS price, (['buy', 'sell'][i % 2 + 1])::ENUM('buy', 'sell') AS side "
            "FROM range(12) AS r(i)"
        )
        connection.execute("CREATE TABLE word (id integer, word varchar COLLATE NOCASE, j json)")
        connection.execute("INSERT INTO word VALUES (1, 'a', '{}'), (2, 'A', '{}'), (3, NULL, NULL)")
        connection.execute('CREATE TABLE clash ("a" integer, "A_0" integer, "q""{}" integer)')
        connection.execute("INSERT INTO clash VALUES (1, 9, 5), (2, 8, 5), (3, 7, 6)")
    return path


@pytest.fixture
def client(served: Served, database: Path) -> SourceClient:
    return served(DuckDBSource(database))


OF_ACCOUNT = call("=", column("account"), column("id"))


def trades(kind: str, **more: Any) -> Json:
    return joined(
        kind,
        table("trade", "account", "price", **more),
        table("account", "id", "city"),
        ["account", "price", "id", "city"],
        OF_ACCOUNT,
    )


def test_which_joins_a_source_offers(client: SourceClient, served: Served) -> None:
    assert client.handshake().capabilities.joins == JOINS
    assert served(MemorySource({"s.t": pa.table({"a": [1]})})).handshake().capabilities.joins == ()


@pytest.mark.parametrize(("kind", "rows"), [("inner", 12), ("left", 12), ("right", 14), ("full", 14)])
def test_the_columns_of_a_join(client: SourceClient, kind: str, rows: int) -> None:
    found = client.read(join=trades(kind))
    assert {field.name: (str(field.type), field.nullable) for field in found.schema} == {
        "account": ("string", True),
        "price": ("decimal128(9, 2)", True),
        "id": ("string", kind in ("left", "full")),
        "city": ("string", True),
    }
    assert found.num_rows == rows
    assert client.read(join=trades(kind), columns=[]).num_rows == rows
    assert client.read(join=trades(kind), columns=["city"]).column_names == ["city"]
    assert len(client.plan(join=trades(kind), partitions=8).endpoints) == 1


def test_what_comes_after_a_join(client: SourceClient) -> None:
    without = {"columns": [{"column": "account", "null_allowed": True}]}
    assert client.read(join=trades("right"), predicate=without, columns=["id"])["id"].to_pylist() == [
        "A0",
        "A5",
    ]
    cheap = {"columns": [], "expression": call("<", column("account"), column("city"))}
    assert client.read(join=trades("inner"), predicate=cheap).num_rows == 12
    aggregation = {
        "group_by": ["city"],
        "aggregates": [
            {"function": "sum", "column": "price", "output": "total"},
            {"function": "count", "column": "account", "output": "trades"},
        ],
    }
    found = client.read(
        join=trades("full"),
        aggregation=aggregation,
        order_by=[{"column": "total", "descending": True}],
        limit=2,
    )
    assert (
        found.to_pylist()
        == [
            {"city": "Paris", "total": Decimal("300.00"), "trades": 6},
            {"city": "Berlin", "total": Decimal("360.00"), "trades": 6},
        ][::-1]
    )
    assert client.read(join=trades("inner"), limit=5).num_rows == 5


def test_what_comes_before_a_join(client: SourceClient) -> None:
    sell = {"columns": [{"column": "side", "values": ["sell"]}]}
    assert client.read(join=trades("left", predicate=sell)).num_rows == 6
    # what is not a condition of the join leaves rows out before it
    assert client.read(join=trades("right", predicate=sell)).num_rows == 10
    dearest = client.read(
        join=trades("inner", order_by=[{"column": "price", "descending": True}], limit=3),
        order_by=[{"column": "price"}],
        limit=9,
    )
    assert dearest["price"].to_pylist() == [Decimal(90), Decimal(100), Decimal(110)]
    totals = joined(
        "left",
        table("account", "id"),
        {
            **table("trade", "account", "total"),
            "aggregation": {
                "group_by": ["account"],
                "aggregates": [{"function": "sum", "column": "price", "output": "total"}],
            },
        },
        ["id", "account", "total"],
        call("and", OF_ACCOUNT, call(">", column("total"), literal("decimal(38,2)", "120.00"))),
    )
    found = {row["id"]: row["total"] for row in client.read(join=totals).to_pylist()}
    assert found == {
        **dict.fromkeys(["A0", "A1", "A5"]),
        "A2": Decimal(150),
        "A3": Decimal(180),
        "A4": Decimal(210),
    }


def test_joins_of_joins(client: SourceClient) -> None:
    inner = {"join": trades("left"), "columns": ["account", "city", "price"], "limit": 100}
    both = joined(
        "inner",
        inner,
        {"join": trades("right"), "columns": ["price"]},
        ["account", "city", "price", "price_1"],
        call("=", column("price"), column("price_1")),
    )
    assert client.read(join=both).num_rows == 12
    price = {"columns": [{"column": "price_1", "values": ["20"]}]}
    assert client.read(join=both, predicate=price).to_pylist() == [
        {"account": "A3", "city": "Paris", "price": Decimal(20), "price_1": Decimal(20)}
    ]


def test_a_side_without_columns(client: SourceClient) -> None:
    condition = call(">", column("id"), literal("integer", "9"))
    pairs = joined("inner", table("trade", "id"), table("account"), ["id"], condition)
    assert client.read(join=pairs)["id"].to_pylist() == [10] * 6 + [11] * 6
    counted = {"group_by": [], "aggregates": [{"function": "count", "column": None, "output": "n"}]}
    assert client.read(join=pairs, aggregation=counted)["n"].to_pylist() == [12]


def test_names_are_those_of_their_own_side(client: SourceClient) -> None:
    # by the names of the other columns an order would be another
    side = table("clash", "a", "A_0", 'q"{}', order_by=[{"column": "a"}], limit=1)
    names = ["A_0", "a", 'b"{}', "c"]
    swapped = joined("inner", side, table("clash", 'q"{}'), names, call("=", column('b"{}'), column("c")))
    read = client.read(join=swapped, order_by=[{"column": "A_0", "descending": True}], limit=5)
    assert read.to_pylist() == [{"A_0": 1, "a": 9, 'b"{}': 5, "c": 5}] * 2


def test_text_is_compared_by_its_code_points(client: SourceClient) -> None:
    def pairs(condition: Json, **read: Any) -> list[tuple[int, int]]:
        sides = table("word", "id", "word"), table("word", "id", "word")
        join = joined("inner", *sides, ["id", "word", "id_1", "word_1"], condition)
        found = client.read(join=join, **read)
        return sorted(zip(found["id"].to_pylist(), found["id_1"].to_pylist(), strict=True))

    words = column("word"), column("word_1")
    assert pairs(call("=", *words)) == [(1, 1), (2, 2)]
    assert pairs(call(">", *words)) == [(1, 2)]
    assert pairs(call("not", call("is_distinct_from", *words))) == [(1, 1), (2, 2), (3, 3)]
    upper = {"columns": [{"column": "word_1", "values": ["A"]}]}
    assert pairs(call("<>", *words), predicate=upper) == [(1, 2)]


def wrong(change: Json, **read: Any) -> Json:
    return {"join": {**trades("inner"), **change}, **read}


REFUSED = [
    (wrong({"kind": "cross"}), r"join.kind: 'cross' is not done; accepted: inner, left, right, full"),
    (wrong({"outputs": ["a", "b"]}), "join.outputs: accepted: 4 names"),
    (wrong({"outputs": ["id", "b", "ID", "d"]}), "join.outputs: a name is there twice"),
    (wrong({"condition": call("=", column("account"), column("side"))}), "join.condition.*no such column"),
    (wrong({"condition": column("account")}), "join.condition: accepted: a condition"),
    (wrong({"condition": call("=", column("account"), column("price"))}), "two arguments of one type"),
    (wrong({"left": table("trade", "account", "nothing")}), r"join.left: columns\[1\]: main.trade has no"),
    (wrong({"left": table("trade", "account", "account")}), "join.left: columns: a column is named twice"),
    (
        wrong({"left": table("trade", "account", "price", order_by=[{"column": "price"}])}),
        "join.left: limit: missing",
    ),
    (
        wrong({"right": table("account", "id", "city", predicate={"columns": [{"column": "x"}]})}),
        "join.right: predicate.columns.*no such column",
    ),
    (
        {
            "join": joined(
                "inner",
                table("word", "j"),
                table("word", "j"),
                ["a", "b"],
                call("=", column("a"), column("b")),
            )
        },
        "a takes no predicate",
    ),
    (wrong({}, columns=["side"]), "main.trade inner join main.account has no such column"),
    (wrong({}, predicate={"columns": [{"column": "side", "values": []}]}), "no such column"),
]


@pytest.mark.parametrize(("read", "reason"), REFUSED, ids=[reason for _, reason in REFUSED])
def test_joins_that_are_refused(client: SourceClient, read: Json, reason: str) -> None:
    with pytest.raises(pa.ArrowInvalid, match=reason):
        client.plan(**read)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"schema": "main", "table": "trade"}, "one of a schema and table, a join, a relation"),
        ({"join": None}, "schema: missing"),
        ({"join": {**trades("inner"), "left": None}}, "join.left: accepted: a JSON object"),
        ({"join": {**trades("inner"), "condition": None}}, "join.condition: accepted: a JSON object"),
    ],
)
def test_messages_that_are_refused(client: SourceClient, change: Json, reason: str) -> None:
    command = {"protocol": 1, "type": "read", "join": trades("inner"), "columns": ["city"], **change}
    with pytest.raises(pa.ArrowInvalid, match=reason):
        client.flight_info(json.dumps(command).encode())


def test_a_table_of_a_join_that_is_not_there(client: SourceClient) -> None:
    with pytest.raises(pa.ArrowKeyError, match=r"main\.nothing: no such table"):
        client.plan(join={**trades("inner"), "right": table("nothing", "id", "city")})


def test_a_source_is_asked_only_for_joins_that_it_offers(served: Served) -> None:
    class InnerOnly(MemorySource):
        applies = Applies.PREDICATE | Applies.PROJECTION
        expressions = ("column", "=")
        joins = ("inner",)

    class Careless(MemorySource):
        joins = JOINS
        expressions = KINDS

    rows = {"main.t": pa.table({"a": [1], "b": [1]})}
    same = joined("inner", table("t", "a"), table("t", "b"), ["a", "b"], call("=", column("a"), column("b")))
    inner_only, careless = served(InnerOnly(rows)), served(Careless(rows))
    assert inner_only.handshake().capabilities.joins == ("inner",)
    assert careless.handshake().capabilities.joins == ()
    nested = {"kind": "inner", "left": {"join": {**same, "kind": "left"}, "columns": ["a"]}}
    for client, join, reason in (
        (careless, same, "join: the source does not join"),
        (inner_only, {**same, "kind": "full"}, "join.kind: 'full' is not done; accepted: inner"),
        (inner_only, {**same, **nested}, "join.left.join.kind: 'left' is not done; accepted: inner"),
        (inner_only, {**same, "condition": call("<", column("a"), column("b"))}, "join.condition.kind: '<'"),
    ):
        with pytest.raises(pa.ArrowInvalid, match=reason):
            client.plan(join=join)


def test_a_source_of_ones_own_can_join(served: Served) -> None:
    class Joining(MemorySource):
        applies = Applies.PREDICATE
        expressions = ("column", "=")
        joins = ("inner",)

        def read(self, request: ReadRequest) -> Any:
            if request.join is None:
                return super().read(request)
            assert request.qualified_name == "main.t inner join main.u"
            left: Any = self.read(request.join.left)
            right: Any = self.read(request.join.right)
            first, second = request.join.condition.arguments
            return left.rename_columns(list(request.join.left_names)).join(
                right.rename_columns(list(request.join.right_names)),
                first.column,
                second.column,
                "inner",
                coalesce_keys=False,
            )

    source = Joining({"main.t": pa.table({"a": [1, 2]}), "main.u": pa.table({"b": [2, 3]})})
    same = joined("inner", table("t", "a"), table("u", "b"), ["a", "b"], call("=", column("a"), column("b")))
    assert served(source).read(join=same).to_pylist() == [{"a": 2, "b": 2}]


def test_the_log_has_joins_without_their_secrets(client: SourceClient, request_log: Path) -> None:
    iban = "DE89370400440532013000"
    secret = {"columns": [{"column": "id", "values": [iban]}]}
    hidden = call("<>", column("account"), literal("varchar", iban))
    join = {
        **trades("inner"),
        "right": table("account", "id", "city", predicate=secret),
        "condition": call("and", OF_ACCOUNT, hidden),
    }
    client.read(join=join, columns=["price"])
    text = request_log.read_text(encoding="utf-8")
    assert "DE893" not in text
    line = json.loads(text.splitlines()[-1])
    assert (line["event"], line["rows"], line["columns"], "table" in line) == ("stream", 0, ["price"], False)
    assert line["join"]["left"]["table"] == "trade"
    assert line["join"]["right"]["predicate"]["columns"][0]["values"] == ["DE89…"]


def test_both_sides_are_of_the_state_that_was_described(served: Served, database: Path) -> None:
    client = served(WritableDuckDBSource(database))
    described, _ = client.describe("main", "trade", holder="query")
    snapshot = described.snapshot
    pinned = client.plan(join=trades("inner"), snapshot=snapshot)
    unpinned = client.plan(join=trades("inner"))
    rows = pa.table({"id": ["A1"], "city": ["Rome"]})
    client.begin(BeginWriteRequest("write-1", "insert", "main", "account", rows.schema))
    client.commit("write-1", [client.put("write-1", "stream-1", rows)])
    assert client.read(join=trades("inner")).num_rows == 15
    assert client.read(join=trades("inner"), snapshot=snapshot).num_rows == 12
    for plan in (pinned, unpinned):
        (endpoint,) = plan.endpoints
        assert sum(batch.num_rows for batch in client.stream(endpoint.ticket.ticket)) == 12


def test_a_join_of_a_state_that_is_gone_is_refused(served: Served, database: Path) -> None:
    client = served(DuckDBSource(database))
    with pytest.raises(flight.FlightInternalError, match="has changed since the read was planned"):
        client.plan(join=trades("inner"), snapshot="another file")
