-- One row is a UTC day, platform, measure, scope and name: what one person, key, model or department spent or used.
-- From int_anomaly_cells.
-- Caveat: the scopes overlap. A key that changed owners is in no person's series for 8 weeks.
with
named as (
  select
    cells.*,
    scope,
    case scope
      when 'key' then api_key_id
      when 'person' then if(actor_type = 'service' or user_email = 'unattributed' or is_moved, null, user_email)
      when 'service' then if(actor_type = 'service' and api_key_id is null, user_email, null)
      when 'owner' then if(actor_type = 'service' and not is_moved, user_email, null)
      when 'model' then model
      when 'department' then department
      else 'all'
    end as name
  from int_anomaly_cells as cells
  cross join unnest(['key', 'person', 'service', 'model', 'department', 'owner', 'platform']) as scope
)

select
  day,
  platform,
  measure,
  scope,
  name,
  max(if(scope in ('key', 'person', 'service'), user_email, null)) as user_email,
  max(if(scope in ('key', 'person', 'service'), actor_type, null)) as actor_type,
  sum(if(measure = 'cost_usd', cost_usd, free_tokens)) as value
from named
cross join unnest(['cost_usd', 'tokens']) as measure
where name is not null
group by 1, 2, 3, 4, 5
having sum(if(measure = 'cost_usd', cost_usd, free_tokens)) > 0
