"""Seats against the invoice: per whole billing month, what the days add up to is the number of seats times the price.

The fact's seats are made day by day; this looks at months, so that it does not repeat the arithmetic that it checks.
"""

from datetime import timedelta

from ai_usage_assets.days import Days
from ai_usage_assets.warehouse.sql import day, within

NEIGHBORS = timedelta(days=30)
"""The other days of a billing month that one of the run's days is in."""
MONTH_START = (
    "date_add(date_trunc(date_sub(fact.cost_date, interval (billed.billing_day - 1) day), month), "
    "interval (billed.billing_day - 1) day)"
)


def months(days: Days) -> str:
    """Rows platform, month_start, booked and invoiced, in US dollars, of every whole billing month that can be compared.

    A month is whole if the fact has rows on each of its days. It can be compared if one number of seats and one price
    hold for all of it, in every tier of the platform, and the tiers share their billing day.
    """
    window = within("cost_date", Days(days.first - NEIGHBORS, days.last + NEIGHBORS))
    return f"""(
select platform, month_start, booked, sum(seats * round(usd_per_seat_month, 4)) as invoiced
from (
  select months.platform, months.month_start, months.next_start, months.booked,
    prices.seats, prices.usd_per_seat_month, prices.valid_from, prices.valid_to
  from (
    select billed.platform, {MONTH_START} as month_start,
      date_add({MONTH_START}, interval 1 month) as next_start,
      count(distinct fact.cost_date) as days,
      sum(if(fact.platform = billed.platform and fact.allocation = 'seat', fact.cost_usd, 0)) as booked
    from (
      select cost_date, platform, allocation, cost_usd from fct_cost_daily where {window}
    ) as fact
    cross join (
      select platform, min(coalesce(seats.billing_day, 1)) as billing_day
      from identity_seats as seats
      group by 1
      having min(coalesce(seats.billing_day, 1)) = max(coalesce(seats.billing_day, 1))
    ) as billed
    group by 1, 2, 3
  ) as months
  join identity_seats as prices
    on prices.platform = months.platform and coalesce(prices.tier, 'standard') != 'free'
    and coalesce(prices.valid_from, date '0001-01-01') < months.next_start
    and coalesce(prices.valid_to, date '9999-12-31') >= months.month_start
  where months.days = date_diff(months.next_start, months.month_start, day)
    and months.month_start <= {day(days.last)} and months.next_start > {day(days.first)}
) as priced
group by platform, month_start, next_start, booked
having countif(
  seats is null
  or coalesce(valid_from, date '0001-01-01') > month_start
  or coalesce(valid_to, date '9999-12-31') < date_sub(next_start, interval 1 day)
) = 0
) as compared"""
