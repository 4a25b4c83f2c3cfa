"""Arguments in every form that Arrow has, and what else a caller may give."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nostro.functions import (
    allocate,
    iban_is_valid,
    iban_normalize,
    mask_inner,
    pmt,
    round_money,
    settlement_date,
    xirr,
)
from nostro.functions.calls import ROWS_AT_A_TIME
from nostro.functions.errors import FunctionError, SignatureError

VALID = "DE89370400440532013000"
TEXTS = [VALID, None, "x", "", "GB82 WEST 1234 5698 7654 32", None, VALID * 40, "ÄÖ€𝄞"]
ANSWERS = [True, None, False, False, True, None, False, False]


def dictionary(values: pa.Array) -> pa.Array:
    return values.dictionary_encode()


def sliced(values: pa.Array) -> pa.Array:
    return pa.concat_arrays([pa.array(["before", None], values.type), values, values]).slice(2, len(values))


@pytest.mark.parametrize("type_", [pa.string(), pa.large_string(), pa.string_view()])
@pytest.mark.parametrize("form", [lambda values: values, sliced])
def test_texts_of_every_layout(type_: pa.DataType, form: Callable[[pa.Array], pa.Array]) -> None:
    assert iban_is_valid(form(pa.array(TEXTS, type_))).to_pylist() == ANSWERS


@pytest.mark.parametrize("form", [dictionary, lambda values: sliced(values).dictionary_encode().slice(1)])
def test_dictionary_encoded_texts(form: Callable[[pa.Array], pa.Array]) -> None:
    values = form(pa.array(TEXTS))
    assert iban_is_valid(values).to_pylist() == ANSWERS[-len(values) :]


def test_chunks_need_not_be_alike() -> None:
    currencies = ["EUR", "JPY", "BHD", "USD", None, "CHF", "EUR"]
    amounts = [
        Decimal("1.005"),
        Decimal("7.5"),
        None,
        Decimal("0.125"),
        Decimal(1),
        Decimal("-2.675"),
        Decimal(3),
    ]
    given = pa.chunked_array([amounts[:3], [], amounts[3:]], pa.decimal128(12, 4))
    result = round_money(given, pa.chunked_array([currencies[:1], currencies[1:5], currencies[5:]]))
    assert isinstance(result, pa.ChunkedArray)
    expected = ["1.0000", "8.0000", None, "0.1200", None, "-2.6800", "3.0000"]
    assert [None if value is None else str(value) for value in result.to_pylist()] == expected
    assert result.type == pa.decimal128(13, 4)


@pytest.mark.parametrize(
    "column",
    [
        pd.Series(TEXTS),
        pd.Series(TEXTS, dtype="string[pyarrow]"),
        pd.Series(TEXTS, dtype="category"),
        pl.Series(TEXTS),
        pl.Series(TEXTS, dtype=pl.Categorical),
        np.array(TEXTS, dtype=object),
    ],
    ids=["pandas", "pandas of Arrow", "pandas categories", "polars", "polars categories", "numpy"],
)
def test_columns_of_other_libraries(column: Any) -> None:
    assert iban_is_valid(column).to_pylist() == ANSWERS


def test_numbers_of_numpy_and_dates_of_pandas() -> None:
    amounts = np.array([-100.0, 110.0])
    for dates in (
        np.array(["2024-01-01", "2024-12-31"], dtype="datetime64[D]"),
        pd.Series([date(2024, 1, 1), date(2024, 12, 31)]),
        pl.Series([date(2024, 1, 1), date(2024, 12, 31)]),
    ):
        assert xirr(amounts, dates).as_py() == pytest.approx(0.1)


def test_no_rows_and_nothing_but_null() -> None:
    for empty in (pa.array([], pa.string()), pa.chunked_array([], pa.string()), pa.nulls(0)):
        assert iban_is_valid(empty).to_pylist() == []
        assert iban_is_valid(empty).type == pa.bool_()
    for nulls in (pa.nulls(3), pa.nulls(3, pa.string()), pa.nulls(3, pa.string()).dictionary_encode()):
        assert iban_is_valid(nulls).to_pylist() == [None] * 3
    assert iban_is_valid(None) == pa.scalar(None, pa.bool_())
    assert xirr(pa.nulls(0), pa.nulls(0)).as_py() is None
    no_groups = xirr(pa.nulls(0), pa.nulls(0), group_by=pa.array([], pa.string()))
    assert (no_groups.num_rows, no_groups.column_names) == (0, ["key", "xirr"])


@pytest.mark.parametrize(
    "type_",
    [
        pa.int8(),
        pa.uint8(),
        pa.int16(),
        pa.int32(),
        pa.uint32(),
        pa.int64(),
        pa.float32(),
        pa.decimal128(9, 2),
        pa.decimal128(30, 5),
    ],
    ids=str,
)
def test_numbers_are_converted_as_in_sql(type_: pa.DataType) -> None:
    principal = pc.cast(pa.array([100.0, 0.0, None]), type_)
    assert pmt(0.01, 10, principal).to_pylist() == pmt(0.01, 10, pa.array([100.0, 0.0, None])).to_pylist()


def test_lists_are_sql_arrays() -> None:
    assert allocate(Decimal("100.00"), [1, 1, 1]).as_py() == [
        Decimal("33.34"),
        Decimal("33.33"),
        Decimal("33.33"),
    ]
    weights = pa.array([[1, 1], None, [3], [1, 2, 1]]).slice(1)
    shares = allocate(pa.array([Decimal("1.00")] * 3), weights)
    assert shares.to_pylist() == [
        None,
        [Decimal("1.00")],
        [Decimal("0.25"), Decimal("0.50"), Decimal("0.25")],
    ]


def test_an_error_names_the_row_over_chunks_and_pieces() -> None:
    rows = ROWS_AT_A_TIME + 3
    texts = pa.chunked_array([pa.array([VALID] * rows), pa.array([VALID, "nonsense"])])
    with pytest.raises(FunctionError, match=rf"iban_normalize: .* \(row {rows + 1}\)") as error:
        iban_normalize(texts)
    assert (error.value.code, error.value.row) == ("INVALID_FUNCTION_ARGUMENT", rows + 1)
    assert "nonsense" not in str(error.value)
    given = iban_normalize(texts, on_error="null")
    assert (len(given), given.null_count, given[-1].as_py()) == (rows + 2, 1, None)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((3,), r"Unexpected parameters \(integer\) .* Expected: iban_is_valid\(varchar\(x\)\)"),
        ((), r"Unexpected parameters \(\)"),
        (("x", "y"), "Unexpected parameters"),
        ((object(),), "argument 1: a builtins.object is neither a column"),
        ((pa.array([[1]], pa.list_view(pa.int8())),), "argument 1: .*list_view"),
        (([1, "x"],), "argument 1: .*more than one type"),
    ],
)
def test_arguments_that_no_signature_takes(arguments: tuple[Any, ...], message: str) -> None:
    with pytest.raises(SignatureError, match=message):
        iban_is_valid(*arguments)


def test_columns_of_other_lengths() -> None:
    with pytest.raises(SignatureError, match="not equally long: 2, 3 rows"):
        round_money(pa.array([Decimal(1)] * 2), pa.array(["EUR"] * 3))


@given(
    st.lists(st.tuples(st.text(max_size=20), st.integers(0, 9), st.integers(0, 9)), max_size=50), st.data()
)
def test_any_pieces_give_the_same(rows: list[tuple[str, int, int]], data: st.DataObject) -> None:
    texts, first, last = ([row[index] for row in rows] for index in range(3))
    whole = mask_inner(pa.array(texts, pa.string()), pa.array(first, pa.int64()), pa.array(last, pa.int64()))
    cut = data.draw(st.integers(0, len(rows)))
    start = data.draw(st.integers(0, len(rows)))
    parts = mask_inner(
        pa.chunked_array([texts[:cut], texts[cut:]], pa.string_view()).slice(start),
        pa.array(first, pa.int32()).slice(start),
        pa.chunked_array([last[start:]], pa.int16()),
    )
    assert parts.to_pylist() == whole.to_pylist()[start:]


def test_groups_are_those_of_sql() -> None:
    keys = pa.array(["b", None, "a", "b", None, "c"])
    more = pa.array([1, 1, 1, 1, 1, 1])
    amounts = pa.array([-100.0, -100.0, 5.0, 110.0, 120.0, None])
    dates = pa.array([date(2024, 1, 1)] * 3 + [date(2024, 12, 31)] * 3)
    table = xirr(amounts, dates, group_by={"deal": keys, "more": more})
    assert table.column("deal").to_pylist() == ["b", None, "a", "c"]
    rates = table.column("xirr").to_pylist()
    assert rates[:2] == pytest.approx([0.1, 0.2])
    assert rates[2:] == [None, None]
    alone = xirr(amounts, dates, group_by=pl.Series("deal", ["b", None, "a", "b", None, "c"]))
    assert alone.column("xirr").to_pylist() == rates
    assert alone.column("key").to_pylist() == ["b", None, "a", "c"]
    for group_by in (pa.table({"deal": keys, "more": more}), pa.record_batch({"deal": keys, "more": more})):
        assert xirr(amounts, dates, group_by=group_by) == table
    with pytest.raises(ValueError, match="group_by: the columns are not equally long"):
        xirr(amounts, dates, group_by={"deal": keys, "more": more[1:]})
    with pytest.raises(SignatureError, match="group_by has 5 rows, the arguments have 6"):
        xirr(amounts, dates, group_by=keys[1:])


def test_eight_threads_at_once() -> None:
    texts = pa.array(TEXTS * 20_000)
    days = pa.array([date(2025, 5, 2)] * 1_000)

    def work(number: int) -> tuple[int, list[Any]]:
        settled = settlement_date(days, 2, "EUTA").to_pylist()
        return int(pc.sum(iban_is_valid(texts.slice(number))).as_py()), settled

    with ThreadPoolExecutor(8) as threads:
        results = list(threads.map(work, [0] * 32))
    assert all(result == results[0] for result in results)
    assert results[0][0] == 2 * 20_000


def test_nothing_starts_on_import() -> None:
    code = (
        "import sys, nostro.functions; assert 'jpype' not in sys.modules and 'pyarrow' not in sys.modules;"
        "from nostro.functions import iban_is_valid; import jpype;"
        "assert not jpype.isJVMStarted(); iban_is_valid('x'); assert jpype.isJVMStarted()"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_process_ends_whose_first_call_was_in_a_thread_that_had_ended() -> None:
    code = (
        "import threading; from nostro.functions import luhn_is_valid;"
        "thread = threading.Thread(target=luhn_is_valid, args=['79927398713']); thread.start(); thread.join()"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


def test_pythons_handler_of_crashes_does_not_take_javas_place() -> None:
    code = (
        "import faulthandler; faulthandler.enable(); from nostro.functions import iban_is_valid;"
        "iban_is_valid('x'); assert not faulthandler.is_enabled()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_after_a_fork_the_error_says_what_to_do() -> None:
    assert iban_is_valid(VALID).as_py()
    receiver, sender = multiprocessing.Pipe(duplex=False)
    child = os.fork()
    if child == 0:
        try:
            iban_is_valid(VALID)
            sender.send("no error")
        except BaseException as error:
            sender.send(f"{type(error).__name__}: {error}")
        finally:
            os._exit(0)
    assert receiver.poll(60)
    told = receiver.recv()
    os.waitpid(child, 0)
    assert told.startswith("ForkedError: ")
    assert "spawn" in told
