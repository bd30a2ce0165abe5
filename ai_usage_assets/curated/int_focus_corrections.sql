-- One row is a closed month, the month that books its change, platform, cost type and person: the change of the cost.
-- From closed_months and fct_cost_daily. A change that is not booked yet is of the month after the newest closed one.
-- Caveat: for whole months. Of a change, two rows are made: it is a correction, and is taken out of the closed month.
with
sheets as (
  select month, cost_month, platform, cost_type, user_email, sum(cost_usd) as cost_usd
  from closed_months
  where month >= @first_day and cost_month >= @first_day and cost_month < @end_day and is_current
  group by 1, 2, 3, 4, 5
),

newest as (
  select max(month) as month
  from closed_months
  where month >= @first_day and is_current
),

differences as (
  select date_trunc(cost_date, month) as cost_month, platform, coalesce(cost_type, 'usage') as cost_type,
    coalesce(user_email, 'unattributed') as user_email, cast(cost_usd as numeric) as cost_usd
  from fct_cost_daily
  where cost_date >= @first_day and cost_date < @end_day
  union all
  select cost_month, platform, cost_type, user_email, -cost_usd
  from sheets
)

select cost_month, month as booking_month, platform, cost_type, user_email, cost_usd as billed_usd
from sheets
where month != cost_month and cost_usd != 0
union all
select
  differences.cost_month,
  date_add(newest.month, interval 1 month),
  differences.platform,
  differences.cost_type,
  differences.user_email,
  cast(sum(differences.cost_usd) as numeric)
from differences
cross join newest
where differences.cost_month in (select month from sheets)
group by 1, 2, 3, 4, 5
having sum(differences.cost_usd) != 0
