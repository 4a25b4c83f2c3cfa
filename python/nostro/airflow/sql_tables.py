"""Which tables a Trino statement reads and writes, by its text alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

DIALECT = "trino"

# The dialects of the systems that a pass-through query may be written for, the usual ones first.
PASS_THROUGH_DIALECTS = ("postgres", "mysql", "tsql", "oracle", "bigquery", "snowflake")
PASS_THROUGH_FUNCTIONS = frozenset({"query", "raw_query"})

# Verbs of statements that move rows, or say where they come from. CALL, ALTER TABLE … EXECUTE, SHOW and the
# rest do neither.
VERBS = frozenset(
    {"INSERT", "CREATE", "MERGE", "UPDATE", "DELETE", "SELECT", "WITH", "TABLE", "VALUES", "REFRESH", "DROP"}
    | {"TRUNCATE", "("}
)

_WRITES = (exp.Insert, exp.Create, exp.Merge, exp.Update, exp.Delete, exp.Refresh)


@dataclass(frozen=True, order=True)
class TableName:
    """A table's name in lower case, as Trino has it. ``schema`` is empty where nothing tells it."""

    catalog: str
    schema: str
    table: str

    def __str__(self) -> str:
        return ".".join(part for part in (self.catalog, self.schema, self.table) if part)

    @property
    def is_metadata(self) -> bool:
        """Whether it describes tables rather than being one."""
        return self.catalog == "system" or self.schema == "information_schema"


@dataclass(frozen=True)
class StatementTables:
    """What one statement reads, writes, creates anew and drops."""

    inputs: frozenset[TableName] = frozenset()
    outputs: frozenset[TableName] = frozenset()
    created: frozenset[TableName] = frozenset()
    dropped: frozenset[TableName] = frozenset()


@dataclass
class TaskTables:
    """What the statements of one task read and write together; what failed to parse is in ``errors``.

    A table that the task creates itself and then reads is no input, and one that it drops again no output.
    """

    inputs: set[TableName] = field(default_factory=set)
    outputs: set[TableName] = field(default_factory=set)
    errors: dict[int, str] = field(default_factory=dict)

    def leave_out(self, names: Iterable[TableName]) -> None:
        """Forget tables that exist only while the task runs."""
        gone = set(names)
        self.inputs -= gone
        self.outputs -= gone


def tables_of_task(statements: Iterable[str], catalog: str = "", schema: str = "") -> TaskTables:
    """Return the tables of a task's statements, in the order in which they run.

    :param catalog: the session's catalog, for names without one; likewise ``schema``
    """
    task = TaskTables()
    created: set[TableName] = set()
    for number, statement in enumerate(statements, start=1):
        try:
            tables = tables_of_statement(statement, catalog, schema)
        except SqlglotError as error:
            task.errors[number] = str(error)
            continue
        task.inputs |= tables.inputs - created
        created |= tables.created
        task.outputs |= tables.outputs
        task.outputs -= tables.dropped
        created -= tables.dropped
    return task


def tables_of_statement(statement: str, catalog: str = "", schema: str = "") -> StatementTables:
    """Return the tables of one Trino statement. Raises SqlglotError when it cannot be parsed."""
    tokens = sqlglot.tokenize(statement, read=DIALECT)
    if not tokens or tokens[0].text.upper() not in VERBS:
        return StatementTables()
    expression = sqlglot.parse_one(statement, read=DIALECT)
    target = _target(expression)
    written = frozenset() if target is None else frozenset([_name(target, catalog, schema)])
    read = frozenset(
        name
        for name in _read_tables(expression, target, catalog, schema)
        if not name.is_metadata and name.table
    )
    match expression:
        case exp.Drop():
            return StatementTables(dropped=written)
        case exp.Create() if expression.kind == "TABLE":
            # What IF NOT EXISTS finds has rows that others wrote.
            created = frozenset() if expression.args.get("exists") else written
            return StatementTables(read, written, created=created)
    return StatementTables(read, written)


def table_name(name: str) -> TableName:
    """Return the name ``catalog.schema.table`` as its parts."""
    return _name(exp.to_table(name, dialect=DIALECT), "", "")


