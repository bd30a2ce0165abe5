"""Which parts of a statement mean another day in a project whose default time zone is not UTC."""

import re

from sqlglot import exp, parse

OF_AN_INSTANT = (exp.Date, exp.TsOrDsToDatetime, exp.TimestampTrunc, exp.Extract, exp.TimeToStr)
"""Functions of an instant that take the default time zone if they are given none."""
WITH_ZONE = re.compile(r"([+-]\d\d(:?\d\d)?|Z|UTC)$")


def without_zone(sql: str) -> list[str]:
    """Expressions that have no time zone and need one. A column is an instant if its name ends in `_at`."""
    found = [
        node for tree in parse(sql, read="bigquery") if tree for node in tree.walk() if _needs_zone(node)
    ]
    return [node.sql(dialect="bigquery") for node in found]


def _needs_zone(node: exp.Expr) -> bool:
    if isinstance(node, exp.CurrentDate | exp.CurrentDatetime | exp.CurrentTime):
        return node.this is None
    if isinstance(node, exp.Timestamp):
        return node.args.get("zone") is None
    if isinstance(node, exp.Cast) and isinstance(node.this, exp.Literal) and node.is_type("timestamptz"):
        return WITH_ZONE.search(node.this.name) is None
    # the text of an instant has its offset, so it is the same instant everywhere
    is_day = isinstance(node, exp.Cast) and node.is_type("date", "datetime")
    if not (is_day or isinstance(node, OF_AN_INSTANT)):
        return False
    if node.args.get("zone") or node.find(exp.AtTimeZone):
        return False
    return any(column.name.endswith("_at") for column in node.find_all(exp.Column))
