"""Trino's SQL as DuckDB runs it, where the dialects differ and SQLGlot does not know."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import sqlglot
from sqlglot import exp

from nostro.sqltest.arithmetic import AVERAGE, DIVIDE

_MOST_DIGITS = 38


def to_duckdb(statement: exp.Expr) -> str:
    """Return a Trino statement as DuckDB's, with the same results."""
    copy = statement.copy()
    if isinstance(copy, exp.Create):
        copy.set("properties", None)
    for transform in _TRANSFORMS:
        copy = _transformed(copy, transform)
    return str(copy.sql(dialect="duckdb"))


def _transformed(root: exp.Expr, transform: Callable[[exp.Expr], exp.Expr]) -> exp.Expr:
    """The tree with each node replaced, those inside first. SQLGlot's own does not look into the replaced."""
    for node in reversed(list(root.walk(bfs=True))):
        replaced = transform(node)
        if replaced is node:
            continue
        if node is root:
            root = replaced
        else:
            node.replace(replaced)
    return root


def passthrough_query(table: exp.Expr) -> exp.Expr | None:
    """Return the query of `TABLE(catalog.system.query(query => '…'))`, or None for any other table.

    The names in it, which are PostgreSQL's, have the catalog.
    """
    if not isinstance(table, exp.Table):
        return None
    called = table.this
    if not isinstance(called, exp.Anonymous) or called.name != "TABLE":
        return None
    catalog, *_, function = list(called.expressions[0].flatten())
    if not isinstance(function, exp.Anonymous) or function.name.lower() != "query":
        return None
    [argument] = function.expressions
    text = argument.expression if isinstance(argument, exp.Kwarg) else argument
    query = sqlglot.parse_one(text.name, read="postgres")
    for inner in query.find_all(exp.Table):
        if inner.db:
            inner.set("catalog", exp.to_identifier(catalog.name))
    return query


def _inlined(node: exp.Expr) -> exp.Expr:
    query = passthrough_query(node)
    if query is None:
        return node
    alias = node.args.get("alias") or exp.TableAlias(this=exp.to_identifier("passthrough"))
    return exp.Subquery(this=query, alias=alias)


def _typed_literal(node: exp.Expr) -> exp.Expr:
    """`DECIMAL '1.50'` has the digits of its text in Trino, and is of three decimals in DuckDB."""
    if isinstance(node, exp.Cast) and node.to.is_type(exp.DataType.Type.DECIMAL) and not node.to.expressions:
        if isinstance(node.this, exp.Literal) and node.this.is_string:
            number = Decimal(node.this.name)
            literal = exp.Literal.number(f"{abs(number):f}")
            return exp.Neg(this=literal) if number < 0 else literal
        node.to.set(
            "expressions", [exp.DataTypeParam(this=exp.Literal.number(it)) for it in (_MOST_DIGITS, 0)]
        )
    return node


def _division(node: exp.Expr) -> exp.Expr:
    """Decimals divide to a double in DuckDB, and integers too."""
    if isinstance(node, exp.Div):
        return exp.Anonymous(this=DIVIDE, expressions=[node.this, node.expression])
    return node


def _moved_date(node: exp.Expr) -> exp.Expr:
    """A date and days give a date in Trino, and a timestamp in DuckDB."""
    is_moved = isinstance(node, exp.Add | exp.Sub) and isinstance(node.expression, exp.Interval)
    if not is_moved and not isinstance(node, exp.DateAdd | exp.DateSub):
        return node
    return exp.Anonymous(this="cast_to_type", expressions=[node.copy(), node.this.copy()])


def _average(node: exp.Expr) -> exp.Expr:
    """The average of a decimal is one of its digits in Trino, and a double in DuckDB."""
    around = node
    while isinstance(around, exp.Window | exp.Filter):
        around = around.this
    if not isinstance(around, exp.Avg) or isinstance(node.parent, exp.Window | exp.Filter):
        return node
    if isinstance(around.this, exp.Distinct):
        return node
    replaced = []
    for aggregate in (exp.Sum, exp.Count, exp.Min):
        copy = node.copy()
        inner = copy
        while isinstance(inner, exp.Window | exp.Filter):
            inner = inner.this
        other = aggregate(this=around.this.copy())
        if inner is copy:
            copy = other
        else:
            inner.replace(other)
        replaced.append(copy)
    return exp.Anonymous(this=AVERAGE, expressions=replaced)


def _format(node: exp.Expr) -> exp.Expr:
    """Trino's format takes Java's forms, which DuckDB's printf does, for texts only."""
    if isinstance(node, exp.Format):
        texts = [exp.cast(argument, exp.DataType.Type.VARCHAR) for argument in node.expressions]
        return exp.Anonymous(this="printf", expressions=[node.this, *texts])
    return node


def _unnest_of_rows(node: exp.Expr) -> exp.Expr:
    """`UNNEST(rows) AS t (a, b)` gives the fields of rows in Trino, and the rows in DuckDB."""
    if not isinstance(node, exp.Unnest) or node.args.get("offset"):
        return node
    alias = node.args.get("alias")
    if alias is None or len(node.expressions) != 1 or len(alias.columns) < 2:
        return node
    unnested = exp.Anonymous(
        this="unnest",
        expressions=[
            node.expressions[0],
            exp.PropertyEQ(this=exp.to_identifier("max_depth"), expression=exp.Literal.number(2)),
        ],
    )
    return exp.Lateral(this=exp.Subquery(this=exp.select(unnested)), alias=alias)


_TRANSFORMS: tuple[Callable[[exp.Expr], exp.Expr], ...] = (
    _inlined,
    _typed_literal,
    _division,
    _average,
    _moved_date,
    _format,
    _unnest_of_rows,
)
