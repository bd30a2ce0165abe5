-- One row is a UTC day, platform and cost type: its cost. A loaded day has a row of the cost type `none` too, with 0.
-- From fct_cost_daily and the loaded days (int_loaded_days).
-- Caveat: a day of a platform without a row of the cost type `none` is not loaded, or not loaded in full.
with
costs as (
  select cost_date, platform, coalesce(cost_type, 'unknown') as cost_type, sum(cost_usd) as cost_usd
  from fct_cost_daily
  where cost_date >= date '2000-01-01'
  group by 1, 2, 3
)

select
  cost_date as day,
  date_trunc(cost_date, month) as month,
  platform,
  cost_type,
  cast(cost_usd as numeric) as cost_usd
from costs
union all
select
  day,
  date_trunc(day, month) as month,
  platform,
  'none' as cost_type,
  cast(0 as numeric) as cost_usd
from int_loaded_days
