-- One row is a part of a UTC day's cost as Anthropic itself splits it: workspace, key, person, cost type and model.
-- From the split (int_analytics_cost) on the days that it sums to the report (int_vendor_days), and the keys' owners.
-- Caveat: a key's owner of the day answers for it, whoever the vendor's actor is.
with
split as (
  select parts.cost_date, parts.workspace_id, parts.api_key_id, parts.model,
    if(parts.amount_usd < 0, 'credit', parts.cost_type) as cost_type,
    case
      when parts.api_key_id is not null then coalesce(owners.user_email, 'unattributed')
      else coalesce(parts.user_email, 'unattributed')
    end as user_email,
    case
      when parts.api_key_id is not null then coalesce(owners.actor_type, 'unknown')
      when parts.user_email is not null then 'person'
      when parts.actor_type = 'service_account_actor' then 'service'
      else 'unknown'
    end as actor_type,
    parts.amount_usd
  from int_analytics_cost as parts
  left join int_key_owners as owners
    on owners.day = parts.cost_date and owners.api_key_id = parts.api_key_id
),

numbered as (
  select split.cost_date, split.workspace_id, split.api_key_id, split.user_email,
    split.actor_type, split.cost_type, split.model, split.amount_usd, days.rest_usd,
    row_number() over (
      partition by split.cost_date, split.workspace_id
      order by abs(split.amount_usd) desc, split.api_key_id, split.user_email, split.cost_type,
        split.model, split.actor_type
    ) as place
  from split
  join int_vendor_days as days
    on days.cost_date = split.cost_date and days.workspace_id = split.workspace_id
)

select
  cost_date,
  workspace_id,
  api_key_id,
  user_email,
  actor_type,
  cost_type,
  model,
  amount_usd + if(place = 1, rest_usd, 0) as amount_usd
from numbered
