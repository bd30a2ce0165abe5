"""Budgets on the newest day that is loaded: the statement that the checks, the command and the digest share."""

from datetime import date

from ai_usage_assets.curated.select import select, since
from ai_usage_assets.days import Days, month_before, with_months_before
from ai_usage_assets.schema.tables.budgets import FCT_BUDGET_DAILY
from ai_usage_assets.warehouse.sql import within

EARLIER_MONTHS = 10
"""Forecasts learn from those of six months before, the first of which looks 122 days back."""
WITHOUT_PEOPLE = "if(scope = 'person', null, name)"
"""The name of a budget that names no person."""
COLUMNS = ", ".join(column for column in FCT_BUDGET_DAILY.column_names if column != "name")


def newest_days(today: date) -> Days:
    """The running month until today, and the month before: days of which one is the newest."""
    return Days(month_before(today).first, today)


def newest(days: Days, more: str = f"{WITHOUT_PEOPLE} as name") -> str:
    """One row is a budget, or the company, on the newest of these days that is loaded; the columns of fct_budget_daily.

    Args:
        days: days of the running month, and of the month before if none of the running one may be loaded.
        more: what is selected beside the columns that name nobody, in GoogleSQL.
    """
    view = since(select(FCT_BUDGET_DAILY).sql, with_months_before(days, EARLIER_MONTHS).first)
    return f"""
select {COLUMNS}, {more}
from (
{view}
) as budgets
where {within("day", days)}
  and day = (select max(day) from load_log where table_name = 'fct_cost_daily' and {within("day", days)})"""
