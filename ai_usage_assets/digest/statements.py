"""The statements of a digest, in GoogleSQL. None reads the name or the address of a person into its rows."""

from datetime import date

from ai_usage_assets.curated.budgets import newest
from ai_usage_assets.curated.expressions import with_expressions
from ai_usage_assets.curated.invoices import explained
from ai_usage_assets.curated.select import select, since, with_intermediates
from ai_usage_assets.days import Days
from ai_usage_assets.report.figures import CAUSES
from ai_usage_assets.schema.tables.closed_months import AGG_COST_CHANGE
from ai_usage_assets.schema.tables.invoices import FCT_INVOICE_RECONCILIATION
from ai_usage_assets.schema.tables.views import AGG_MISSING_DAYS
from ai_usage_assets.warehouse.sql import day, within


def costs(days: Days) -> str:
    """One row is a day, platform, model or cost type, and the reason of v_cost if the cost is unattributed."""
    return with_expressions(f"""
select costs.cost_date as day, costs.platform, coalesce(costs.model_family, costs.cost_type, 'usage') as cause,
  unattributed_reason(costs) as reason, sum(costs.cost_usd) as cost_usd
from fct_cost_daily as costs
left join dim_api_keys as api_keys on api_keys.api_key_id = costs.api_key_id
where {within("cost_date", days)}
group by 1, 2, 3, 4""")


def unowned_keys(days: Days) -> str:
    """One row: how many keys have unattributed cost."""
    return f"""
select count(distinct api_key_id) as unowned_keys
from fct_cost_daily
where {within("cost_date", days)} and coalesce(user_email, 'unattributed') = 'unattributed'
  and allocation in ('key', 'vendor')"""


def loaded_days(days: Days) -> str:
    """One row is a day on which every platform's cost is loaded."""
    return with_intermediates(
        f"select day from int_loaded_days where {within('day', days)} group by day having count(platform) = 3"
    )


def missing_days(days: Days) -> str:
    """One row is a daily table and a day that is not loaded."""
    missing = select(AGG_MISSING_DAYS, days.first).sql
    return f"select table_name, day from (\n{missing}\n) as missing where {within('day', days)} order by 1, 2"


def invoices() -> str:
    """One row is an invoice. It reads the cost of all days, because the period of an invoice may be long ago."""
    return explained(select(FCT_INVOICE_RECONCILIATION).sql)


def seats(days: Days) -> str:
    """One row is a day and platform that has seats. A seat is idle as in agg_adoption."""
    return with_expressions(f"""
select seat_date as day, platform, sum(seats) as seats, sum(if(is_idle, seats, 0)) as idle_seats,
  sum(if(is_idle, coalesce(cost_usd, 0), 0)) as idle_usd
from (
  select seat_date, platform, seats, cost_usd, is_idle_seat(held) as is_idle
  from fct_seats_daily as held
  where {within("seat_date", days)}
) as holders
group by 1, 2""")


def closed_months(months: Days) -> str:
    """One row is a closed month, revision, platform and month of the cost."""
    return f"""
select month, revision, is_current, platform, cost_month, sum(cost_usd) as cost_usd,
  sum(if(user_email = 'unattributed', cost_usd, 0)) as unattributed_usd
from closed_months
where {within("month", months)}
group by 1, 2, 3, 4, 5"""


def newest_budgets(days: Days) -> str:
    """One row is a budget, or the company, on the newest of these days that is loaded; a number is its name."""
    return newest(days, "cast(row_number() over (order by scope, budgets.name) as string) as name")


def rates() -> str:
    """One row is a month that has a rate."""
    return with_intermediates(
        "select month, currency, fx_rate, is_frozen, file_currency, file_rate from int_month_rates"
    )


def month_change(month: date, earlier: date) -> str:
    """One row is the month: what it costs more than the month before, over the platforms that have one, and why."""
    parts = ", ".join(f"sum({column}) as {column}" for column in CAUSES)
    changes = since(select(AGG_COST_CHANGE).sql, earlier)
    return f"""
select sum(earlier_cost_usd) as earlier_usd, sum(change_usd) as change_usd, {parts}
from (
{changes}
) as changes
where month = {day(month)} and change_usd is not null"""
