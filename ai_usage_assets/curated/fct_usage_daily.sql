-- One row is a UTC day, platform, person, API key and model.
-- From the raw usage of Anthropic, Claude Code and Cursor, the owners of keys, and aliases (int_*.sql).
-- Caveat: sessions, lines, accepts and rejects are on one row per person (or key) and day.
with
parts as (
  select usage_date, 'anthropic' as platform, user_email, actor_type, api_key_id, model,
    uncached_tokens, cache_read_tokens, cache_write_tokens, output_tokens, cast(null as int64) as requests,
    cast(null as int64) as sessions, cast(null as int64) as loc_added,
    cast(null as int64) as loc_accepted, cast(null as int64) as accepts,
    cast(null as int64) as rejects
  from int_anthropic_usage
  union all
  select usage_date, 'anthropic', user_email, actor_type, api_key_id, model,
    null, null, null, null, requests, null, null, null, null, null
  from int_vendor_requests
  union all
  select ingest_date, 'cursor', user_email, actor_type, null, model,
    input_tokens, cache_read_tokens, cache_write_tokens, output_tokens, 1,
    null, null, null, null, null
  from int_cursor_events
  union all
  select activity.usage_date, 'cursor', activity.user_email,
    if(activity.user_email = 'unattributed', 'unknown', 'person'), null, activity.model,
    null, null, null, null,
    -- each event is a request; the counts of the activity are used only on days without events
    if(event_days.user_email is null, activity.requests, 0),
    null, activity.total_lines_added, activity.accepted_lines_added,
    activity.total_accepts, activity.total_rejects
  from int_cursor_activity as activity
  left join (select distinct ingest_date, user_email from int_cursor_events) as event_days
    on event_days.ingest_date = activity.usage_date and event_days.user_email = activity.user_email
  union all
  select usage_date, 'claude_code', user_email, actor_type, api_key_id, model,
    uncached_tokens, cache_read_tokens, cache_write_tokens, output_tokens,
    null, sessions, lines_added, null, tool_accepts, tool_rejects
  from int_claude_code
),

totals as (
  select usage_date, platform, user_email, api_key_id, model, max(actor_type) as actor_type,
    logical_or(
      coalesce(uncached_tokens, cache_read_tokens, cache_write_tokens, output_tokens) is not null
    ) as has_tokens,
    sum(uncached_tokens) as uncached_tokens, sum(cache_read_tokens) as cache_read_tokens,
    sum(cache_write_tokens) as cache_write_tokens, sum(output_tokens) as output_tokens,
    sum(requests) as requests, sum(sessions) as sessions, sum(loc_added) as loc_added,
    sum(loc_accepted) as loc_accepted, sum(accepts) as accepts, sum(rejects) as rejects
  from parts
  group by usage_date, platform, user_email, api_key_id, model
)

select
  usage_date,
  platform,
  user_email,
  api_key_id,
  model,
  -- NULL only if no part was reported; a missing part beside a reported one counts as 0
  if(
    has_tokens,
    coalesce(uncached_tokens, 0) + coalesce(cache_read_tokens, 0) + coalesce(cache_write_tokens, 0), null
  ) as input_tokens,
  if(has_tokens, coalesce(output_tokens, 0), null) as output_tokens,
  requests,
  sessions,
  loc_added,
  loc_accepted,
  round(cast(safe_divide(accepts, accepts + rejects) as numeric), 4) as acceptance_rate,
  current_timestamp() as processed_at,
  accepts,
  rejects,
  model_family(model) as model_family,
  if(has_tokens, coalesce(cache_read_tokens, 0), null) as cache_read_tokens,
  if(has_tokens, coalesce(cache_write_tokens, 0), null) as cache_write_tokens,
  actor_type
from totals
