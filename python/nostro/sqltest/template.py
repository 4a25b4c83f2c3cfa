"""SQL files as the statements that they are, once their templates are rendered."""

from __future__ import annotations

import importlib
from collections.abc import Callable

import jinja2
import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.qualify_tables import qualify_tables

from nostro.sqltest.case import SqlTest
from nostro.sqltest.errors import SqlTestError

DIALECT = "trino"


def statements_of(test: SqlTest, file: str) -> list[exp.Expr]:
    """Return the statements of one of a test's files or texts, tables with catalog and schema.

    Raises SqlTestError, which names the file, for a template or an SQL that cannot be read.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(test.templates), undefined=jinja2.StrictUndefined, autoescape=False
    )
    calls = {name: _giving(text) for name, text in test.calls.items()}
    try:
        template = (
            environment.from_string(_in_python(test, file)) if ":" in file else environment.get_template(file)
        )
        text = template.render(**{**test.values, **calls})
    except jinja2.TemplateNotFound as error:
        raise SqlTestError(f"{test.name}: {error.name} is not below {test.templates}") from None
    except jinja2.TemplateError as error:
        raise SqlTestError(
            f"{test.name}: {file}: {error}; what the template takes are [values] and [calls]"
        ) from None
    try:
        parsed = [statement for statement in sqlglot.parse(text, read=DIALECT) if statement is not None]
        if test.catalog or test.schema:
            return [qualify_tables(it, db=test.schema, catalog=test.catalog) for it in parsed]
        return parsed
    except SqlglotError as error:
        raise SqlTestError(f"{test.name}: {file}: {error}") from None


def _in_python(test: SqlTest, name: str) -> str:
    module, _, attribute = name.partition(":")
    try:
        return str(getattr(importlib.import_module(module), attribute))
    except (ImportError, AttributeError) as error:
        raise SqlTestError(f"{test.name}: {name}: {error}; accepted is module:NAME of a text") from None


def tables_in(statement: exp.Expr) -> list[exp.Table]:
    """Return a statement's tables that have a catalog."""
    return [table for table in statement.find_all(exp.Table) if table.catalog and table.name]


def _giving(text: str) -> Callable[..., str]:
    return lambda *_arguments, **_named: text
