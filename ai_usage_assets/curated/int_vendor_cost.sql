-- One row is a part of a UTC day's cost in Anthropic's own split: workspace, key, person, cost type and model.
-- From the split (int_analytics_cost) on the days on which it sums to the report (int_vendor_days), and key owners.
-- Caveat: the cost of a key belongs to the key's owner of the day, not to the vendor's actor.
with
attributed as (
  select cost.cost_date, cost.workspace_id, cost.api_key_id, cost.model,
    if(cost.amount_usd < 0, 'credit', cost.cost_type) as cost_type,
    case
      when cost.api_key_id is not null then coalesce(owners.user_email, 'unattributed')
      else coalesce(cost.user_email, 'unattributed')
    end as user_email,
    case
      when cost.api_key_id is not null then coalesce(owners.actor_type, 'unknown')
      when cost.user_email is not null then 'person'
      when cost.actor_type = 'service_account_actor' then 'service'
      else 'unknown'
    end as actor_type,
    cost.amount_usd
  from int_analytics_cost as cost
  left join int_key_owners as owners
    on owners.day = cost.cost_date and owners.api_key_id = cost.api_key_id
),

numbered as (
  select attributed.cost_date, attributed.workspace_id, attributed.api_key_id, attributed.user_email,
    attributed.actor_type, attributed.cost_type, attributed.model, attributed.amount_usd, days.rounding_usd,
    row_number() over (
      partition by attributed.cost_date, attributed.workspace_id
      order by abs(attributed.amount_usd) desc, attributed.api_key_id, attributed.user_email, attributed.cost_type,
        attributed.model, attributed.actor_type
    ) as position
  from attributed
  join int_vendor_days as days
    on days.cost_date = attributed.cost_date and days.workspace_id = attributed.workspace_id
)

select
  cost_date,
  workspace_id,
  api_key_id,
  user_email,
  actor_type,
  cost_type,
  model,
  amount_usd + if(position = 1, rounding_usd, 0) as amount_usd
from numbered
