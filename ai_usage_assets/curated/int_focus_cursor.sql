-- One row is a UTC day, person, model and whether Cursor charges the calls on top of the plan: calls, tokens and money.
-- From fct_cursor_requests_daily, and fct_cost_daily for what is charged.
-- Caveat: calls that failed, used the person's own key or have no price are left out, as they are no charge.
with
calls as (
  select usage_date, user_email, model, is_charged, max(actor_type) as actor_type, sum(requests) as requests,
    sum(uncached_input_tokens) as uncached_input_tokens, sum(output_tokens) as output_tokens,
    sum(cache_read_tokens) as cache_read_tokens, sum(cache_write_tokens) as cache_write_tokens,
    sum(included_value_usd) as included_value_usd
  from fct_cursor_requests_daily
  where usage_date >= @first_day and usage_date < @end_day
    and (is_charged or charge_kind not in ('own_key', 'errored', 'aborted', 'not_charged'))
  group by 1, 2, 3, 4
)

select
  costs.cost_date,
  costs.user_email,
  costs.actor_type,
  costs.cost_type,
  costs.model,
  costs.allocation,
  cast(costs.cost_usd as numeric) as billed_usd,
  cast(null as numeric) as included_value_usd,
  calls.requests,
  calls.uncached_input_tokens,
  calls.output_tokens,
  calls.cache_read_tokens,
  calls.cache_write_tokens
from fct_cost_daily as costs
left join calls
  on calls.is_charged and calls.usage_date = costs.cost_date
  and calls.user_email = costs.user_email and calls.model = costs.model
where costs.platform = 'cursor' and costs.cost_type != 'subscription'
  and costs.cost_date >= @first_day and costs.cost_date < @end_day
union all
select
  usage_date,
  user_email,
  actor_type,
  'included',
  model,
  'event',
  cast(0 as numeric),
  coalesce(included_value_usd, 0),
  requests,
  uncached_input_tokens,
  output_tokens,
  cache_read_tokens,
  cache_write_tokens
from calls
where not is_charged
