-- One row is a UTC day, workspace, API key or account, model, tier and window: tokens of the Messages API.
-- From raw_anthropic_usage and the owners of its keys (int_key_owners, int_no_key_usage).
-- Caveat: usage without a key and a known account is `unattributed`. Without a key, the window is NULL.
select
  usage.ingest_date as usage_date,
  coalesce(owners.user_email, 'unattributed') as user_email,
  coalesce(owners.actor_type, 'unknown') as actor_type,
  usage.api_key_id,
  usage.model,
  usage.uncached_input_tokens as uncached_tokens,
  usage.cache_read_input_tokens as cache_read_tokens,
  usage.cache_creation_tokens as cache_write_tokens,
  usage.output_tokens,
  usage.workspace_id,
  usage.service_tier,
  usage.context_window,
  coalesce(
    usage.cache_creation_tokens - coalesce(usage.cache_creation_1h_tokens, 0), usage.cache_creation_5m_tokens
  ) as cache_write_5m_tokens,
  usage.cache_creation_1h_tokens as cache_write_1h_tokens,
  usage.web_search_requests
from raw_anthropic_usage as usage
left join int_key_owners as owners
  on owners.day = usage.ingest_date and owners.api_key_id = usage.api_key_id
where usage.ingest_date >= @first_day and usage.ingest_date < @end_day
  and usage.api_key_id != 'no_api_key'
union all
select
  ingest_date,
  coalesce(user_email, 'unattributed'),
  if(user_email is null, 'unknown', 'person'),
  cast(null as string),
  model,
  sum(if(kind = 'uncached_input_tokens', units, 0)),
  sum(if(kind = 'cache_read_input_tokens', units, 0)),
  sum(if(kind like 'cache_creation%', units, 0)),
  sum(if(kind = 'output_tokens', units, 0)),
  workspace_id,
  service_tier,
  cast(null as string),
  sum(if(kind = 'cache_creation.ephemeral_5m_input_tokens', units, 0)),
  sum(if(kind = 'cache_creation.ephemeral_1h_input_tokens', units, 0)),
  sum(if(kind = 'web_search', units, 0))
from int_no_key_usage
group by ingest_date, user_email, model, workspace_id, service_tier
