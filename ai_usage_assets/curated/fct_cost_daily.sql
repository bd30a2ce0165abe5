-- One row is a UTC day, platform, workspace, API key, person, cost type, model and allocation.
-- From int_anthropic_cost (int_vendor_cost where both sums are equal), int_cursor_events and int_seat_charges.
-- Caveat: an event without a price is left out. The check events_are_priced counts it.
with
amounts as (
  select lines.cost_date, 'anthropic' as platform, lines.workspace_id, lines.api_key_id,
    lines.user_email, lines.cost_type, lines.model, lines.allocation, lines.actor_type,
    lines.amount_usd
  from int_anthropic_cost as lines
  left join int_vendor_days as vendor_days
    on vendor_days.cost_date = lines.cost_date and vendor_days.workspace_id = lines.workspace_id
  where vendor_days.workspace_id is null
  union all
  select cost_date, 'anthropic', workspace_id, api_key_id, user_email, cost_type, model,
    'vendor', actor_type, amount_usd
  from int_vendor_cost
  union all
  select ingest_date, 'cursor', cast(null as string), cast(null as string), user_email, 'overage',
    model, 'event', actor_type, amount_usd
  from int_cursor_events
  where is_charged and amount_usd is not null
  union all
  select cost_date, platform, cast(null as string), cast(null as string), user_email,
    'subscription', cast(null as string), 'seat',
    if(user_email = 'unattributed', 'unknown', 'person'), amount_usd
  from int_seat_charges
),

day_rows as (
  select cost_date, platform, workspace_id, api_key_id, user_email, cost_type, model, allocation,
    max(actor_type) as actor_type, sum(amount_usd) as amount_usd
  from amounts
  group by 1, 2, 3, 4, 5, 6, 7, 8
),

running_total as (
  select cost_date, platform, workspace_id, api_key_id, user_email, cost_type, model, allocation,
    actor_type, amount_usd,
    sum(amount_usd) over (
      partition by cost_date, platform
      order by workspace_id nulls first, api_key_id nulls first, user_email nulls first,
        cost_type nulls first, model nulls first, allocation nulls first
      rows between unbounded preceding and current row
    ) as running_total_usd
  from day_rows
)

select
  cost_date,
  platform,
  workspace_id,
  api_key_id,
  user_email,
  -- the differences of rounded running totals sum to the rounded total; rounded rows would not
  round(running_total_usd, 4) - round(running_total_usd - amount_usd, 4) as cost_usd,
  cost_type,
  model,
  current_timestamp() as processed_at,
  allocation,
  actor_type,
  model_family(model) as model_family
from running_total
