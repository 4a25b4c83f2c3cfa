"""A test of SQL: what is given, what is run and what is expected, as a TOML file says it."""

from __future__ import annotations

import io
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.feather
import pyarrow.parquet

from nostro.sqltest import SUFFIX
from nostro.sqltest.errors import SqlTestError

RESULT = "result"
"""The name under which the rows of the last query are expected."""

_KEYS = {
    "description",
    "sql",
    "setup",
    "templates",
    "values",
    "calls",
    "catalog",
    "schema",
    "inputs",
    "expected",
}
_ROWS_KEYS = {"inputs": {"csv", "file", "columns"}, "expected": {"csv", "file", "where"}}
_READERS = {
    ".csv": lambda file: _read_csv(file.read_bytes()),
    ".parquet": pyarrow.parquet.read_table,
    ".arrow": pyarrow.feather.read_table,
    ".feather": pyarrow.feather.read_table,
}


@dataclass(frozen=True)
class GivenRows:
    """Rows of a table.

    `data` has text columns when it comes of CSV, in which nothing is NULL and "" an empty text. `columns` are
    names and Trino types as in CREATE TABLE; without them they are those of the table that the setup creates,
    or of the file. Of an expected table `where` is a condition on the rows that are compared.
    """

    data: pa.Table
    columns: str | None = None
    where: str | None = None

    @property
    def is_text(self) -> bool:
        """Whether the values are texts that are yet to be read as the columns' types."""
        return all(pa.types.is_string(type_) for type_ in self.data.schema.types)


@dataclass(frozen=True)
class SqlTest:
    """A test: statements are run after `setup` and `inputs`, then tables are compared with `expected`.

    SQL is named by templates below `templates`, of which `values` are the variables and each of `calls` a
    function that gives a text; or as a text of Python's, `module:NAME`. `catalog` and `schema` are those of
    names without them.
    """

    name: str
    sql: tuple[str, ...]
    templates: Path
    description: str = ""
    setup: tuple[str, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    calls: Mapping[str, str] = field(default_factory=dict)
    catalog: str | None = None
    schema: str | None = None
    inputs: Mapping[str, GivenRows] = field(default_factory=dict)
    expected: Mapping[str, GivenRows] = field(default_factory=dict)


def load_sql_test(path: Path) -> SqlTest:
    """Read a test. Raises SqlTestError when it is not one."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SqlTestError(f"{path}: cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SqlTestError(f"{path}: not TOML: {error}") from None
    unknown = document.keys() - _KEYS
    if unknown:
        raise SqlTestError(f"{path}: {', '.join(sorted(unknown))}; accepted are {', '.join(sorted(_KEYS))}")
    sql = _names(path, document, "sql")
    if not sql:
        raise SqlTestError(f"{path}: sql is missing: the file to test, or a list of files")
    if not document.get("expected"):
        raise SqlTestError(
            f'{path}: expected is missing: a table\'s rows, as [expected."catalog.schema.table"]'
        )
    return SqlTest(
        name=path.name.removesuffix(SUFFIX),
        description=str(document.get("description", "")),
        sql=sql,
        setup=_names(path, document, "setup"),
        templates=path.parent / str(document.get("templates", ".")),
        values=document.get("values", {}),
        calls=document.get("calls", {}),
        catalog=document.get("catalog"),
        schema=document.get("schema"),
        inputs=_tables(path, document, "inputs"),
        expected=_tables(path, document, "expected"),
    )


def _names(path: Path, document: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = document.get(key, [])
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise SqlTestError(f"{path}: {key} is {value!r}; accepted is a file's name or a list of names")
    return tuple(names)


def _tables(path: Path, document: Mapping[str, Any], key: str) -> dict[str, GivenRows]:
    tables = document.get(key, {})
    if not isinstance(tables, dict):
        raise SqlTestError(f"{path}: {key} is {tables!r}; accepted are tables by name")
    return {name: _given(path, f"{key}.{name}", table, _ROWS_KEYS[key]) for name, table in tables.items()}


def _given(path: Path, place: str, table: Any, accepted: set[str]) -> GivenRows:
    if not isinstance(table, dict) or table.keys() - accepted or ("csv" in table) == ("file" in table):
        [beside] = accepted - {"csv", "file"}
        raise SqlTestError(
            f"{path}: {place}: accepted are csv or file, and {beside} beside them; the table's name in quotes"
        )
    if "csv" in table:
        data = _read_csv(str(table["csv"]).lstrip("\n").encode())
    else:
        file = path.parent / str(table["file"])
        reader = _READERS.get(file.suffix)
        if reader is None:
            raise SqlTestError(f"{path}: {place}: {file.name}; accepted are {', '.join(_READERS)}")
        try:
            data = reader(file)
        except (OSError, pa.ArrowInvalid) as error:
            raise SqlTestError(f"{path}: {place}: {file}: {error}") from None
    return GivenRows(data, table.get("columns"), table.get("where"))


def _read_csv(content: bytes) -> pa.Table:
    names = content.split(b"\n", 1)[0].decode().strip().split(",")
    return pyarrow.csv.read_csv(
        io.BytesIO(content),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types={name.strip().strip('"'): pa.string() for name in names},
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
        parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
    )
