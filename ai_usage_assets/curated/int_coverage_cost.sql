-- One row is a UTC day, topic, platform and entry: cost whose person, actor or split the APIs leave open.
-- From fct_cost_daily and dim_api_keys.
-- Caveat: one dollar can be in several topics. They are never added up.
with
costs as (
  select cost_date, platform, api_key_id, coalesce(user_email, 'unattributed') as user_email, cost_usd, allocation,
    coalesce(actor_type, 'unknown') as actor_type
  from fct_cost_daily
  where cost_date >= date '2000-01-01'
)

select
  costs.cost_date as day,
  concat('unattributed_', unattributed_reason(costs)) as topic,
  costs.platform,
  'days' as unit,
  cast(costs.cost_date as string) as entry,
  costs.cost_usd
from costs
left join dim_api_keys as api_keys on api_keys.api_key_id = costs.api_key_id
where costs.user_email = 'unattributed'
union all
select cost_date, 'actor_unknown', platform, 'keys', api_key_id, cost_usd
from costs
where actor_type = 'unknown' and api_key_id is not null
union all
select cost_date, 'split_not_confirmed', platform, 'days', cast(cost_date as string), cost_usd
from costs
where allocation in ('key', 'account')
