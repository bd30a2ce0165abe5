"""GoogleSQL read and, for the embedded engine, translated. What sqlglot gets wrong is put right here, once."""

from functools import lru_cache

from sqlglot import exp, parse_one
from sqlglot.dialects.dialect import Dialect
from sqlglot.dialects.duckdb import DuckDB

MONEY = exp.DataType.build("DECIMAL(38, 9)", dialect="duckdb")
WHITESPACE = "".join(
    char for char in map(chr, range(0x3001)) if char.isspace() and not "\x1c" <= char <= "\x1f"
)
"""Unicode's, without the four separators that only Python counts in."""


@lru_cache(maxsize=512)
def to_duckdb(sql: str) -> str:
    """One GoogleSQL statement as DuckDB's."""
    tree = parse_one(sql, read="bigquery").transform(_mend)
    # a date truncated or moved is a DATE in GoogleSQL and a TIMESTAMP in DuckDB; the innermost comes first
    for moved in reversed(list(tree.find_all(exp.DateTrunc, exp.DateAdd, exp.DateSub))):
        moved.replace(exp.Cast(this=moved.copy(), to=exp.DataType.build("DATE")))
    # an apostrophe in a comment makes DuckDB take later literals for code, and lose their wide spaces
    return tree.sql(dialect=DuckDB, comments=False)


def _mend(node: exp.Expression) -> exp.Expression:
    # a bare NUMERIC is (38,9) in GoogleSQL and (18,3) in DuckDB, which loses money
    if isinstance(node, exp.DataType) and node.this is exp.DataType.Type.DECIMAL and not node.expressions:
        return MONEY.copy()
    # trim() takes off all white space in GoogleSQL and only spaces in DuckDB
    if isinstance(node, exp.Trim) and node.expression is None:
        node.set("expression", exp.Literal.string(WHITESPACE))
    # octet_length wants a BLOB in DuckDB
    if isinstance(node, exp.ByteLength):
        return exp.Anonymous(this="strlen", expressions=[node.this])
    return node


@lru_cache(maxsize=64)
def selected_columns(sql: str) -> tuple[str, ...]:
    """The names that a SELECT answers with."""
    query = parse_one(sql, read="bigquery")
    return tuple(query.named_selects) if isinstance(query, exp.Query) else ()


@lru_cache(maxsize=64)
def tables_read(sql: str) -> frozenset[str]:
    """The tables that a SELECT reads, its own common table expressions apart."""
    tree = parse_one(sql, read=Dialect.get_or_raise("bigquery"))
    own = {cte.alias for cte in tree.find_all(exp.CTE)}
    return frozenset(table.name for table in tree.find_all(exp.Table) if table.name not in own)
