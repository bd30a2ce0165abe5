-- One row is a UTC day, platform, workspace, API key, person, cost type, model and allocation.
-- From raw_cursor_events and aliases: so far the overage, what Cursor charges on top of the seats.
-- Caveat: a chargeable event whose price nobody knows is not in it; a check counts those.
with
aliases as (
  select alias, email
  from identity_aliases
),

cursor_charges as (
  select
    events.ingest_date as cost_date,
    coalesce(aliases.email, nullif(lower(trim(events.email)), ''), 'unattributed') as user_email,
    coalesce(nullif(events.model, ''), 'unknown') as model,
    -- answers of before 2026 have no charged_usd, which contains the fee
    coalesce(
      events.charged_usd,
      events.model_cost_usd + coalesce(events.cursor_token_fee_usd, 0)
    ) as amount_usd
  from raw_cursor_events as events
  left join aliases on aliases.alias = lower(trim(events.email))
  where events.ingest_date >= @first_day and events.ingest_date < @end_day
    -- answers of before 2026 have no is_chargeable either
    and coalesce(events.is_chargeable, lower(trim(events.kind)) = 'usage-based')
),

amounts as (
  select cost_date, 'cursor' as platform, cast(null as string) as workspace_id,
    cast(null as string) as api_key_id, user_email, 'overage' as cost_type, model,
    'event' as allocation, sum(amount_usd) as amount_usd
  from cursor_charges
  where amount_usd is not null
  group by cost_date, user_email, model
),

running as (
  select cost_date, platform, workspace_id, api_key_id, user_email, cost_type, model, allocation,
    amount_usd,
    sum(amount_usd) over (
      partition by cost_date, platform
      order by workspace_id nulls first, api_key_id nulls first, user_email nulls first,
        cost_type nulls first, model nulls first, allocation nulls first
      rows between unbounded preceding and current row
    ) as total_usd
  from amounts
)

select
  cost_date,
  platform,
  workspace_id,
  api_key_id,
  user_email,
  -- rounding the running sum keeps the day's sum; rounding each row would not
  round(total_usd, 4) - round(total_usd - amount_usd, 4) as cost_usd,
  cost_type,
  model,
  current_timestamp() as processed_at,
  allocation
from running
