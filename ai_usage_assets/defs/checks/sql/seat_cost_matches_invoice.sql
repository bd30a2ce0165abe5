-- One row is a whole billing month of a platform.
-- part: dollars by which the month's seats in the fact differ from the invoice. whole: the invoice, seats x price.
-- It sums whole months, so that it does not repeat the fact's arithmetic by day. A month is whole if the fact has rows on
-- each of its days. It is compared if one number of seats and one price hold for all of it, in every tier of the
-- platform, and the tiers have the same billing day. `booked` and `invoiced` are US dollars.
with
billing_days as (
  select seats.platform, min(coalesce(seats.billing_day, 1)) as billing_day
  from identity_seats as seats
  group by 1
  having min(coalesce(seats.billing_day, 1)) = max(coalesce(seats.billing_day, 1))
),
fact_days as (
  select
    billing_days.platform,
    date_add(
      date_trunc(date_sub(fact.cost_date, interval (billing_days.billing_day - 1) day), month),
      interval (billing_days.billing_day - 1) day
    ) as month_start,
    fact.cost_date,
    if(fact.platform = billing_days.platform and fact.allocation = 'seat', fact.cost_usd, 0) as seat_cost_usd
  from fct_cost_daily as fact
  cross join billing_days
  where fact.cost_date >= @billing_first_day and fact.cost_date < @billing_end_day
),
months as (
  select
    platform,
    month_start,
    date_add(month_start, interval 1 month) as next_month_start,
    count(distinct cost_date) as loaded_days,
    sum(seat_cost_usd) as booked
  from fact_days
  group by 1, 2
),
priced as (
  select
    months.platform,
    months.month_start,
    months.next_month_start,
    months.booked,
    prices.seats,
    prices.usd_per_seat_month,
    coalesce(prices.valid_from, date '0001-01-01') as valid_from,
    coalesce(prices.valid_to, date '9999-12-31') as valid_to
  from months
  join identity_seats as prices
    on prices.platform = months.platform
    and coalesce(prices.tier, 'standard') != 'free'
    and coalesce(prices.valid_from, date '0001-01-01') < months.next_month_start
    and coalesce(prices.valid_to, date '9999-12-31') >= months.month_start
  where months.loaded_days = date_diff(months.next_month_start, months.month_start, day)
    and months.month_start < @end_day
    and months.next_month_start > @first_day
),
invoices as (
  select
    platform,
    month_start,
    booked,
    sum(seats * round(usd_per_seat_month, 4)) as invoiced
  from priced
  group by platform, month_start, next_month_start, booked
  having countif(
    seats is null
    or valid_from > month_start
    or valid_to < date_sub(next_month_start, interval 1 day)
  ) = 0
)
select
  month_start as day,
  if(
    abs(booked - invoiced) < numeric '0.01',
    null,
    concat(
      platform, ' seats of the billing month from ', cast(month_start as string), ', invoiced ',
      cast(invoiced as string)
    )
  ) as subject,
  sum(if(abs(booked - invoiced) < numeric '0.01', 0, abs(booked - invoiced))) as part,
  sum(invoiced) as whole
from invoices
group by 1, 2
