-- One row is a UTC day, workspace, API key, person, model, service tier and context window: tokens and their cost.
-- From raw_anthropic_usage with its accounts (int_anthropic_usage), and the shares of cost lines (int_anthropic_cost).
-- Caveat: usage without a key has no context window, because the report by account has none.
with
parts as (
  select usage_date, workspace_id, api_key_id, user_email, actor_type, model, service_tier, context_window,
    uncached_tokens, cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens, output_tokens,
    web_search_requests, cast(null as string) as cost_type, cast(null as string) as kind,
    cast(null as numeric) as amount_usd
  from int_anthropic_usage
  union all
  select cost_date, workspace_id, api_key_id, user_email, actor_type, used_model, used_tier, used_window,
    null, null, null, null, null, null, cost_type, if(cost_type = 'usage', kind, null), amount_usd
  from int_anthropic_cost
),

totals as (
  select usage_date, workspace_id, api_key_id, user_email, model, service_tier, context_window,
    max(actor_type) as actor_type, sum(uncached_tokens) as uncached_tokens,
    sum(cache_read_tokens) as cache_read_tokens, sum(cache_write_5m_tokens) as cache_write_5m_tokens,
    sum(cache_write_1h_tokens) as cache_write_1h_tokens, sum(output_tokens) as output_tokens,
    sum(web_search_requests) as web_search_requests, sum(amount_usd) as cost_usd,
    sum(if(cost_type = 'usage', amount_usd, null)) as token_cost_usd,
    sum(if(cost_type = 'web_search', amount_usd, null)) as web_search_cost_usd,
    sum(if(cost_type = 'credit', amount_usd, null)) as credit_usd,
    sum(if(kind = 'uncached_input_tokens', amount_usd, null)) as uncached_input_cost_usd,
    sum(if(kind = 'cache_read_input_tokens', amount_usd, null)) as cache_read_cost_usd,
    sum(if(kind = 'cache_creation.ephemeral_5m_input_tokens', amount_usd, null)) as cache_write_5m_cost_usd,
    sum(if(kind = 'cache_creation.ephemeral_1h_input_tokens', amount_usd, null)) as cache_write_1h_cost_usd,
    sum(if(kind = 'output_tokens', amount_usd, null)) as output_cost_usd
  from parts
  group by usage_date, workspace_id, api_key_id, user_email, model, service_tier, context_window
)

select
  usage_date,
  workspace_id,
  api_key_id,
  user_email,
  actor_type,
  model,
  model_family(model) as model_family,
  service_tier,
  context_window,
  uncached_tokens as uncached_input_tokens,
  cache_read_tokens,
  cache_write_5m_tokens,
  cache_write_1h_tokens,
  output_tokens,
  web_search_requests,
  cost_usd,
  token_cost_usd,
  web_search_cost_usd,
  credit_usd,
  current_timestamp() as processed_at,
  uncached_input_cost_usd,
  cache_read_cost_usd,
  cache_write_5m_cost_usd,
  cache_write_1h_cost_usd,
  output_cost_usd
from totals
