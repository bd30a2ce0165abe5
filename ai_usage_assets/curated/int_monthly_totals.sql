-- One row is a month, platform, cost type, department, team, cost center and person: dollars and tokens.
-- From fct_cost_daily, fct_usage_daily and dim_user_history: who moves has a row for each place of the month.
-- Caveat: tokens are in the rows of cost type `usage`, which are there without dollars too.
select
  date_trunc(daily.day, month) as month,
  daily.platform,
  daily.cost_type,
  coalesce(history.department, 'no department') as department,
  coalesce(history.team, 'no team') as team,
  coalesce(history.cost_center, 'no cost center') as cost_center,
  daily.user_email,
  sum(daily.cost_usd) as cost_usd,
  sum(daily.tokens) as tokens
from (
  select
    cost_date as day,
    platform,
    coalesce(cost_type, 'usage') as cost_type,
    coalesce(user_email, 'unattributed') as user_email,
    cast(cost_usd as numeric) as cost_usd,
    0 as tokens
  from fct_cost_daily
  where cost_date >= date '2000-01-01' and cost_date < @end_day
  union all
  select
    usage_date,
    platform,
    'usage',
    user_email,
    cast(0 as numeric),
    coalesce(input_tokens, 0) + coalesce(output_tokens, 0)
  from fct_usage_daily
  where usage_date >= date '2000-01-01' and usage_date < @end_day
) as daily
left join dim_user_history as history
  on history.email = daily.user_email
  and daily.day between history.valid_from and history.valid_to
group by 1, 2, 3, 4, 5, 6, 7
