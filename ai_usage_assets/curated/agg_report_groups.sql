-- One row is a UTC day, platform, dimension (department, team or cost center) and its value: the cost.
-- From fct_cost_daily and dim_user_history.
-- Caveat: each dimension has all cost, so filter on one. The value is that of the person on the day.
with
costs as (
  select cost_date, platform, user_email, sum(cost_usd) as cost_usd
  from fct_cost_daily
  where cost_date >= date '2000-01-01'
  group by 1, 2, 3
),

named as (
  select
    costs.cost_date,
    costs.platform,
    costs.cost_usd,
    coalesce(people.department, 'no department') as department,
    coalesce(people.team, 'no team') as team,
    coalesce(people.cost_center, 'no cost center') as cost_center
  from costs
  left join dim_user_history as people
    on people.email = costs.user_email
    and costs.cost_date between people.valid_from and people.valid_to
),

grouped as (
  select cost_date, platform, 'department' as dimension, department as name, sum(cost_usd) as cost_usd
  from named
  group by 1, 2, 3, 4
  union all
  select cost_date, platform, 'team', team, sum(cost_usd)
  from named
  group by 1, 2, 3, 4
  union all
  select cost_date, platform, 'cost_center', cost_center, sum(cost_usd)
  from named
  group by 1, 2, 3, 4
)

select
  cost_date as day,
  date_trunc(cost_date, month) as month,
  platform,
  dimension,
  name,
  cast(cost_usd as numeric) as cost_usd
from grouped
