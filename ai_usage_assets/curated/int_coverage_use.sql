-- One row is a UTC day, topic and platform: use that has no price of its own, or whose charge or place is not decided.
-- From fct_usage_daily, fct_anthropic_tokens_daily and fct_cursor_requests_daily.
-- Caveat: charge_undecided are calls of Cursor without a known kind, and calls of usage without isChargeable.
select usage_date as day, 'tokens_of_a_seat' as topic, platform, 'tokens' as unit,
  sum(coalesce(input_tokens, 0) + coalesce(output_tokens, 0)) as items, cast(null as numeric) as cost_usd
from fct_usage_daily
where usage_date >= date '2000-01-01' and platform = 'claude_code'
group by 1, 3
having sum(coalesce(input_tokens, 0) + coalesce(output_tokens, 0)) > 0
union all
select usage_date, 'tokens_without_price', 'anthropic', 'tokens',
  sum(
    coalesce(uncached_input_tokens, 0) + coalesce(cache_read_tokens, 0)
    + coalesce(cache_write_5m_tokens, 0) + coalesce(cache_write_1h_tokens, 0)
    + coalesce(output_tokens, 0)
  ),
  cast(null as numeric)
from fct_anthropic_tokens_daily
where usage_date >= date '2000-01-01' and service_tier like 'priority%'
group by 1
union all
select usage_date, 'calls_of_the_plan', 'cursor', 'calls', sum(requests), cast(null as numeric)
from fct_cursor_requests_daily
where usage_date >= date '2000-01-01'
  and not is_charged and charge_kind not in ('own_key', 'errored', 'aborted', 'not_charged')
group by 1
union all
select usage_date, 'own_key_calls', 'cursor', 'calls', sum(requests), cast(null as numeric)
from fct_cursor_requests_daily
where usage_date >= date '2000-01-01' and charge_kind = 'own_key'
group by 1
union all
select usage_date, 'charge_undecided', 'cursor', 'calls', sum(requests), cast(sum(cost_usd) as numeric)
from fct_cursor_requests_daily
where usage_date >= date '2000-01-01'
  and (charge_kind in ('missing', 'unknown') or (charge_kind = 'usage' and is_chargeable is null))
group by 1
