"""The retention guard: a day keeps its rows if the vendor's new answer has no rows, no figures or no money for it.

A vendor with a rolling history gives no error for a day that it has deleted. It answers with no rows, with zeros for
everybody, or with rows whose money is gone. See `Table.has_rolling_history`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from ai_usage_assets.days import Days
from ai_usage_assets.schema.model import Column, Table
from ai_usage_assets.warehouse import audit
from ai_usage_assets.warehouse.engine import DayStats, Kept, Session
from ai_usage_assets.warehouse.known_emails import has_lost_emails, is_missing, with_known_emails
from ai_usage_assets.warehouse.sql import on_days, rows_of, within

NO_ROWS = "the answer has no rows"
ONLY_ZEROS = "the answer has only zeros"
NO_MONEY = "the answer has no money any more"


@dataclass(frozen=True)
class Comparison:
    """The result of comparing the table with the staged rows of the same days."""

    kept: Mapping[date, Kept]
    """The days that keep their rows."""
    has_lost_emails: bool
    """Whether staged rows lack an e-mail that the table has."""


def compare(session: Session, table: Table, staged: str, days: Days) -> Comparison:
    """Compare the days that have rows in the table with their staged rows."""
    compared = session.fetch(_statement(table, staged, days)).to_pylist()
    kept = {row["day"]: Kept(reason, row["answer_rows"]) for row in compared if (reason := kept_reason(row))}
    lacks = any(row["lacks_emails"] for row in compared)
    return Comparison(kept, lacks and has_lost_emails(session, table, staged, days))


def remaining(
    table: Table, staged: str, days: Days, comparison: Comparison, kept: Mapping[date, Kept]
) -> str:
    """A SELECT of the staged rows to publish: with known e-mails, and without the kept days."""
    answer = (
        with_known_emails(table, staged, days) if comparison.has_lost_emails else f"select * from `{staged}`"
    )
    where = f"not {on_days(str(table.partition), kept)}" if kept else "true"
    return f"select * from ({answer}) as answer where {where}"


def kept_stats(
    session: Session, table: Table, kept: Mapping[date, Kept], days: Days
) -> dict[date | None, DayStats]:
    """The statistics of the kept days, which are those of the stored rows."""
    if not kept:
        return {}
    rows = f"({rows_of(table, table.name, days)} and {on_days(str(table.partition), kept)})"
    found = audit.audit(session, table, rows, days).stats
    return {day: replace(found[day], kept=kept[day]) for day in found if day is not None}


def kept_reason(row: Mapping[str, Any]) -> str | None:
    """Why a day with stored rows keeps them, from what they have and what the answer has; None if it does not."""
    if not row["answer_rows"]:
        return NO_ROWS
    if row["has_figures"] and not row["answer_has_figures"]:
        return ONLY_ZEROS
    return NO_MONEY if row["has_money"] and not row["answer_has_money"] else None


def figures(table: Table) -> list[Column]:
    """The columns that hold figures."""
    return [column for column in table.columns if column.is_number and column.name != table.occurrence_column]


def _statement(table: Table, staged: str, days: Days) -> str:
    day = str(table.partition)
    money = [column for column in table.columns if column.is_money]
    has = f"{_any_not_zero(figures(table))} as has_figures, {_any_not_zero(money)} as has_money"
    lacks = f"countif({is_missing(table.email_column)}) > 0" if table.email_column else "false"
    return f"""
with
loaded as (
  select `{day}` as day, {has}
  from `{table.name}` where {within(day, days)} group by 1
),
answer as (
  select `{day}` as day, count(*) as answer_rows, {has}, {lacks} as lacks_emails
  from `{staged}` group by 1
)
select
  loaded.day,
  loaded.has_figures,
  loaded.has_money,
  coalesce(answer.answer_rows, 0) as answer_rows,
  coalesce(answer.has_figures, false) as answer_has_figures,
  coalesce(answer.has_money, false) as answer_has_money,
  coalesce(answer.lacks_emails, false) as lacks_emails
from loaded
left join answer on answer.day = loaded.day"""


def _any_not_zero(columns: list[Column]) -> str:
    return f"countif({' or '.join(f'`{c.name}` != 0' for c in columns)}) > 0" if columns else "false"
