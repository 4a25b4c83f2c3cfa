"""The pytest plugin: collects `*.sqltest.toml`, and gives the fixture `run_sql`.

With `--sql-trino HOST:PORT` everything is run on that Trino too, and the results are compared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from nostro.sqltest import SUFFIX

if TYPE_CHECKING:
    import trino.dbapi

    from nostro.sqltest.run import SqlRun


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("nostro", "tests of SQL written for Trino")
    group.addoption("--sql-trino", metavar="HOST:PORT", help="run tests of SQL on this Trino too")
    group.addoption("--sql-catalog", default="lake", help="where on Trino tests of SQL put their tables")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> SqlTestFile | None:
    """Collect a test of SQL."""
    return SqlTestFile.from_parent(parent, path=file_path) if file_path.name.endswith(SUFFIX) else None


class SqlTestFile(pytest.File):
    """A file of one test."""

    def collect(self) -> Iterator[SqlTestItem]:
        """Give the file's test."""
        yield SqlTestItem.from_parent(self, name=self.path.name.removesuffix(SUFFIX))


class SqlTestItem(pytest.Item):
    """A test of SQL."""

    def runtest(self) -> None:
        """Run the test in DuckDB, and on Trino when there is one."""
        from nostro.sqltest.case import load_sql_test  # noqa: PLC0415
        from nostro.sqltest.errors import SqlTestError  # noqa: PLC0415
        from nostro.sqltest.run import run_sql_test  # noqa: PLC0415

        try:
            outcome = run_sql_test(
                load_sql_test(self.path), _trino(self.config), self.config.getoption("sql_catalog")
            )
        except SqlTestError as error:
            raise SqlTestFailure(str(error)) from None
        if not outcome.passed():
            raise SqlTestFailure("\n".join(map(str, outcome.differences)))

    def repr_failure(
        self,
        excinfo: pytest.ExceptionInfo[BaseException],
        style: Any = None,
    ) -> Any:
        """Say what differs, without a traceback."""
        if isinstance(excinfo.value, SqlTestFailure):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Name the test."""
        return self.path, None, f"SQL test {self.name}"


class SqlTestFailure(AssertionError):
    """A test of SQL could not be run, or has other rows than expected."""


@pytest.fixture
def run_sql(request: pytest.FixtureRequest) -> Iterator[Callable[..., SqlRun]]:
    """Run SQL files written for Trino on inputs of Arrow; the tables are gone after the test."""
    runs: list[SqlRun] = []

    def _run(
        *sql: str,
        templates: Path,
        inputs: Mapping[str, Any],
        setup: tuple[str, ...] = (),
        values: Mapping[str, Any] | None = None,
        catalog: str | None = None,
        schema: str | None = None,
    ) -> SqlRun:
        """Run templates below a folder.

        :param inputs: by table's name what pyarrow makes a table of (a table, frame or dictionary of columns)
        :param setup: templates that are run before, such as those which create tables
        :param values: variables and functions of the templates
        :param catalog: of names without one, as schema
        """
        import pyarrow as pa  # noqa: PLC0415

        from nostro.sqltest.case import GivenRows, SqlTest  # noqa: PLC0415
        from nostro.sqltest.run import SqlRun  # noqa: PLC0415

        test = SqlTest(
            name=request.node.name,
            sql=sql,
            templates=templates,
            setup=setup,
            values=values or {},
            catalog=catalog,
            schema=schema,
            inputs={name: GivenRows(pa.table(data)) for name, data in inputs.items()},
        )
        run = SqlRun(test, _trino(request.config), request.config.getoption("sql_catalog"))
        runs.append(run)
        return run

    yield _run
    for run in runs:
        run.close()


def _trino(config: pytest.Config) -> trino.dbapi.Connection | None:
    address = config.getoption("sql_trino")
    if not address:
        return None
    import trino.dbapi  # noqa: PLC0415

    host, _, port = str(address).rpartition(":")
    if not host or not port.isdigit():
        raise pytest.UsageError(f"--sql-trino is {address!r}; accepted is HOST:PORT")
    connection: trino.dbapi.Connection = trino.dbapi.connect(host=host, port=int(port), user="nostro")
    return connection
