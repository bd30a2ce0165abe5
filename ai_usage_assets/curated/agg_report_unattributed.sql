-- One row is a UTC day, platform and reason: the cost that no person can be named for.
-- From fct_cost_daily and dim_api_keys.
-- Caveat: the reasons are those of v_cost.unattributed_reason. The owner of a key is that of the day.
with
costs as (
  select cost_date, platform, api_key_id, user_email, cost_usd, allocation
  from fct_cost_daily
  where cost_date >= date '2000-01-01' and user_email = 'unattributed'
)

select
  costs.cost_date as day,
  date_trunc(costs.cost_date, month) as month,
  costs.platform,
  unattributed_reason(costs) as reason,
  cast(sum(costs.cost_usd) as numeric) as cost_usd
from costs
left join dim_api_keys as api_keys on api_keys.api_key_id = costs.api_key_id
group by 1, 2, 3, 4
