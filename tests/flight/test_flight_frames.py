"""pandas and polars frames, and other Arrow data, as tables."""

from __future__ import annotations

import datetime
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from pyarrow import flight
from tests.flight.agreement import agrees

from nostro.flight import Source, SourceClient, SourceError
from nostro.flight.frames import FrameSource, arrow_table

Served = Callable[[Source], SourceClient]

ROWS = {"bic": ["DEUTDEFF", None, "CHASUS33"], "desks": [3, 5, 8]}


class Exported:
    """Arrow data of some library."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._table.__arrow_c_stream__(requested_schema)


FRAMES: dict[str, Any] = {
    "pandas": pd.DataFrame(ROWS),
    "polars": pl.DataFrame(ROWS),
    "lazy": pl.LazyFrame(ROWS),
    "function": lambda: pd.DataFrame(ROWS),
    "function of a lazy frame": lambda: pl.LazyFrame(ROWS),
    "table": pa.table(ROWS),
    "batch": pa.record_batch(ROWS),
    "exported": Exported(pa.table(ROWS)),
}


@pytest.mark.parametrize("kind", FRAMES)
def test_frames_of_every_kind(kind: str, served: Served) -> None:
    client = served(FrameSource({"public.branch": FRAMES[kind]}))
    assert [(entry.schema, entry.table) for entry in client.tables()] == [("public", "branch")]
    assert client.describe("public", "branch")[1].names == ["bic", "desks"]
    assert client.read("public", "branch", partitions=2).to_pydict() == ROWS
    nothing = {"columns": [{"column": "bic", "null_allowed": True}]}
    assert client.read("public", "branch", columns=["desks"], predicate=nothing).to_pydict() == {"desks": [5]}
    assert client.read("public", "branch", columns=[], limit=2).num_rows == 2
    with pytest.raises(KeyError, match=r"public\.x: no such table"):
        client.read("public", "x")


def test_types_of_pandas_and_polars(served: Served) -> None:
    instant = datetime.datetime(2025, 5, 2, 16, tzinfo=datetime.UTC)
    rows: dict[str, list[Any]] = {
        "amount": [Decimal("1.25"), None],
        "day": [datetime.date(2025, 5, 2), None],
        "at": [instant, None],
        "flag": [True, None],
        "raw": [b"\xff", None],
        "many": [[1, 2], None],
    }
    polars = pl.DataFrame(
        {**rows, "kind": pl.Series(["a", "b"], dtype=pl.Categorical), "u": pl.Series([1, 2], dtype=pl.UInt8)}
    )
    pandas = pd.DataFrame({**rows, "kind": pd.Categorical(["a", "b"]), "u": pd.Series([1, 2], dtype="uint8")})
    client = served(FrameSource({"public.polars": polars, "public.pandas": pandas}))
    for table in ("polars", "pandas"):
        assert client.read("public", table).to_pylist() == [
            {name: values[row] for name, values in rows.items()} | {"kind": "ab"[row], "u": row + 1}
            for row in range(2)
        ]


def test_an_index_with_a_name_is_a_column(served: Served) -> None:
    frame = pd.DataFrame({"n": [1, 2]}, index=pd.Index(["a", "b"], name="key"))
    filtered = pd.DataFrame({"n": [1, 2]})[lambda it: it["n"] > 1]
    client = served(FrameSource({"public.named": frame, "public.unnamed": filtered}))
    assert client.read("public", "named").to_pydict() == {"key": ["a", "b"], "n": [1, 2]}
    assert client.read("public", "unnamed").to_pydict() == {"n": [2]}


def test_missing_numbers_of_pandas_are_null_and_nan_of_polars_is_not(served: Served) -> None:
    values = [1.0, float("nan"), None]
    client = served(
        FrameSource(
            {"public.pandas": pd.DataFrame({"x": values}), "public.polars": pl.DataFrame({"x": values})}
        )
    )
    assert str(client.read("public", "pandas")["x"].to_pylist()) == "[1.0, None, None]"
    assert str(client.read("public", "polars")["x"].to_pylist()) == "[1.0, nan, None]"


def test_what_is_no_frame_is_explained() -> None:
    for frame, message in (
        ([1, 2], r"a builtins.list; accepted: a pandas or polars frame"),
        (pd.DataFrame({"mixed": [1, "a"]}), "column mixed.*accepted: values of one type"),
        (pd.DataFrame({1: [1]}), "column 1 has no text for a name"),
        (pl.DataFrame({"o": pl.Series([object()], dtype=pl.Object)}), "column o is of Python's objects"),
    ):
        with pytest.raises(SourceError, match=rf"public\.t: .*{message}"):
            FrameSource({"public.t": frame})
    with pytest.raises(ValueError, match=r"accepted: schema\.table"):
        FrameSource({"branch": pa.table(ROWS)})


def test_a_function_whose_columns_change_is_found_out(served: Served) -> None:
    frames = iter([pl.DataFrame({"n": [1]}), pl.DataFrame({"n": [1]}), pl.DataFrame({"n": ["a"]})])
    client = served(FrameSource({"public.t": lambda: next(frames)}))
    with pytest.raises(flight.FlightInternalError, match="column n is described as int64, and read returned"):
        client.read("public", "t", columns=["n"])


def test_the_libraries_need_not_be_there() -> None:
    program = (
        "import sys; sys.modules['polars'] = None; import pyarrow as pa, nostro.flight.frames as frames\n"
        "sys.modules['pandas'] = None\n"
        "source = frames.FrameSource({'public.t': pa.table({'n': pa.array([1])})})\n"
        "print(source.describe('public', 't').row_count)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "1\n"


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_frames_are_filtered_as_arrow_is(library: str, served: Served) -> None:
    frames: dict[str, Any] = {}

    def store(rows: pa.Table) -> None:
        if library == "polars":
            frames["t"] = pl.from_arrow(rows)
        else:
            # with Arrow's own types in it, in which NaN and NULL are two things
            frames["t"] = rows.to_pandas(types_mapper=pd.ArrowDtype)

    store(
        pa.table(
            {"double": [1.5], "varchar": ["a"], "timestamp(6)": pa.array([0], pa.timestamp("us")), "row": [0]}
        )
    )
    client = served(FrameSource({"public.t": lambda: frames["t"]}))
    agrees(("double", "varchar", "timestamp(6)"), store, client, ("public", "t"), examples=40)


def test_a_frame_is_taken_as_it_is_at_first(served: Served) -> None:
    frame = pd.DataFrame({"n": [1, 2]})
    client = served(FrameSource({"public.t": frame}))
    frame.loc[0, "n"] = 99
    assert client.read("public", "t").to_pydict() == {"n": [1, 2]}
    assert arrow_table(frame, "public.t").to_pydict() == {"n": [99, 2]}
