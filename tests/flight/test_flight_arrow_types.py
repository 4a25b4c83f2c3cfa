"""Tables of every Arrow type go through a source unchanged, whole, filtered and in parts."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nostro.flight import MemorySource, Source, SourceClient, serve, with_type

Served = Callable[[Source], SourceClient]

ARRAYS: dict[str, pa.Array] = {
    "null": pa.nulls(4),
    "bool": pa.array([True, False, None, True]),
    **{
        str(type): pa.array([1, 0, None, 127], type)
        for type in (
            pa.int8(),
            pa.int16(),
            pa.int32(),
            pa.int64(),
            pa.uint8(),
            pa.uint16(),
            pa.uint32(),
            pa.uint64(),
            pa.float16(),
            pa.float32(),
            pa.float64(),
            pa.date32(),
            pa.time32("s"),
            pa.time32("ms"),
            pa.time64("us"),
            pa.time64("ns"),
            pa.timestamp("s"),
            pa.timestamp("ms", "UTC"),
            pa.timestamp("us", "Europe/Berlin"),
            pa.timestamp("ns"),
            pa.duration("ms"),
        )
    },
    "date64": pa.array([datetime.date(2025, 5, 2), None, datetime.date(1, 1, 1), None], pa.date64()),
    "interval": pa.array([(1, 2, 3), None, (0, 0, 0), None], pa.month_day_nano_interval()),
    **{
        str(type): pa.array([Decimal("1.50"), None, Decimal("-0.01"), Decimal("999.99")], type)
        for type in (pa.decimal32(5, 2), pa.decimal64(18, 2), pa.decimal128(38, 2), pa.decimal256(76, 2))
    },
    **{
        str(type): pa.array(["", "Zürich", None, "a\x00b"], type)
        for type in (pa.string(), pa.large_string(), pa.string_view(), pa.json_())
    },
    **{
        str(type): pa.array([b"", b"\xff\x00", None, b"c"], type)
        for type in (pa.binary(), pa.large_binary(), pa.binary_view())
    },
    "fixed_size_binary": pa.array([b"ab", None, b"cd", b"\x00\x00"], pa.binary(2)),
    "uuid": pa.array([bytes(range(16)), None, b"\xff" * 16, b"\x00" * 16], pa.uuid()),
    **{
        str(type): pa.array([[1, None], [], None, [2]], type)
        for type in (
            pa.list_(pa.int64()),
            pa.large_list(pa.int64()),
            pa.list_view(pa.int64()),
            pa.large_list_view(pa.int64()),
        )
    },
    "fixed_size_list": pa.array([[1, 2], None, [3, None], [4, 5]], pa.list_(pa.int32(), 2)),
    "struct": pa.array(
        [{"a": 1, "b": None}, None, {"a": None, "b": ["x"]}, {}],
        pa.struct({"a": pa.int8(), "b": pa.list_(pa.string())}),
    ),
    "map": pa.array([[("a", 1), ("b", None)], None, [], [("c", 3)]], pa.map_(pa.string(), pa.int64())),
    "dictionary": pa.array(["buy", "sell", None, "buy"]).dictionary_encode(),
    "list of dictionary": pa.array(
        [["buy"], None, ["sell"], []], pa.list_(pa.dictionary(pa.int8(), pa.string()))
    ),
    "run_end_encoded": pa.RunEndEncodedArray.from_arrays([2, 3, 4], ["a", None, "b"]),
    "sparse_union": pa.UnionArray.from_sparse(
        pa.array([0, 1, 0, 1], pa.int8()), [pa.array([1, 2, 3, None]), pa.array(["a", "b", "c", "d"])]
    ),
    "dense_union": pa.UnionArray.from_dense(
        pa.array([0, 1, 0, 1], pa.int8()),
        pa.array([0, 0, 1, 1], pa.int32()),
        [pa.array([1, None]), pa.array(["a", "b"])],
    ),
    "nested": pa.array(
        [[{"k": [[("x", Decimal("1.5"))]]}], None, [], [None]],
        pa.list_(pa.struct({"k": pa.list_(pa.map_(pa.string(), pa.decimal128(4, 1)))})),
    ),
}
SECOND_AND_LAST = {"columns": [{"column": "row", "values": ["1", "3"]}]}


@pytest.mark.parametrize("name", ARRAYS)
def test_every_arrow_type_is_served(served: Served, name: str) -> None:
    table = pa.table({"row": pa.array([0, 1, 2, 3]), "value": ARRAYS[name]})
    client = served(MemorySource({"public.t": table, "public.none": table.slice(0, 0)}))
    assert client.describe("public", "t")[1] == table.schema
    for partitions in (1, 3):
        read = client.read("public", "t", partitions=partitions)
        read.validate(full=True)
        assert read.schema == table.schema
        assert read.to_pylist() == table.to_pylist()
        filtered = client.read(
            "public", "t", columns=["value"], predicate=SECOND_AND_LAST, partitions=partitions
        )
        filtered.validate(full=True)
        values = table["value"].to_pylist()
        assert filtered["value"].to_pylist() == [values[1], values[3]]
        assert client.read("public", "none", partitions=partitions).schema == table.schema


def test_chunks_with_dictionaries_of_their_own(served: Served) -> None:
    chunks = [
        pa.array(["buy", "sell"]).dictionary_encode(),
        pa.array(["repo", None, "buy"]).dictionary_encode(),
    ]
    table = pa.table({"side": pa.chunked_array(chunks)})
    read = served(MemorySource({"public.t": table})).read("public", "t")
    assert read["side"].to_pylist() == ["buy", "sell", "repo", None, "buy"]


def test_field_metadata_and_nullability_travel(served: Served) -> None:
    schema = pa.schema(
        [
            with_type(pa.field("currency", pa.string(), nullable=False), "char(3)"),
            pa.field("amount", pa.int64()),
        ],
        {"owner": "treasury"},
    )
    client = served(MemorySource({"public.t": pa.table([["EUR"], [1]], schema=schema)}))
    description, columns = client.describe("public", "t")
    assert columns.equals(schema, check_metadata=True)
    assert description.predicate_columns == ("amount",)
    read = client.read("public", "t", columns=["currency"])
    assert read.schema.field("currency").equals(schema.field("currency"), check_metadata=True)


def test_odd_names(served: Served) -> None:
    table = pa.table({'a"b': [1], "": [2], "a.b": [3], "[0]": [4], "Größe": [5], "a b;--": [6]})
    client = served(MemorySource({'pub"lic.ta.ble': table}))
    (entry,) = client.tables()
    assert client.read(entry.schema, entry.table).equals(table)
    for name, (value,) in table.to_pydict().items():
        predicate = {"columns": [{"column": name, "values": [str(value)]}]}
        assert client.read(entry.schema, entry.table, columns=[name], predicate=predicate).num_rows == 1


SCALARS: list[tuple[pa.DataType, st.SearchStrategy[Any]]] = [
    (pa.int64(), st.integers(-(2**63), 2**63 - 1)),
    (pa.float64(), st.floats(allow_nan=False)),
    (pa.string(), st.text(st.characters(codec="utf-8"), max_size=5)),
    (pa.binary(), st.binary(max_size=5)),
    (pa.bool_(), st.booleans()),
    (pa.date32(), st.dates()),
    (pa.decimal128(38, 4), st.decimals(-(10**9), 10**9, places=4)),
]


def nullable(kind: tuple[pa.DataType, st.SearchStrategy[Any]]) -> tuple[pa.DataType, st.SearchStrategy[Any]]:
    return kind[0], st.none() | kind[1]


def nested(
    kinds: st.SearchStrategy[tuple[pa.DataType, st.SearchStrategy[Any]]],
) -> st.SearchStrategy[tuple[pa.DataType, st.SearchStrategy[Any]]]:
    return (
        kinds.map(lambda kind: (pa.list_(kind[0]), st.lists(st.none() | kind[1], max_size=3)))
        | st.tuples(kinds, kinds).map(
            lambda pair: (
                pa.struct({"a": pair[0][0], "b": pair[1][0]}),
                st.fixed_dictionaries({"a": st.none() | pair[0][1], "b": st.none() | pair[1][1]}),
            )
        )
        | kinds.map(
            lambda kind: (
                pa.map_(pa.string(), kind[0]),
                st.dictionaries(st.text("ab", max_size=2), st.none() | kind[1], max_size=2).map(
                    lambda entries: list(entries.items())
                ),
            )
        )
    )


@st.composite
def tables(draw: st.DrawFn) -> pa.Table:
    kinds = draw(
        st.lists(st.recursive(st.sampled_from(SCALARS), nested, max_leaves=4), min_size=1, max_size=4)
    )
    rows = draw(st.integers(0, 8))
    return pa.table(
        {
            f"c{index}": pa.array(draw(st.lists(st.none() | values, min_size=rows, max_size=rows)), type)
            for index, (type, values) in enumerate(kinds)
        }
    )


def test_random_tables_are_served_unchanged() -> None:
    source = MemorySource({})
    with serve(source) as running, SourceClient(running.location) as client:

        @settings(max_examples=40)
        @given(tables(), st.integers(1, 3))
        def unchanged(table: pa.Table, partitions: int) -> None:
            source._tables["public", "t"] = table
            assert client.read("public", "t", partitions=partitions).equals(table)

        unchanged()
