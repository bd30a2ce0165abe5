-- One row is a UTC day, platform, person, API key and model.
-- From raw usage of Anthropic, Claude Code and Cursor, the owners of keys and aliases.
-- Caveat: sessions, lines and answers to suggestions stand on one row per person (key) and day.
with
aliases as (
  select alias, email
  from identity_aliases
),

users as (
  select user_id, nullif(lower(trim(email)), '') as email
  from raw_anthropic_users
),

anthropic_usage as (
  select ingest_date as usage_date, nullif(api_key_id, 'no_api_key') as api_key_id, model,
    uncached_input_tokens, cache_read_input_tokens, cache_creation_tokens, output_tokens
  from raw_anthropic_usage
  where ingest_date >= @first_day and ingest_date < @end_day
),

-- a key's name names it only if no other key, of whatever status, has it
named_keys as (
  select name, any_value(api_key_id) as api_key_id
  from raw_anthropic_api_keys
  where name is not null
  group by name
  having count(name) = 1
),

code_records as (
  select ingest_date as usage_date, actor_email, api_key_name, cast(null as string) as model,
    cast(null as int64) as fresh_tokens, cast(null as int64) as read_tokens,
    cast(null as int64) as write_tokens, cast(null as int64) as output_tokens,
    cast(null as int64) as told_output_tokens, sessions, lines_added, tool_accepts, tool_rejects
  from raw_claude_code_usage
  where ingest_date >= @first_day and ingest_date < @end_day
  union all
  -- tokens of API traffic are under anthropic already
  select ingest_date, actor_email, api_key_name, model,
    if(customer_type = 'subscription', input_tokens, 0),
    if(customer_type = 'subscription', cache_read_tokens, 0),
    if(customer_type = 'subscription', cache_creation_tokens, 0),
    if(customer_type = 'subscription', output_tokens, 0),
    output_tokens, null, null, null, null
  from raw_claude_code_models
  where ingest_date >= @first_day and ingest_date < @end_day
),

code_actors as (
  select records.usage_date, nullif(lower(trim(records.actor_email)), '') as email,
    named_keys.api_key_id, records.model, records.fresh_tokens, records.read_tokens,
    records.write_tokens, records.output_tokens, records.told_output_tokens,
    records.sessions, records.lines_added, records.tool_accepts, records.tool_rejects
  from code_records as records
  left join named_keys
    on named_keys.name = records.api_key_name
    and coalesce(trim(records.actor_email), '') = ''
),

key_owners as (
  select key_days.usage_date, key_days.api_key_id,
    coalesce(lower(trim(overrides.email)), principals.email, creators.email) as email
  from (
    select usage_date, api_key_id from anthropic_usage
    union distinct
    select usage_date, api_key_id from code_actors
  ) as key_days
  left join identity_api_key_owners as overrides
    on overrides.api_key_id = key_days.api_key_id
    and key_days.usage_date >= coalesce(overrides.valid_from, date '0001-01-01')
    and key_days.usage_date <= coalesce(overrides.valid_to, date '9999-12-31')
  left join raw_anthropic_api_keys as register on register.api_key_id = key_days.api_key_id
  left join users as principals on principals.user_id = register.principal_id
  left join users as creators on creators.user_id = register.created_by_id
  where key_days.api_key_id is not null
  qualify row_number() over (
    partition by key_days.usage_date, key_days.api_key_id
    order by overrides.valid_from desc nulls last, overrides.email
  ) = 1
),

code_work as (
  select actors.usage_date,
    coalesce(
      aliases.email, actors.email, owner_aliases.email, key_owners.email, 'unattributed'
    ) as user_email,
    actors.api_key_id, actors.model, actors.fresh_tokens, actors.read_tokens, actors.write_tokens,
    actors.output_tokens, actors.told_output_tokens, actors.sessions, actors.lines_added,
    actors.tool_accepts, actors.tool_rejects
  from code_actors as actors
  left join aliases on aliases.alias = actors.email
  left join key_owners
    on key_owners.usage_date = actors.usage_date and key_owners.api_key_id = actors.api_key_id
  left join aliases as owner_aliases on owner_aliases.alias = key_owners.email
),

code_main_models as (
  select usage_date, user_email, api_key_id, model
  from code_work
  where model is not null
  group by usage_date, user_email, api_key_id, model
  qualify row_number() over (
    partition by usage_date, user_email, api_key_id
    order by coalesce(sum(told_output_tokens), 0) desc, model
  ) = 1
),

cursor_calls as (
  select ingest_date as usage_date, user_email, model,
    input_tokens, cache_read_tokens, cache_write_tokens, output_tokens
  from int_cursor_events
),

