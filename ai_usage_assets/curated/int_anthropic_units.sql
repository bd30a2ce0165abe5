-- One row is a UTC day, workspace, API key, model, billed tier, window and kind: what a cost is shared by.
-- From raw_anthropic_usage, its tiers as they are billed (int_flex_tiers).
-- Caveat: the cost report leaves out tokens of the priority tiers, not their searches; a search has no model and tier.
with
usage as (
  select used.ingest_date, used.workspace_id, used.api_key_id, used.model,
    coalesce(used.service_tier like 'priority%', false) as is_priority,
    if(
      used.service_tier in ('flex', 'flex_discount') and named.service_tier is null,
      'standard', used.service_tier
    ) as billed_tier,
    used.context_window, used.uncached_input_tokens, used.output_tokens,
    used.cache_read_input_tokens, used.cache_creation_5m_tokens,
    used.cache_creation_1h_tokens, used.web_search_requests
  from raw_anthropic_usage as used
  left join int_flex_tiers as named
    on named.cost_date = used.ingest_date
    and named.workspace_id = used.workspace_id
    and named.model = used.model
    and named.service_tier = used.service_tier
  where used.ingest_date >= @first_day and used.ingest_date < @end_day
)

select
  usage.ingest_date as cost_date,
  usage.workspace_id,
  usage.api_key_id,
  if(kind = 'web_search', null, usage.model) as model,
  if(kind = 'web_search', null, usage.billed_tier) as billed_tier,
  if(kind = 'web_search', null, usage.context_window) as context_window,
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
