-- One row is a UTC day and model of Anthropic: the tokens by kind, and what those with a price cost.
-- From fct_anthropic_tokens_daily.
-- Caveat: divide sums, and never average rates. Tokens of the priority tiers have no price.
select
  usage_date as day,
  date_trunc(usage_date, month) as month,
  coalesce(model_family, model, 'unknown') as model,
  cast(sum(coalesce(uncached_input_tokens, 0)) as int64) as uncached_input_tokens,
  cast(sum(coalesce(cache_read_tokens, 0)) as int64) as cache_read_tokens,
  cast(sum(coalesce(cache_write_5m_tokens, 0) + coalesce(cache_write_1h_tokens, 0)) as int64) as cache_write_tokens,
  cast(sum(coalesce(output_tokens, 0)) as int64) as output_tokens,
  cast(
    sum(
      if(
        token_cost_usd is null or output_tokens is null,
        0,
        coalesce(uncached_input_tokens, 0) + coalesce(cache_read_tokens, 0)
        + coalesce(cache_write_5m_tokens, 0) + coalesce(cache_write_1h_tokens, 0) + output_tokens
      )
    ) as int64
  ) as priced_tokens,
  cast(sum(if(output_tokens is null, 0, coalesce(token_cost_usd, 0))) as numeric) as token_cost_usd
from fct_anthropic_tokens_daily
where usage_date >= date '2000-01-01'
group by 1, 2, 3
