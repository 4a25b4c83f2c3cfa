"""Tests of SQL: what a file may say, how differences are told, and that DuckDB computes as Trino does."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet
import pytest
import trino.dbapi

from nostro.sqltest import SUFFIX
from nostro.sqltest.arithmetic import AVERAGE, DIVIDE
from nostro.sqltest.case import GivenRows, SqlTest, load_sql_test
from nostro.sqltest.duckdb_engine import DuckDbEngine
from nostro.sqltest.errors import SqlTestError
from nostro.sqltest.run import SqlRun, run_sql_test

pytest_plugins = ["pytester"]
TESTS = Path(__file__).resolve().parents[1]
SHIPPED = sorted([*(TESTS / "sqltest").glob(f"*{SUFFIX}"), *(TESTS / "dags" / "sql").glob(f"*{SUFFIX}")])

SUMS = """
CREATE TABLE lake.analytics.sums AS
SELECT account, sum(amount) AS amount FROM bank.public.deposits WHERE iban_is_valid(iban) GROUP BY account
"""
TEST = '''
sql = "sums.sql"
[inputs."bank.public.deposits"]
columns = "account varchar, iban varchar, amount decimal(18, 2)"
csv = """
account,iban,amount
A1,DE89370400440532013000,10.00
A1,DE89370400440532013000,2.50
A1,DE00370400440532013000,99.00
"",DE89370400440532013000,1.00
,DE89370400440532013000,
"""
[expected."lake.analytics.sums"]
csv = """
account,amount
A1,12.5
"",1
,
"""
'''


def written(folder: Path, test: str = TEST, sql: str = SUMS) -> Path:
    (folder / "sums.sql").write_text(sql)
    file = folder / f"sums{SUFFIX}"
    file.write_text(test)
    return file


def schemas(connection: trino.dbapi.Connection) -> list[str]:
    cursor = connection.cursor()
    cursor.execute("SHOW SCHEMAS FROM lake LIKE 'sqltest%'")
    return [row[0] for row in cursor.fetchall()]


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: str(file.name.removesuffix(SUFFIX)))
def test_duckdb_and_trino_agree(file: Path, trino_connection: trino.dbapi.Connection) -> None:
    outcome = run_sql_test(load_sql_test(file), trino_connection)
    assert [str(difference) for difference in outcome.differences] == []
    assert outcome.rows > 0
    assert schemas(trino_connection) == []


def test_an_empty_text_is_not_null(tmp_path: Path) -> None:
    assert run_sql_test(load_sql_test(written(tmp_path))).passed()


def test_a_difference_names_the_rows_of_each_side(tmp_path: Path) -> None:
    outcome = run_sql_test(load_sql_test(written(tmp_path, TEST.replace("A1,12.5\n", "A1,12.49\n"))))
    [difference] = outcome.differences
    assert str(difference) == (
        "lake.analytics.sums: expected and DuckDB differ (account, amount)\n"
        "  only expected: A1 | 12.49\n"
        "  only DuckDB: A1 | 12.5"
    )


def test_a_row_that_is_there_twice_is_a_difference(tmp_path: Path) -> None:
    sql = SUMS + "; INSERT INTO lake.analytics.sums SELECT * FROM lake.analytics.sums WHERE account = 'A1'"
    [difference] = run_sql_test(load_sql_test(written(tmp_path, sql=sql))).differences
    assert (difference.missing, difference.unexpected) == ((), (("A1", "12.5"),))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('sql = "sums.sql"', 'sqls = "sums.sql"', "sqls; accepted are calls, catalog, description"),
        ('sql = "sums.sql"', "sql = 3", "sql is 3; accepted is a file's name or a list of names"),
        ('sql = "sums.sql"', "", "sql is missing"),
        ('sql = "sums.sql"', "sql = [", "not TOML"),
        ('sql = "sums.sql"', 'sql = "sum.sql"', "sum.sql is not below"),
        ('sql = "sums.sql"', 'sql = "nostro.sqltest:NOTHING"', "accepted is module:NAME of a text"),
        ("csv = ", "cvs = ", "accepted are csv or file, and columns beside them"),
        ("csv = ", 'file = "rows.xlsx"\nrest = ', "accepted are csv or file"),
        ("columns = ", "# ", "the types of its columns are not known"),
        (
            "A1,DE89370400440532013000,10.00",
            "A1,DE89370400440532013000,ten",
            "a value is not of its column's type",
        ),
        ("account,iban,amount", "account,ibans,amount", "bank.public.deposits has no column ibans"),
        ('[expected."lake.analytics.sums"]', '[expected."lake.analytics.sum"]', "there is no such table"),
        ("amount decimal(18, 2)", "amount (18", "accepted are names and types as in CREATE TABLE"),
    ],
)
def test_errors_say_what_is_accepted(tmp_path: Path, old: str, new: str, message: str) -> None:
    file = written(tmp_path, TEST.replace(old, new, 1))
    with pytest.raises(SqlTestError) as raised:
        run_sql_test(load_sql_test(file))
    assert message in str(raised.value)


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELECT {{ nothing }}", "'nothing' is undefined; what the template takes are [values] and [calls]"),
        ("SELECT FROM WHERE", "sums.sql"),
        ("SELECT no_function_of_this_name(1)", "no_function_of_this_name"),
    ],
)
def test_errors_of_sql_name_file_or_statement(tmp_path: Path, sql: str, message: str) -> None:
    with pytest.raises(SqlTestError) as raised:
        run_sql_test(load_sql_test(written(tmp_path, sql=sql)))
    assert message in str(raised.value)


def test_a_statement_that_fails_on_trino_leaves_no_schema(
    tmp_path: Path, trino_connection: trino.dbapi.Connection
) -> None:
    # DuckDB puts anything beside a text, Trino texts only.
    test = load_sql_test(written(tmp_path, sql=SUMS + "; SELECT account || 1 FROM lake.analytics.sums"))
    with pytest.raises(SqlTestError, match=r"^Trino: "):
        run_sql_test(test, trino_connection)
    assert schemas(trino_connection) == []


def test_files_of_every_format_are_inputs(tmp_path: Path) -> None:
    rows = pa.table({"account": ["A1"], "iban": ["DE89370400440532013000"], "amount": [Decimal("1.25")]})
    pyarrow.parquet.write_table(rows, tmp_path / "rows.parquet")
    pa.feather.write_feather(rows, tmp_path / "rows.arrow")
    (tmp_path / "rows.csv").write_text("account,iban,amount\nA1,DE89370400440532013000,1.25\n")
    for name in ("rows.parquet", "rows.arrow", "rows.csv"):
        columns = (
            'columns = "account varchar, iban varchar, amount decimal(5, 2)"' if name.endswith("csv") else ""
        )
        file = written(
            tmp_path,
            f'sql = "sums.sql"\n[inputs."bank.public.deposits"]\nfile = "{name}"\n{columns}\n'
            '[expected."lake.analytics.sums"]\ncsv = """\naccount,amount\nA1,1.25\n"""',
        )
        assert run_sql_test(load_sql_test(file)).passed(), name


def decimal_of(generator: random.Random) -> tuple[str, str]:
    """A decimal's type and its digits, or an integer's."""
    if generator.random() < 0.2:
        type_ = generator.choice(["tinyint", "smallint", "integer", "bigint"])
        return type_, str(generator.randint(-100, 100))
    precision = generator.randint(1, 18)
    scale = generator.randint(0, precision)
    digits = generator.randint(-(10**precision) + 1, 10**precision - 1)
    return f"decimal({precision}, {scale})", f"{Decimal(digits).scaleb(-scale):f}"


def test_quotients_are_those_of_trino(trino_connection: trino.dbapi.Connection) -> None:
    generator = random.Random(20261128)
    pairs: list[tuple[tuple[str, str], tuple[str, str]]] = []
    while len(pairs) < 300:
        one, other = decimal_of(generator), decimal_of(generator)
        if Decimal(other[1]):
            pairs.append((one, other))
    cursor = trino_connection.cursor()
    items = [f"CAST('{one[1]}' AS {one[0]}) / CAST('{other[1]}' AS {other[0]})" for one, other in pairs]
    cursor.execute(f"SELECT {', '.join(items)}")
    [expected] = cursor.fetchall()
    types = [str(column[1]).replace(" ", "") for column in cursor.description]
    with DuckDbEngine() as engine:
        for item, value, type_ in zip(items, expected, types, strict=True):
            macro = item.replace(" / ", ", ")
            query = f"SELECT {DIVIDE}({macro}) AS q, typeof({DIVIDE}({macro})) AS t"
            [found] = engine.query(query).to_pylist()
            assert (found["q"], found["t"].lower()) == (value, type_), item


def test_averages_are_those_of_trino(trino_connection: trino.dbapi.Connection) -> None:
    generator = random.Random(20261129)
    cursor = trino_connection.cursor()
    with DuckDbEngine() as engine:
        for _ in range(30):
            precision = generator.randint(1, 20)
            scale = generator.randint(0, precision)
            type_ = f"decimal({precision}, {scale})"
            digits = [generator.randint(-(10**precision) + 1, 10**precision - 1) for _ in range(7)]
            rows = ", ".join(f"(CAST('{Decimal(it).scaleb(-scale):f}' AS {type_}))" for it in digits)
            cursor.execute(f"SELECT avg(x) FROM (VALUES {rows}) AS t (x)")
            [[expected]] = cursor.fetchall()
            query = f"SELECT {AVERAGE}(sum(x), count(x), min(x)) AS a FROM (VALUES {rows}) AS t (x)"
            [found] = engine.query(query).to_pylist()
            assert found["a"] == expected, (type_, rows)


@pytest.mark.parametrize("call", [f"{DIVIDE}(1, 0)", f"{DIVIDE}(1.5, 0)"])
def test_division_by_zero_is_an_error(call: str) -> None:
    with DuckDbEngine() as engine, pytest.raises(SqlTestError, match="DIVISION_BY_ZERO"):
        engine.query(f"SELECT {call}")


def test_trino_is_compared_with_duckdb(tmp_path: Path, trino_connection: trino.dbapi.Connection) -> None:
    # Half to even, and half up: docs/test-sql.md.
    (tmp_path / "rounding.sql").write_text(
        "CREATE TABLE lake.x.rounded AS SELECT CAST(d AS bigint) AS n FROM lake.x.d"
    )
    test = SqlTest(
        name="rounding",
        sql=("rounding.sql",),
        templates=tmp_path,
        inputs={"lake.x.d": GivenRows(pa.table({"d": [2.5]}))},
    )
    with SqlRun(test, trino_connection) as run, pytest.raises(SqlTestError, match="DuckDB and Trino differ"):
        run.table("lake.x.rounded")


def test_pytest_collects_tests(pytester: pytest.Pytester) -> None:
    written(pytester.path)
    written(pytester.mkdir("bad")).write_text(TEST.replace("A1,12.5\n", "A1,12.49\n"))
    pytester.makepyfile(
        """
        from decimal import Decimal
        from pathlib import Path
        import pyarrow as pa

        def test_sums(run_sql):
            iban = "DE89370400440532013000"
            rows = {"account": ["A1"], "iban": [iban], "amount": [Decimal("1.25")]}
            run = run_sql("sums.sql", templates=Path(__file__).parent, inputs={"bank.public.deposits": rows})
            assert run.table("lake.analytics.sums").column("amount").to_pylist() == [Decimal("1.25")]
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["*only expected: A1 | 12.49*", "*only DuckDB: A1 | 12.5*"])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_the_command_prints_differences(tmp_path: Path) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(Path(sys.executable).with_name("nostro")), "test-sql", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)

    file = written(tmp_path)
    good = run(str(tmp_path))
    assert (good.returncode, good.stderr) == (0, "")
    assert "3 rows as expected in DuckDB" in good.stdout
    file.write_text(TEST.replace("A1,12.5\n", "A1,12.49\n"))
    bad = run(str(file))
    assert (bad.returncode, bad.stderr) == (1, "")
    assert "12.49" in bad.stdout
    assert "0 of 1 passed" in bad.stdout
    missing = run(str(tmp_path / "nothing"))
    assert missing.returncode == 1
    assert "does not exist" in missing.stderr


RunSql = Callable[..., Any]


def test_names_without_catalog_are_the_sessions(tmp_path: Path, run_sql: RunSql) -> None:
    (tmp_path / "plain.sql").write_text(
        "CREATE TABLE doubled AS WITH t AS (SELECT n FROM numbers) SELECT 2 * n AS n FROM t"
    )
    run = run_sql(
        "plain.sql",
        templates=tmp_path,
        inputs={"bank.main.numbers": {"n": [1, 2]}},
        catalog="bank",
        schema="main",
    )
    assert run.table("bank.main.doubled").column("n").to_pylist() == [2, 4]
