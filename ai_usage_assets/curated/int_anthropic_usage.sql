-- One row is a UTC day, API key or account, and model: tokens of the Messages API.
-- From raw_anthropic_usage and the owners of its keys (int_key_owners, int_no_key_usage).
-- Caveat: usage without a key and without a known account is `unattributed`.
select
  usage.ingest_date as usage_date,
  coalesce(owners.user_email, 'unattributed') as user_email,
  coalesce(owners.actor_type, 'unknown') as actor_type,
  usage.api_key_id,
  usage.model,
  usage.uncached_input_tokens as uncached_tokens,
  usage.cache_read_input_tokens as cache_read_tokens,
  usage.cache_creation_tokens as cache_write_tokens,
  usage.output_tokens
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
  sum(if(kind = 'output_tokens', units, 0))
from int_no_key_usage
group by 1, 2, 3, 5
