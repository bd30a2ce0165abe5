-- One row is a series and UTC day that left its usual range, and that no narrower series explains.
-- From int_anomaly_hits and int_anomaly_members.
-- Caveat: the narrowest is a key, then a person, a service, a model and a department; cost comes before tokens.
with
ranked as (
  select
    *,
    case scope when 'key' then 1 when 'person' then 2 when 'service' then 3 when 'model' then 4 else 5 end
      + if(measure = 'tokens', 5, 0) as rank
  from int_anomaly_hits
),

members as (
  select
    ranked.day,
    ranked.platform,
    ranked.measure,
    ranked.scope,
    ranked.name,
    ranked.rank,
    cells.user_email,
    cells.actor_type,
    cells.api_key_id,
    cells.model,
    cells.department,
    if(ranked.measure = 'cost_usd', cells.cost_usd, cells.free_tokens) as value,
    min(ranked.rank) over (
      partition by cells.day, cells.platform, cells.user_email, cells.actor_type, cells.api_key_id, cells.model
    ) as narrowest
  from ranked
  inner join int_anomaly_members as cells
    on cells.day = ranked.day and cells.platform = ranked.platform and cells.scope = ranked.scope
    and cells.name = ranked.name
),

keys as (
  select
    members.day, members.platform, members.measure, members.scope, members.name,
    sum(if(members.narrowest < members.rank, members.value, 0)) as explained,
    -- a key that is within its own range, as a job of the first of a month
    if(max(members.narrowest) > 1, sum(members.value) - max(known.usual), null) as ordinary
  from members
  left join int_anomaly_ranges as known
    on known.day = members.day and known.platform = members.platform and known.measure = members.measure
    and known.scope = 'key' and known.name = members.api_key_id and known.days_with_use > 0
  group by 1, 2, 3, 4, 5, members.api_key_id
),

rests as (
  select day, platform, measure, scope, name, sum(explained) as explained, coalesce(max(ordinary), 0) as ordinary
  from keys
  group by 1, 2, 3, 4, 5
)

select ranked.*
from ranked
inner join rests
  on rests.day = ranked.day and rests.platform = ranked.platform and rests.measure = ranked.measure
  and rests.scope = ranked.scope and rests.name = ranked.name
where (rests.explained = 0 or ranked.value - rests.explained > ranked.usual_to)
  and (ranked.scope = 'key' or 2 * rests.ordinary < ranked.value - ranked.usual)