def _target(expression: exp.Expr) -> exp.Table | None:
    """Return the table that a statement writes, creates or drops."""
    if isinstance(expression, exp.Create | exp.Drop) and expression.kind not in {"TABLE", "VIEW"}:
        return None
    if isinstance(expression, exp.TruncateTable | exp.Drop):
        return expression.find(exp.Table)
    if not isinstance(expression, _WRITES):
        return None
    target = expression.this
    if isinstance(target, exp.Schema):
        target = target.this
    return target if isinstance(target, exp.Table) else None


def _read_tables(
    expression: exp.Expr, target: exp.Table | None, catalog: str, schema: str
) -> Iterator[TableName]:
    for table in expression.find_all(exp.Table):
        if table is target or isinstance(table.parent, exp.UserDefinedFunction):
            continue
        if isinstance(table.this, exp.Identifier):
            if not _is_common_table_expression(table):
                yield _name(table, catalog, schema)
        elif isinstance(table.this, exp.Anonymous):
            yield from _function_tables(table.this, catalog, schema)


def _is_common_table_expression(table: exp.Table) -> bool:
    """Whether a name means a query of a WITH clause that is visible where it stands."""
    if table.db:
        return False
    node: exp.Expr = table
    while (parent := node.parent) is not None:
        if isinstance(parent, exp.With):
            # A query of the clause sees those before it, and if recursive itself.
            before = parent.expressions[: parent.expressions.index(node) + bool(parent.recursive)]
            if any(_same(one.alias, table.name) for one in before):
                return True
        elif not isinstance(node, exp.With):
            clause = parent.args.get("with_")
            if clause is not None and any(_same(one.alias, table.name) for one in clause.expressions):
                return True
        node = parent
    return False


def _function_tables(function: exp.Anonymous, catalog: str, schema: str) -> Iterator[TableName]:
    """Yield the tables that a call ``TABLE(…)`` of a table function reads."""
    for call in function.find_all(exp.Dot):
        if isinstance(call.expression, exp.Anonymous):
            yield from _passed_through(call)
    for argument in function.find_all(exp.Anonymous):
        if argument is not function and argument.name.upper() == "TABLE":
            for column in argument.expressions:
                # The parser takes a table's name for a column's.
                if isinstance(column, exp.Column):
                    table, db, owner = [*reversed([part.name for part in column.parts]), None, None][:3]
                    yield _name(exp.table_(str(table), db, owner), catalog, schema)


def _passed_through(call: exp.Dot) -> Iterator[TableName]:
    """Yield the tables that the query of ``catalog.system.query(query => '…')`` names, in that catalog."""
    function = call.expression
    names = [part.name for part in call.this.flatten() if isinstance(part, exp.Identifier)]
    if (
        function.name.lower() not in PASS_THROUGH_FUNCTIONS
        or len(names) != 2
        or not _same(names[1], "system")
    ):
        return
    for argument in function.expressions:
        text = argument.expression if isinstance(argument, exp.Kwarg) else argument
        if isinstance(text, exp.Literal) and text.is_string:
            for name in _tables_elsewhere(text.name):
                # The remote system's own name of its database is not Trino's name of the catalog.
                yield TableName(names[0].lower(), name.schema, name.table)


def _tables_elsewhere(query: str) -> frozenset[TableName]:
    for dialect in PASS_THROUGH_DIALECTS:
        try:
            expression = sqlglot.parse_one(query, read=dialect)
        except SqlglotError:
            continue
        if not isinstance(expression, exp.Command):
            return frozenset(_read_tables(expression, None, "", ""))
    return frozenset()


def _name(table: exp.Table, catalog: str, schema: str) -> TableName:
    # orders$snapshots is Iceberg's view of the table orders.
    name = table.name.split("$", 1)[0] or table.name
    if table.catalog:
        return TableName(table.catalog.lower(), table.db.lower(), name.lower())
    return TableName(catalog.lower(), (table.db or schema).lower(), name.lower())


def _same(one: str, other: str) -> bool:
    return one.lower() == other.lower()
