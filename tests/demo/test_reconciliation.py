"""A comparison must find every difference, and nothing where there is none."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nostro.demo import oracle
from nostro.demo.oracle import RESULT_TABLES, OracleResult, ResultTable
from nostro.demo.synthetic_bank import SyntheticBank


@pytest.fixture(scope="module")
def result(small_bank: SyntheticBank) -> OracleResult:
    return oracle.compute(small_bank, date(2025, 5, 2))


def changed(rows: pa.Table, row: int, column: str, value: object) -> pa.Table:
    content = rows.to_pylist()
    content[row][column] = value
    return pa.Table.from_pylist(content, schema=rows.schema)


def test_equal_tables_are_reconciled_in_any_order_of_rows_and_columns(result: OracleResult) -> None:
    shuffled = {
        name: rows.select(rows.column_names[::-1]).take(pa.array(range(rows.num_rows)[::-1]))
        for name, rows in result.tables.items()
    }
    comparison = oracle.compare(result, shuffled)
    assert comparison.is_equal
    assert comparison.summary() == "reconciled: 40 accounts, difference 0.00"


@settings(max_examples=30)
@given(st.data())
def test_a_single_changed_cent_is_found(result: OracleResult, data: st.DataObject) -> None:
    table: ResultTable = data.draw(st.sampled_from(RESULT_TABLES))
    rows = result.tables[table.name]
    row = data.draw(st.integers(0, rows.num_rows - 1))
    column = data.draw(st.sampled_from(table.money_columns))
    cent = data.draw(st.sampled_from((Decimal("0.01"), Decimal("-0.01"))))
    value = (rows[column][row].as_py() or Decimal("0.00")) + cent
    comparison = oracle.compare(result, {**result.tables, table.name: changed(rows, row, column, value)})
    assert not comparison.is_equal
    assert comparison.difference == Decimal("0.01")
    (difference,) = comparison.differences
    assert difference.startswith(f"{table.name} (")
    assert all(str(rows[name][row]) in difference for name in table.key)
    assert f"{column} expected" in difference
    assert str(value) in difference


@pytest.mark.parametrize("table", RESULT_TABLES, ids=lambda table: table.name)
def test_missing_doubled_and_renamed_rows_are_found(result: OracleResult, table: ResultTable) -> None:
    rows = result.tables[table.name]

    def compare(actual: pa.Table) -> tuple[int, int, int]:
        comparison = oracle.compare(result, {**result.tables, table.name: actual})
        assert not comparison.is_equal
        assert comparison.summary().startswith("not reconciled: 40 accounts, difference")
        found = next(outcome for outcome in comparison.tables if outcome.table == table.qualified_name)
        return found.missing, found.unexpected, found.differing

    assert compare(rows.slice(1)) == (1, 0, 0)
    assert compare(pa.concat_tables([rows, rows.slice(2, 1)])) == (0, 1, 0)
    assert compare(changed(rows, 0, table.key[0], "Z9999999")) == (1, 1, 0)


def test_a_cleared_flag_is_found(result: OracleResult) -> None:
    rows = result.tables["account_margin_reqs"]
    flipped = changed(rows, 0, "margin_call", not rows["margin_call"][0].as_py())
    comparison = oracle.compare(result, {**result.tables, "account_margin_reqs": flipped})
    assert not comparison.is_equal
    assert comparison.difference == 0


def test_no_more_than_the_first_differences_are_told(result: OracleResult) -> None:
    rows = result.tables["account_balances"]
    comparison = oracle.compare(result, {**result.tables, "account_balances": rows.slice(0, 0)})
    assert comparison.tables[2].missing == rows.num_rows
    assert len(comparison.differences) == 10


def test_wider_types_of_equal_values_are_no_difference(result: OracleResult) -> None:
    rows = result.tables["cash_position_offsets"]
    index = rows.schema.get_field_index("amount")
    wide = rows.set_column(index, "amount", rows["amount"].cast(pa.decimal256(60, 4)))
    assert oracle.compare(result, {**result.tables, "cash_position_offsets": wide}).is_equal


def test_a_lost_fraction_of_a_cent_is_refused(result: OracleResult) -> None:
    rows = result.tables["cash_position_offsets"].slice(0, 1)
    index = rows.schema.get_field_index("amount")
    fine = rows.set_column(index, "amount", pa.array([Decimal("0.001")], type=pa.decimal128(38, 3)))
    with pytest.raises(ValueError, match="cash_position_offsets has other types than published"):
        oracle.compare(result, {**result.tables, "cash_position_offsets": fine})


def test_what_is_not_there_is_named(result: OracleResult) -> None:
    with pytest.raises(ValueError, match="nothing to compare for rejects"):
        oracle.compare(result, {name: rows for name, rows in result.tables.items() if name != "rejects"})
    with pytest.raises(ValueError, match="rejects lacks reason"):
        oracle.compare(
            result, {**result.tables, "rejects": result.tables["rejects"].drop_columns(["reason"])}
        )
