-- One row is a part of a Claude Code record: its counts, or the tokens of one model, with person and key.
-- From raw_claude_code_usage, raw_claude_code_models, the list of keys, their owners and identity_aliases.
-- Caveat: tokens of API customers are NULL, because they are under `anthropic`. Counts are on the main model.
with
-- a name identifies a key only if no other key, active or not, has the same name
named_keys as (
  select name, any_value(api_key_id) as api_key_id
  from raw_anthropic_api_keys
  where name is not null
  group by name
  having count(name) = 1
),

records as (
  select ingest_date, actor_email, api_key_name, cast(null as string) as model,
    cast(null as int64) as uncached_tokens, cast(null as int64) as cache_read_tokens,
    cast(null as int64) as cache_write_tokens, cast(null as int64) as output_tokens,
    cast(null as int64) as raw_input_tokens, cast(null as int64) as raw_output_tokens,
    customer_type, sessions, lines_added, tool_accepts, tool_rejects, lines_removed, commits, pull_requests
  from raw_claude_code_usage
  where ingest_date >= @first_day and ingest_date < @end_day
  union all
  select ingest_date, actor_email, api_key_name, model,
    if(customer_type = 'subscription', input_tokens, null),
    if(customer_type = 'subscription', cache_read_tokens, null),
    if(customer_type = 'subscription', cache_creation_tokens, null),
    if(customer_type = 'subscription', output_tokens, null),
    coalesce(input_tokens, 0) + coalesce(cache_read_tokens, 0) + coalesce(cache_creation_tokens, 0), output_tokens,
    customer_type, null, null, null, null, null, null, null
  from raw_claude_code_models
  where ingest_date >= @first_day and ingest_date < @end_day
),

attributed as (
  select records.ingest_date as usage_date,
    coalesce(
      aliases.email, nullif(lower(trim(records.actor_email)), ''), owners.user_email,
      'unattributed'
    ) as user_email,
    case
      when coalesce(trim(records.actor_email), '') != '' then 'person'
      else coalesce(owners.actor_type, 'unknown')
    end as actor_type,
    named_keys.api_key_id, records.model, records.uncached_tokens, records.cache_read_tokens,
    records.cache_write_tokens, records.output_tokens, records.raw_input_tokens, records.raw_output_tokens,
    records.customer_type, records.sessions, records.lines_added, records.tool_accepts,
    records.tool_rejects, records.lines_removed, records.commits, records.pull_requests
  from records
  left join named_keys
    on named_keys.name = if(coalesce(trim(records.actor_email), '') = '', records.api_key_name, null)
  left join int_key_owners as owners
    on owners.day = records.ingest_date and owners.api_key_id = named_keys.api_key_id
  left join identity_aliases as aliases on aliases.alias = lower(trim(records.actor_email))
),

main_models as (
  select usage_date, user_email, api_key_id, model
  from attributed
  where model is not null
  group by usage_date, user_email, api_key_id, model
  qualify row_number() over (
    partition by usage_date, user_email, api_key_id
    order by coalesce(sum(raw_output_tokens), 0) desc, model
  ) = 1
)

select
  attributed.usage_date,
  attributed.user_email,
  attributed.actor_type,
  attributed.api_key_id,
  coalesce(attributed.model, main_models.model, 'unknown') as model,
  attributed.uncached_tokens,
  attributed.cache_read_tokens,
  attributed.cache_write_tokens,
  attributed.output_tokens,
  attributed.sessions,
  attributed.lines_added,
  attributed.tool_accepts,
  attributed.tool_rejects,
  -- of all customers, for ratios with the counts
  attributed.raw_input_tokens,
  attributed.raw_output_tokens,
  attributed.customer_type,
  attributed.lines_removed,
  attributed.commits,
  attributed.pull_requests
from attributed
left join main_models
  on main_models.usage_date = attributed.usage_date and main_models.user_email = attributed.user_email
  and coalesce(main_models.api_key_id, '') = coalesce(attributed.api_key_id, '')
