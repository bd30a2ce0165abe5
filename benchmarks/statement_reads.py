"""What a statement in GoogleSQL reads: for each table, the columns that it names and the days that its literals leave.

BigQuery bills a query for the columns that it names, in the partitions that literals on the bare partition column leave.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlglot import exp, parse_one
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import traverse_scope

from ai_usage_assets.schema.model import Table
from ai_usage_assets.schema.registry import BY_NAME, TABLES

STAGED = "staged_"
SUFFIXES = ("_upserted", "_compared")


@dataclass
class Read:
    """What a statement reads of one table."""

    table: Table
    is_staged: bool = False
    """Whether it is the staged rows of a write, and not the table itself."""
    columns: set[str] = field(default_factory=set)
    days: set[date] | None = field(default_factory=set)
    """The days of a daily table; None for all days, or if the table has none."""


def reads(sql: str, today: date) -> list[Read]:
    """Each table that a statement references, once, with everything that it reads of it."""
    found: dict[str, Read] = {}
    tree = parse_one(sql, read="bigquery")
    if isinstance(tree, exp.Merge):
        _merged(tree, found)
        query = tree.args["using"].unalias()
        if isinstance(query, exp.Table):
            _add(found, query.name, set(_table(query.name).column_names), None)
            return list(found.values())
        tree = query.this
    elif isinstance(tree, exp.Create):
        tree = tree.expression
    if not isinstance(tree, exp.Query):
        return list(found.values())
    qualified = qualify(
        tree,
        dialect="bigquery",
        schema=_schema(tree),
        validate_qualify_columns=False,
        quote_identifiers=False,
        identify=False,
    )
    for scope in traverse_scope(qualified):
        for alias, source in scope.sources.items():
            if not isinstance(source, exp.Table) or not _is_known(source.name):
                continue
            table = _table(source.name)
            columns = {column.name for column in scope.columns if column.table == alias}
            days = _days(scope.expression, alias, table, today)
            _add(found, source.name, columns & set(table.column_names), days)
    return list(found.values())


def _merged(tree: exp.Merge, found: dict[str, Read]) -> None:
    """The target: the rows that may be deleted, or all rows if they are matched with the source."""
    table = _table(tree.this.name)
    days = None
    for when in tree.find_all(exp.When):
        if table.partition and when.args.get("condition"):
            days = _bounded(when.args["condition"], None, table.partition, date.max)
    _add(found, table.name, set(table.column_names), days)


def _is_known(name: str) -> bool:
    return name in BY_NAME or name.startswith(STAGED)


def _table(name: str) -> Table:
    if not name.startswith(STAGED):
        return BY_NAME[name]
    for suffix in SUFFIXES:
        name = name.removesuffix(suffix)
    return BY_NAME[name.removeprefix(STAGED).rpartition("_")[0]]


def _schema(tree: Any) -> dict[str, object]:
    staged = {table.name for table in tree.find_all(exp.Table) if table.name.startswith(STAGED)}
    named = {**{table.name: table for table in TABLES}, **{name: _table(name) for name in staged}}
    return {name: {c.name: c.type.name for c in table.columns} for name, table in named.items()}


def _add(found: dict[str, Read], name: str, columns: set[str], days: set[date] | None) -> None:
    table = _table(name)
    read = found.setdefault(name, Read(table, name.startswith(STAGED)))
    read.columns |= columns
    read.days = None if days is None or read.days is None else read.days | days


def _days(query: Any, alias: str, table: Table, today: date) -> set[date] | None:
    where = query.args.get("where")
    if table.partition is None or where is None:
        return None
    return _bounded(where.this, alias, table.partition, today)


def _bounded(condition: exp.Expression, alias: str | None, column: str, today: date) -> set[date] | None:
    """The days that the conditions on the bare partition column leave; None if a side has no bound."""
    first, end, listed = date.min, date.max, None
    for part in condition.flatten() if isinstance(condition, exp.And) else [condition]:
        bare = part.unnest()
        target = bare.this if isinstance(bare.this, exp.Column) else None
        if target is None or target.name != column or (alias and target.table not in ("", alias)):
            continue
        if isinstance(bare, exp.In):
            listed = {value for each in bare.expressions if (value := _value(each, today))}
        elif (value := _value(bare.args.get("expression"), today)) is None:
            continue
        elif isinstance(bare, exp.GTE):
            first = max(first, value)
        elif isinstance(bare, exp.LT):
            end = min(end, value)
        elif isinstance(bare, exp.EQ):
            listed = {value}
    if listed is not None:
        return {each for each in listed if first <= each < end}
    # a lower bound alone is one, because no partition is later than today
    end = min(end, today)
    if first < date(2001, 1, 1) or end == date.max:
        return None
    return {first + timedelta(n) for n in range((end - first).days)}


def _value(literal: Any, today: date) -> date | None:
    if isinstance(literal, exp.CurrentDate):
        return today
    if isinstance(literal, exp.DateAdd | exp.TsOrDsAdd):
        return today + timedelta(1)
    if isinstance(literal, exp.DateSub) and (before := _value(literal.this, today)):
        # BigQuery prunes partitions by a constant expression, too
        return before - timedelta(int(literal.expression.find(exp.Literal).this))
    texts = list(literal.find_all(exp.Literal)) if isinstance(literal, exp.Expression) else []
    try:
        return date.fromisoformat(texts[0].this) if texts else None
    except ValueError:
        return None
