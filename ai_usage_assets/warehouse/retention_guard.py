"""What a vendor no longer reports stays: a day is not replaced by an answer without rows, figures or money for it.

A vendor with a rolling history does not say that a day is gone. It answers as if nobody had done anything: with no
rows, or with zeros for everybody. And rows whose money is gone are no revision either. See `Table.is_history_rolling`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from ai_usage_assets.days import Days
from ai_usage_assets.schema.model import Column, Table
from ai_usage_assets.warehouse import audit
from ai_usage_assets.warehouse.engine import DayStats, Kept, Session
from ai_usage_assets.warehouse.known_emails import are_lost, completed, is_missing
from ai_usage_assets.warehouse.sql import on_days, rows_of, within

NO_ROWS = "the answer has no rows"
ONLY_ZEROS = "the answer has only zeros"
NO_MONEY = "the answer has no money any more"


@dataclass(frozen=True)
class Compared:
    """What is in the table against what is staged for the same days."""

    kept: Mapping[date, Kept]
    """The days that keep their rows."""
    has_lost_emails: bool
    """Whether staged rows lack an e-mail that the table has."""


def compare(session: Session, table: Table, staged: str, days: Days) -> Compared:
    """Compare the days that have rows in the table with what is staged for them."""
    found = session.fetch(_statement(table, staged, days)).to_pylist()
    kept = {row["day"]: Kept(reason, row["answer_rows"]) for row in found if (reason := _reason(row))}
    lacks = any(row["lacks_emails"] for row in found)
    return Compared(kept, lacks and are_lost(session, table, staged, days))


def remaining(table: Table, staged: str, days: Days, compared: Compared, kept: Mapping[date, Kept]) -> str:
    """A SELECT of the staged rows that are to be published: with stored e-mails, and without the kept days."""
    answer = completed(table, staged, days) if compared.has_lost_emails else f"select * from `{staged}`"
    where = f"not {on_days(str(table.partition), kept)}" if kept else "true"
    return f"select * from ({answer}) as answer where {where}"


def stats(
    session: Session, table: Table, kept: Mapping[date, Kept], days: Days
) -> dict[date | None, DayStats]:
    """What the table holds for the kept days."""
    if not kept:
        return {}
    rows = f"({rows_of(table, table.name, days)} and {on_days(str(table.partition), kept)})"
    found = audit.audit(session, table, rows, days).stats
    return {day: replace(found[day], kept=kept[day]) for day in found if day is not None}


def _reason(row: Mapping[str, Any]) -> str | None:
    if not row["answer_rows"]:
        return NO_ROWS
    if row["has_figures"] and not row["answer_has_figures"]:
        return ONLY_ZEROS
    return NO_MONEY if row["has_money"] and not row["answer_has_money"] else None


def figures(table: Table) -> list[Column]:
    """The columns that measure something."""
    return [column for column in table.columns if column.is_number and column.name != table.numbering]


def _statement(table: Table, staged: str, days: Days) -> str:
    day = str(table.partition)
    money = [column for column in table.columns if column.is_money]
    has = f"{_any_not_zero(figures(table))} as has_figures, {_any_not_zero(money)} as has_money"
    lacks = f"countif({is_missing(table.email)}) > 0" if table.email else "false"
    return f"""
with
here as (
  select `{day}` as day, {has}
  from `{table.name}` where {within(day, days)} group by 1
),
answer as (
  select `{day}` as day, count(*) as answer_rows, {has}, {lacks} as lacks_emails
  from `{staged}` group by 1
)
select
  here.day,
  here.has_figures,
  here.has_money,
  coalesce(answer.answer_rows, 0) as answer_rows,
  coalesce(answer.has_figures, false) as answer_has_figures,
  coalesce(answer.has_money, false) as answer_has_money,
  coalesce(answer.lacks_emails, false) as lacks_emails
from here
left join answer on answer.day = here.day"""


def _any_not_zero(columns: list[Column]) -> str:
    return f"countif({' or '.join(f'`{c.name}` != 0' for c in columns)}) > 0" if columns else "false"
