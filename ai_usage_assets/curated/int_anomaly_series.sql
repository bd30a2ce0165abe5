-- One row is a UTC day, platform, measure, scope and name: what one person, key, model or department spent or used.
-- From int_anomaly_members.
-- Caveat: the scopes overlap. A key that changed owners is in no person's series for 8 weeks.
select
  day,
  platform,
  measure,
  scope,
  name,
  max(if(scope in ('key', 'person', 'service'), user_email, null)) as user_email,
  max(if(scope in ('key', 'person', 'service'), actor_type, null)) as actor_type,
  sum(if(measure = 'cost_usd', cost_usd, free_tokens)) as value
from int_anomaly_members
cross join unnest(['cost_usd', 'tokens']) as measure
group by 1, 2, 3, 4, 5
having sum(if(measure = 'cost_usd', cost_usd, free_tokens)) > 0
