-- One row is a charge of the FOCUS view: cost of a day by person and kind, what a plan includes, or a correction.
-- From int_focus_anthropic, int_focus_cursor, fct_cost_daily (seats), fct_seats_daily and int_focus_corrections.
-- Caveat: billed_usd sums to fct_cost_daily. A correction and the row that takes it out of its closed month sum to 0.
with
seats as (
  select seat_date, platform, user_email, sum(seats) as seats, if(min(tier) = max(tier), min(tier), null) as tier
  from fct_seats_daily
  where seat_date >= @first_day and seat_date < @end_day and cost_usd is not null
  group by 1, 2, 3
)

select
  cost_date as charge_date, date_add(cost_date, interval 1 day) as charge_end,
  date_trunc(cost_date, month) as billing_month,
  'anthropic' as platform, workspace_id, api_key_id, user_email, actor_type, cost_type, model, allocation,
  kind, cast(null as string) as tier, cast(null as string) as correction,
  billed_usd, cast(null as numeric) as included_value_usd, units,
  cast(null as int64) as uncached_input_tokens, cast(null as int64) as output_tokens,
  cast(null as int64) as cache_read_tokens, cast(null as int64) as cache_write_tokens
from int_focus_anthropic
union all
select
  cost_date, date_add(cost_date, interval 1 day), date_trunc(cost_date, month),
  'cursor', cast(null as string), cast(null as string), user_email, actor_type, cost_type, model, allocation,
  'requests', cast(null as string), cast(null as string),
  billed_usd, included_value_usd, requests,
  uncached_input_tokens, output_tokens, cache_read_tokens, cache_write_tokens
from int_focus_cursor
union all
select
  costs.cost_date, date_add(costs.cost_date, interval 1 day), date_trunc(costs.cost_date, month),
  costs.platform, cast(null as string), cast(null as string), costs.user_email, costs.actor_type, costs.cost_type,
  costs.model, costs.allocation, 'seats', seats.tier, cast(null as string),
  cast(costs.cost_usd as numeric), cast(null as numeric), seats.seats,
  cast(null as int64), cast(null as int64), cast(null as int64), cast(null as int64)
from fct_cost_daily as costs
left join seats
  on seats.seat_date = costs.cost_date and seats.platform = costs.platform and seats.user_email = costs.user_email
where (costs.cost_type = 'subscription' or costs.platform not in ('anthropic', 'cursor'))
  and costs.cost_date >= @first_day and costs.cost_date < @end_day
union all
select
  corrections.cost_month, date_add(corrections.cost_month, interval 1 month),
  if(kind = 'booked', corrections.booking_month, corrections.cost_month),
  corrections.platform, cast(null as string), cast(null as string), corrections.user_email, cast(null as string),
  corrections.cost_type, cast(null as string), cast(null as string), cast(null as string), cast(null as string), kind,
  cast(sum(if(kind = 'booked', corrections.billed_usd, -corrections.billed_usd)) as numeric), cast(null as numeric),
  cast(null as int64), cast(null as int64), cast(null as int64), cast(null as int64), cast(null as int64)
from int_focus_corrections as corrections
cross join unnest(['booked', 'taken_out']) as kind
group by 1, 2, 3, 4, 7, 9, 14
