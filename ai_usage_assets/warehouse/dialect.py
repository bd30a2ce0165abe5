"""Translates GoogleSQL for DuckDB, and reads the columns of a SELECT.

What belongs here: every correction of what sqlglot translates wrongly. Everything else asks `translations.py`, which keeps
the answers.
"""

from sqlglot import exp, parse_one
from sqlglot.dialects.duckdb import DuckDB

MONEY = exp.DataType.build("DECIMAL(38, 9)", dialect="duckdb")
WHITESPACE = "".join(
    char for char in map(chr, range(0x3001)) if char.isspace() and not "\x1c" <= char <= "\x1f"
)
"""White space as GoogleSQL defines it. Python also counts four separator characters, which are left out."""
NOT_PADDED = "[!-~](.*[!-~])?"
"""A text on one line that begins and ends with a visible ASCII character."""


def to_duckdb(sql: str) -> str:
    """A GoogleSQL statement in DuckDB's SQL."""
    tree = parse_one(sql, read="bigquery").transform(_correct, copy=False)
    # date_trunc, date_add and date_sub return a DATE in GoogleSQL and a TIMESTAMP in DuckDB; the innermost comes first
    for call in reversed(list(tree.find_all(exp.DateTrunc, exp.DateAdd, exp.DateSub))):
        call.replace(exp.Cast(this=call.copy(), to=exp.DataType.build("DATE")))
    # Sunday is day 1 of the week in GoogleSQL and day 0 in DuckDB
    for call in reversed(list(tree.find_all(exp.Extract))):
        if call.this.name.upper() == "DAYOFWEEK":
            call.replace(exp.Paren(this=exp.Add(this=call.copy(), expression=exp.Literal.number(1))))
    # trim() removes all white space in GoogleSQL and only spaces in DuckDB
    for call in reversed(list(tree.find_all(exp.Trim))):
        if call.expression is None:
            call.replace(_trimmed(call.copy()))
    # after an apostrophe in a comment, DuckDB reads literals as code and loses their wide spaces
    return tree.sql(dialect=DuckDB, comments=False, copy=False)


def _correct(node: exp.Expression) -> exp.Expression:
    # a bare NUMERIC is (38,9) in GoogleSQL and (18,3) in DuckDB, which loses money
    if isinstance(node, exp.DataType) and node.this is exp.DataType.Type.DECIMAL and not node.expressions:
        return MONEY.copy()
    # octet_length accepts only a BLOB in DuckDB
    if isinstance(node, exp.ByteLength):
        return exp.Anonymous(this="strlen", expressions=[node.this])
    return node


def _trimmed(call: exp.Trim) -> exp.Expression:
    # DuckDB takes ten times as long to look for so many characters as to see that there are none
    text = call.this
    call.set("expression", exp.Literal.string(WHITESPACE))
    has_none = exp.RegexpFullMatch(this=text.copy(), expression=exp.Literal.string(NOT_PADDED))
    return exp.case().when(has_none, text.copy()).else_(call)


def selected_columns(sql: str) -> tuple[str, ...]:
    """The names of the columns of a SELECT."""
    query = parse_one(sql, read="bigquery")
    return tuple(query.named_selects) if isinstance(query, exp.Query) else ()
