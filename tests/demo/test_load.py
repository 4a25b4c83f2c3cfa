"""Loading into a real PostgreSQL and into the ledger's DuckDB file."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import psycopg2
import pyarrow.parquet as pq
import pytest

from nostro.demo.bank_scale import BankScale
from nostro.demo.generator import generate
from nostro.demo.load import build_ledger, load_postgres
from nostro.demo.schema import FX_RATES, LEDGER_TABLES, POSTGRES_TABLES, TRANSACTIONS, Table
from nostro.demo.synthetic_bank import SyntheticBank
from nostro.stack.home import NostroHome
from nostro.stack.postgres import Postgres
from nostro.stack.progress import SilentProgress

REAPER = Path(__file__).resolve().parents[1] / "reaper.py"


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server of its own: these tests replace whole databases."""
    home = NostroHome(Path(tempfile.mkdtemp(prefix="nostro-load-")))
    reaper = subprocess.Popen(
        [sys.executable, str(REAPER), str(home.root)], stdin=subprocess.PIPE, start_new_session=True
    )
    home.create()
    server = Postgres(home)
    try:
        server.start(SilentProgress())
        yield server
    finally:
        server.stop()
        server.delete_data()
        shutil.rmtree(home.root, ignore_errors=True)
        assert reaper.stdin is not None
        reaper.stdin.close()
        reaper.wait()


def fetch(postgres: Postgres, table: Table, query: str) -> list[tuple[Any, ...]]:
    with closing(psycopg2.connect(postgres.dsn(table.database))) as connection, connection.cursor() as cursor:
        cursor.execute(query)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def rows_of(bank: SyntheticBank, table: Table) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in pq.read_table(bank.file(table)).to_pylist()]


def oids(postgres: Postgres) -> dict[str, int]:
    return {
        table.name: fetch(postgres, table, f"SELECT 'public.{table.name}'::regclass::oid")[0][0]
        for table in POSTGRES_TABLES
    }


def test_every_row_arrives_with_keys_and_types(postgres: Postgres, small_bank: SyntheticBank) -> None:
    load_postgres(small_bank, postgres.dsn)
    for table in POSTGRES_TABLES:
        loaded = fetch(postgres, table, f"SELECT {', '.join(table.column_names)} FROM public.{table.name}")
        assert sorted(loaded, key=lambda row: row[:2]) == sorted(
            rows_of(small_bank, table), key=lambda row: row[:2]
        )
        keys = fetch(
            postgres,
            table,
            "SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid "
            f"AND a.attnum = ANY (i.indkey) WHERE i.indrelid = 'public.{table.name}'::regclass "
            "AND i.indisprimary ORDER BY array_position(i.indkey, a.attnum)",
        )
        assert tuple(name for (name,) in keys) == table.primary_key
    types = fetch(
        postgres,
        TRANSACTIONS,
        "SELECT attname, format_type(atttypid, atttypmod), attnotnull FROM pg_attribute "
        "WHERE attrelid = 'public.transactions'::regclass AND attnum > 0 ORDER BY attnum",
    )
    assert ("amount", "numeric(18,2)", True) in types
    assert ("posted_at", "timestamp(6) with time zone", True) in types
    assert ("counterparty_iban", "character varying(34)", False) in types


def test_the_same_bank_is_not_loaded_twice_and_another_replaces_it(
    postgres: Postgres, small_bank: SyntheticBank, tmp_path: Path
) -> None:
    load_postgres(small_bank, postgres.dsn)
    before = oids(postgres)
    load_postgres(small_bank, postgres.dsn)
    assert oids(postgres) == before
    other = generate(BankScale(1_000), 3, tmp_path / "bank")
    load_postgres(other, postgres.dsn)
    assert fetch(postgres, TRANSACTIONS, "SELECT count(*) FROM public.transactions") == [(1_000,)]
    assert not set(oids(postgres).values()) & set(before.values())


def test_a_database_is_loaded_as_a_whole_or_not_at_all(
    postgres: Postgres, small_bank: SyntheticBank, tmp_path: Path
) -> None:
    load_postgres(small_bank, postgres.dsn)
    before = oids(postgres)
    broken = generate(BankScale(1_000), 4, tmp_path / "bank")
    rates = pq.read_table(broken.file(FX_RATES))
    pq.write_table(rates.take([0, 0]), broken.file(FX_RATES))
    with pytest.raises(psycopg2.errors.UniqueViolation):
        load_postgres(broken, postgres.dsn)
    after = oids(postgres)
    unchanged = {table.name for table in POSTGRES_TABLES if table.database == FX_RATES.database}
    assert {name for name in after if after[name] == before[name]} == unchanged
    assert rows_of(small_bank, FX_RATES) == fetch(postgres, FX_RATES, "SELECT * FROM public.fx_rates")


def test_the_ledger_holds_every_row_in_order(small_bank: SyntheticBank, tmp_path: Path) -> None:
    path = tmp_path / "ledger.duckdb"
    build_ledger(small_bank, path)
    build_ledger(small_bank, path)
    with duckdb.connect(str(path), read_only=True) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for table in LEDGER_TABLES:
            stored = connection.sql(f"FROM public.{table.name}").to_arrow_table()
            expected = pq.read_table(small_bank.file(table)).sort_by(table.column_names[0])
            assert stored.cast(expected.schema).equals(expected)
    assert [entry.name for entry in tmp_path.iterdir()] == ["ledger.duckdb"]


def test_a_ledger_that_cannot_be_built_leaves_the_old_one(small_bank: SyntheticBank, tmp_path: Path) -> None:
    path = tmp_path / "ledger.duckdb"
    build_ledger(small_bank, path)
    before = path.read_bytes()
    elsewhere = SyntheticBank(tmp_path / "nowhere", small_bank.manifest)
    with pytest.raises(duckdb.IOException):
        build_ledger(elsewhere, path)
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["ledger.duckdb"]
