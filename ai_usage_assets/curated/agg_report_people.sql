-- One row is a UTC day, platform, person and actor type: the cost, with the names of that person and day.
-- From fct_cost_daily, dim_users and dim_user_history.
-- Caveat: services have actor_type = 'service', and user_email is who is responsible for them.
with
costs as (
  select
    cost_date,
    platform,
    coalesce(user_email, 'unattributed') as user_email,
    coalesce(actor_type, 'unknown') as actor_type,
    sum(cost_usd) as cost_usd
  from fct_cost_daily
  where cost_date >= date '2000-01-01'
  group by 1, 2, 3, 4
)

select
  costs.cost_date as day,
  date_trunc(costs.cost_date, month) as month,
  costs.platform,
  costs.user_email,
  costs.actor_type,
  people.first_name,
  people.last_name,
  coalesce(periods.department, 'no department') as department,
  coalesce(periods.team, 'no team') as team,
  coalesce(periods.cost_center, 'no cost center') as cost_center,
  cast(costs.cost_usd as numeric) as cost_usd
from costs
left join dim_users as people on people.email = costs.user_email
left join dim_user_history as periods
  on periods.email = costs.user_email
  and costs.cost_date between periods.valid_from and periods.valid_to
