-- One row is a day, and for cost lines of an unknown type that type.
-- part: Anthropic's cost lines of an unknown cost_type or token_type. whole: what these are worth in dollars.
select
  ingest_date as day,
  if(
    is_known, null, concat(coalesce(cost_type, 'no cost_type'), '/', coalesce(token_type, 'no token_type'))
  ) as subject,
  countif(not is_known) as part,
  sum(if(is_known, 0, amount_usd)) as whole
from (
  select
    ingest_date,
    cost_type,
    token_type,
    amount_usd,
    coalesce(
      cost_type in ('web_search', 'code_execution', 'session_usage')
      or (
        cost_type = 'tokens'
        and token_type in (
          'uncached_input_tokens', 'output_tokens', 'cache_read_input_tokens',
          'cache_creation.ephemeral_5m_input_tokens', 'cache_creation.ephemeral_1h_input_tokens'
        )
      ),
      false
    ) as is_known
  from raw_anthropic_cost
  where ingest_date >= @first_day and ingest_date < @end_day
) as lines
group by 1, 2