cursor_days as (
  select activity.ingest_date as usage_date,
    coalesce(aliases.email, nullif(lower(trim(activity.email)), ''), 'unattributed') as user_email,
    coalesce(nullif(activity.most_used_model, ''), 'unknown') as model,
    activity.total_lines_added, activity.accepted_lines_added,
    activity.total_accepts, activity.total_rejects,
    activity.subscription_included_reqs as included_requests,
    activity.usage_based_reqs as billed_requests
  from raw_cursor_usage as activity
  left join aliases on aliases.alias = lower(trim(activity.email))
  where activity.ingest_date >= @first_day and activity.ingest_date < @end_day
    and (
      activity.is_active
      or activity.total_lines_added != 0 or activity.accepted_lines_added != 0
      or activity.total_accepts != 0 or activity.total_rejects != 0
      or activity.subscription_included_reqs != 0 or activity.usage_based_reqs != 0
    )
),

pieces as (
  select usage.usage_date, 'anthropic' as platform,
    coalesce(aliases.email, key_owners.email, 'unattributed') as user_email,
    usage.api_key_id, usage.model, usage.uncached_input_tokens as fresh_tokens,
    usage.cache_read_input_tokens as read_tokens, usage.cache_creation_tokens as write_tokens,
    usage.output_tokens, cast(null as int64) as requests, cast(null as int64) as sessions,
    cast(null as int64) as loc_added, cast(null as int64) as loc_accepted,
    cast(null as int64) as accepts, cast(null as int64) as rejects
  from anthropic_usage as usage
  left join key_owners
    on key_owners.usage_date = usage.usage_date and key_owners.api_key_id = usage.api_key_id
  left join aliases on aliases.alias = key_owners.email
  union all
  select usage_date, 'cursor', user_email, null, model,
    input_tokens, cache_read_tokens, cache_write_tokens, output_tokens, 1,
    null, null, null, null, null
  from cursor_calls
  union all
  select days.usage_date, 'cursor', days.user_email, cast(null as string),
    -- aliases can bring several rows together: one model for the person's day
    first_value(days.model) over (
      partition by days.usage_date, days.user_email
      order by coalesce(days.total_lines_added, 0) desc, days.model
    ),
    null, null, null, null,
    -- requests are events; only a day without any takes them from here
    if(
      calling.user_email is not null, 0,
      coalesce(days.included_requests + days.billed_requests, days.included_requests,
        days.billed_requests)
    ),
    null, days.total_lines_added, days.accepted_lines_added,
    days.total_accepts, days.total_rejects
  from cursor_days as days
  left join (select distinct usage_date, user_email from cursor_calls) as calling
    on calling.usage_date = days.usage_date and calling.user_email = days.user_email
  union all
  select work.usage_date, 'claude_code', work.user_email, work.api_key_id,
    -- what is not told per model stands on the main one
    coalesce(work.model, main.model, 'unknown'),
    work.fresh_tokens, work.read_tokens, work.write_tokens, work.output_tokens,
    null, work.sessions, work.lines_added, null, work.tool_accepts, work.tool_rejects
  from code_work as work
  left join code_main_models as main
    on main.usage_date = work.usage_date and main.user_email = work.user_email
    and coalesce(main.api_key_id, '') = coalesce(work.api_key_id, '')
)

select
  usage_date,
  platform,
  user_email,
  api_key_id,
  model,
  -- NULL only if nothing was reported: beside a reported part, a missing one is nothing
  sum(if(
    coalesce(fresh_tokens, read_tokens, write_tokens, output_tokens) is null, null,
    coalesce(fresh_tokens, 0) + coalesce(read_tokens, 0) + coalesce(write_tokens, 0)
  )) as input_tokens,
  sum(if(
    coalesce(fresh_tokens, read_tokens, write_tokens, output_tokens) is null, null,
    coalesce(output_tokens, 0)
  )) as output_tokens,
  sum(requests) as requests,
  sum(sessions) as sessions,
  sum(loc_added) as loc_added,
  sum(loc_accepted) as loc_accepted,
  round(cast(safe_divide(sum(accepts), sum(accepts) + sum(rejects)) as numeric), 4)
    as acceptance_rate,
  current_timestamp() as processed_at,
  sum(accepts) as accepts,
  sum(rejects) as rejects,
  -- claude-5.5-sonnet, claude-sonnet-5-5 and its dated ids meet in claude-sonnet-5-5
  if(
    lower(model) like '%claude-%',
    regexp_replace(
      regexp_replace(
        replace(lower(model), '.', '-'),
        r'^.*claude-(\d{1,2}(?:-\d{1,2})?)-([a-z]+).*$', r'claude-\2-\1'
      ),
      r'^.*claude-([a-z]+)-(\d{1,2}(?:-[1-9]\d?)?)(?:[^0-9a-z].*)?$', r'claude-\1-\2'
    ),
    lower(model)
  ) as model_family
from pieces
group by usage_date, platform, user_email, api_key_id, model
