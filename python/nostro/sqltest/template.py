"""SQL files as the statements that they are, once their templates are rendered."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import jinja2
import sqlglot
from sqlglot import TokenType, exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.qualify_tables import qualify_tables

from nostro.sqltest.case import SqlTest
from nostro.sqltest.errors import SqlTestError

DIALECT = "trino"


@dataclass(frozen=True)
class Statement:
    """A statement: its text, in which the syntax tree's names say where they are, and the tree."""

    text: str
    expression: exp.Expr

    @property
    def is_query(self) -> bool:
        """Whether it gives rows."""
        return isinstance(self.expression, exp.Query)

    @property
    def creates_schema(self) -> bool:
        """Whether it is CREATE SCHEMA."""
        return isinstance(self.expression, exp.Create) and self.expression.kind == "SCHEMA"


def statements_of(test: SqlTest, file: str) -> list[Statement]:
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
        return [_statement(test, part) for part in _split(text)]
    except SqlglotError as error:
        raise SqlTestError(f"{test.name}: {file}: {error}") from None


def _split(text: str) -> Iterator[str]:
    """The statements of a text, between semicolons."""
    start: int | None = None
    end = 0
    for token in sqlglot.tokenize(text, read=DIALECT):
        if token.token_type is TokenType.SEMICOLON:
            if start is not None:
                yield text[start:end]
            start = None
            continue
        start = token.start if start is None else start
        end = token.end + 1
    if start is not None:
        yield text[start:end]


def _statement(test: SqlTest, text: str) -> Statement:
    expression = sqlglot.parse_one(text, read=DIALECT)
    if test.catalog or test.schema:
        expression = qualify_tables(expression, db=test.schema, catalog=test.catalog)
    return Statement(text, expression)


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
