-- One row is a UTC day, platform, measure, scope and name that left its usual range upwards, and the likely cause.
-- From fct_cost_daily, fct_usage_daily, dim_user_history and load_log (int_anomaly_*.sql).
-- Caveat: a day is compared with the 8 weeks before it alone, and only if 4 of the same weekday are loaded.
with
members as (
  select
    found.day,
    found.platform,
    found.measure,
    found.scope,
    found.name,
    found.days_before,
    found.value - found.usual as excess,
    cells.day = found.day as is_today,
    cells.api_key_id,
    cells.model,
    if(found.measure = 'cost_usd', cells.cost_usd, cells.free_tokens) as value,
    cells.cost_usd,
    cells.tokens,
    cells.input_tokens,
    cells.cache_read_tokens
  from int_anomaly_narrowest as found
  inner join int_anomaly_members as cells
    on cells.platform = found.platform and cells.scope = found.scope and cells.name = found.name
    and cells.day between date_sub(found.day, interval 56 day) and found.day
),

parts as (
  select
    day, platform, measure, scope, name, part, excess,
    if(part = 'key', api_key_id, if(part = 'model', model, 'all')) as part_name,
    sum(if(is_today, value, 0)) - sum(if(is_today, 0, value)) / max(days_before) as part_excess,
    sum(if(is_today, 0, value)) = 0 as is_new,
    sum(if(is_today, cost_usd, 0)) / nullif(sum(if(is_today, tokens, 0)), 0) as price,
    sum(if(is_today, 0, cost_usd)) / nullif(sum(if(is_today, 0, tokens)), 0) as price_before,
    sum(if(is_today, cache_read_tokens, 0)) / nullif(sum(if(is_today, input_tokens, 0)), 0) as hit_rate,
    sum(if(is_today, 0, cache_read_tokens)) / nullif(sum(if(is_today, 0, input_tokens)), 0) as hit_rate_before
  from members
  cross join unnest(['key', 'model', 'all']) as part
  where part = 'all' or if(part = 'key', api_key_id, model) is not null
  group by 1, 2, 3, 4, 5, 6, 7, 8
),

ordered as (
  select
    *,
    case
      when part_excess < 0.5 * excess then null
      when part = 'key' and is_new then 1
      when part = 'model' and is_new then 2
      when part != 'key' and hit_rate < hit_rate_before - 0.2 then 3
      when part = 'model' and platform = 'anthropic' and price > 1.5 * price_before then 4
      when part = 'key' and scope != 'key' then 5
      when part = 'all' then 6
    end as cause
  from parts
),

causes as (
  select
    *,
    row_number() over (
      partition by day, platform, measure, scope, name order by coalesce(cause, 7), part_excess desc, part_name
    ) as place
  from ordered
)

select
  found.day,
  date_trunc(found.day, month) as month,
  found.platform,
  found.measure,
  found.scope,
  found.name,
  found.user_email,
  found.actor_type,
  cast(if(found.measure = 'cost_usd', round(found.value, 4), null) as numeric) as cost_usd,
  cast(if(found.measure = 'cost_usd', round(found.usual, 4), null) as numeric) as usual_usd,
  cast(if(found.measure = 'cost_usd', round(found.usual_to, 4), null) as numeric) as usual_to_usd,
  cast(if(found.measure = 'tokens', round(found.value), null) as int64) as tokens,
  cast(if(found.measure = 'tokens', round(found.usual), null) as int64) as usual_tokens,
  cast(if(found.measure = 'tokens', round(found.usual_to), null) as int64) as usual_to_tokens,
  case causes.cause
    when 1 then 'new_key'
    when 2 then 'new_model'
    when 3 then 'cache_hit_rate_fell'
    when 4 then 'price_rose'
    when 5 then 'one_key'
    else 'more_use'
  end as likely_cause,
  if(causes.cause in (1, 2, 4, 5), causes.part_name, null) as cause_name,
  found.began_on
from int_anomaly_narrowest as found
inner join causes
  on causes.day = found.day and causes.platform = found.platform and causes.measure = found.measure
  and causes.scope = found.scope and causes.name = found.name and causes.place = 1
