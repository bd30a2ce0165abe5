"""Which departments, teams and cost centers a check may name: Dagster's records are read by more people than the warehouse."""

from collections.abc import Collection, Mapping
from datetime import date

import dagster as dg

from ai_usage_assets.curated.select import select, since
from ai_usage_assets.days import Days, month_of
from ai_usage_assets.defs.checks.scope import fetch_rows
from ai_usage_assets.schema.columns import UNATTRIBUTED
from ai_usage_assets.schema.model import Table
from ai_usage_assets.schema.tables.report_views import AGG_REPORT_PEOPLE
from ai_usage_assets.warehouse.engine import Engine
from ai_usage_assets.warehouse.sql import within

GROUPS = ("department", "team", "cost_center")
Shown = Mapping[tuple[date, str], Collection[str]]
"""By the first day of a month and the scope, the groups that may be named."""


def shown_groups(
    context: dg.AssetCheckExecutionContext,
    engine: Engine,
    table: Table,
    check: str,
    listed: Collection[tuple[str, date]],
) -> Shown:
    """The groups of which a figure of the month is of 5 people or more. Without a group on the list, nothing is read.

    Args:
        context: the step of the check.
        engine: the warehouse.
        table: the table that is checked.
        check: the name of the check.
        listed: the scopes and days of what the check lists.
    """
    days = [day for scope, day in listed if scope in GROUPS]
    if not days:
        return {}
    from ai_usage_assets.report.folding import kept_groups

    people: dict[tuple[date, str], dict[str, set[str]]] = {}
    for row in fetch_rows(context, engine, table, check, statement(min(days), max(days))):
        of_month = people.setdefault((row["month"], row["scope"]), {})
        of_month.setdefault(row["name"], set()).add(row["user_email"])
    return {key: kept_groups(groups) for key, groups in people.items()}


def is_shown(shown: Shown, scope: str, day: date, name: str | None) -> bool:
    """Whether a figure of this day may have its name."""
    return scope not in GROUPS or name in shown.get((day.replace(day=1), scope), ())


def statement(first: date, last: date) -> str:
    """One row is a month of these days, group and person with cost in it."""
    days = Days(month_of(first).first, month_of(last).last)
    view = since(select(AGG_REPORT_PEOPLE).sql, days.first)
    scopes = ", ".join(f"'{scope}'" for scope in GROUPS)
    return f"""
select distinct
  month, scope, user_email,
  case scope when 'department' then department when 'team' then team else cost_center end as name
from (
{view}
) as people
cross join unnest([{scopes}]) as scope
where {within("day", days)}
  and cost_usd != 0 and actor_type != 'service' and user_email != '{UNATTRIBUTED}'"""
