-- One row is a UTC day, workspace, API key, person, cost type, model, allocation and kind: Anthropic's units, cost.
-- From fct_anthropic_tokens_daily, tiers and context windows summed.
-- Caveat: the amounts divide rows of fct_cost_daily into kinds. They are not the cost if the vendor's split is used.
with
parts as (
  select tokens.usage_date, tokens.workspace_id, tokens.api_key_id, tokens.user_email, kind,
    if(kind = 'web_search', 'web_search', 'usage') as cost_type,
    -- a search is priced without a model
    if(kind = 'web_search', null, tokens.model) as model,
    case kind
      when 'uncached_input' then tokens.uncached_input_tokens
      when 'cache_read' then tokens.cache_read_tokens
      when 'cache_write_5m' then tokens.cache_write_5m_tokens
      when 'cache_write_1h' then tokens.cache_write_1h_tokens
      when 'output' then tokens.output_tokens
      else tokens.web_search_requests
    end as units,
    case kind
      when 'uncached_input' then tokens.uncached_input_cost_usd
      when 'cache_read' then tokens.cache_read_cost_usd
      when 'cache_write_5m' then tokens.cache_write_5m_cost_usd
      when 'cache_write_1h' then tokens.cache_write_1h_cost_usd
      when 'output' then tokens.output_cost_usd
      else tokens.web_search_cost_usd
    end as amount_usd
  from fct_anthropic_tokens_daily as tokens
  cross join unnest([
    'uncached_input', 'cache_read', 'cache_write_5m', 'cache_write_1h', 'output', 'web_search'
  ]) as kind
  where tokens.usage_date >= @first_day and tokens.usage_date < @end_day
)

select
  usage_date,
  workspace_id,
  api_key_id,
  user_email,
  cost_type,
  coalesce(model, 'unknown') as model,
  case
    when api_key_id is not null then 'key'
    when user_email != 'unattributed' then 'account'
    when units > 0 then 'no_key'
    else 'unmatched'
  end as allocation,
  kind,
  sum(if(units > 0, units, null)) as units,
  sum(amount_usd) as amount_usd
from parts
-- what no cost line prices, such as the tokens of priority tiers, is no charge
where amount_usd is not null
group by 1, 2, 3, 4, 5, 6, 7, 8
