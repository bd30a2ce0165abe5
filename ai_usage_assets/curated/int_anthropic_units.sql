-- One row is a UTC day, workspace, API key, model, billed tier, window and kind: tokens or searches to share cost by.
-- From raw_anthropic_usage, with the tiers as they are billed (int_flex_tiers).
-- Caveat: the cost report has no tokens of priority tiers, but has their searches. A search is priced without `model`.
with
usage as (
  select raw_usage.ingest_date, raw_usage.workspace_id, raw_usage.api_key_id, raw_usage.model,
    raw_usage.service_tier,
    coalesce(raw_usage.service_tier like 'priority%', false) as is_priority,
    if(
      raw_usage.service_tier in ('flex', 'flex_discount') and flex_tiers.service_tier is null,
      'standard', raw_usage.service_tier
    ) as billed_tier,
    raw_usage.context_window, raw_usage.uncached_input_tokens, raw_usage.output_tokens,
    raw_usage.cache_read_input_tokens, raw_usage.cache_creation_5m_tokens,
    raw_usage.cache_creation_1h_tokens, raw_usage.web_search_requests
  from raw_anthropic_usage as raw_usage
  left join int_flex_tiers as flex_tiers
    on flex_tiers.cost_date = raw_usage.ingest_date
    and flex_tiers.workspace_id = raw_usage.workspace_id
    and flex_tiers.model = raw_usage.model
    and flex_tiers.service_tier = raw_usage.service_tier
  where raw_usage.ingest_date >= @first_day and raw_usage.ingest_date < @end_day
)

select
  usage.ingest_date as cost_date,
  usage.workspace_id,
  usage.api_key_id,
  usage.model,
  usage.billed_tier,
  usage.service_tier,
  usage.context_window,
  kind,
  case kind
    when 'uncached_input_tokens' then usage.uncached_input_tokens
    when 'output_tokens' then usage.output_tokens
    when 'cache_read_input_tokens' then usage.cache_read_input_tokens
    when 'cache_creation.ephemeral_5m_input_tokens' then usage.cache_creation_5m_tokens
    when 'cache_creation.ephemeral_1h_input_tokens' then usage.cache_creation_1h_tokens
    when 'web_search' then usage.web_search_requests
  end as units
from usage
cross join unnest([
  'uncached_input_tokens', 'output_tokens', 'cache_read_input_tokens',
  'cache_creation.ephemeral_5m_input_tokens', 'cache_creation.ephemeral_1h_input_tokens',
  'web_search'
]) as kind
where kind = 'web_search' or not usage.is_priority
