-- One row is an event of Cursor: who made it, its kind, and whether it is charged on top of the plan.
-- From raw_cursor_events, raw_cursor_members and identity_aliases.
-- Caveat: the kind decides; isChargeable only narrows it, and decides alone where the kind is unknown.
with
classified as (
  select ingest_date, event_at, email, model, kind, is_chargeable, input_tokens, output_tokens,
    cache_write_tokens, cache_read_tokens, model_cost_usd, charged_usd, cursor_token_fee_usd,
    -- `Usage-based`, `USAGE_EVENT_KIND_USAGE_BASED` and ` usage based ` are one kind
    regexp_replace(
      regexp_replace(lower(kind), r'[^a-z0-9]+', ''), r'^usageeventkind', ''
    ) as spelling
  from raw_cursor_events
  where ingest_date >= @first_day and ingest_date < @end_day
),

kinds as (
  select ingest_date, event_at, email, model, kind, is_chargeable, input_tokens, output_tokens,
    cache_write_tokens, cache_read_tokens, model_cost_usd, charged_usd, cursor_token_fee_usd,
    case
      when coalesce(spelling, '') = '' then 'missing'
      when spelling like 'included%' then 'included'
      when spelling like 'errored%' then 'errored'
      when spelling like 'aborted%' then 'aborted'
      when spelling like '%notcharged%' then 'not_charged'
      when spelling like 'free%' then 'free'
      when spelling like 'userapikey%' then 'own_key'
      when spelling like 'customsubscription%' then 'custom_subscription'
      when spelling like 'usagebased%' or spelling like 'ondemand%' then 'usage'
      else 'unknown'
    end as charge_kind
  from classified
)

select
  kinds.ingest_date,
  kinds.event_at,
  coalesce(
    aliases.email, nullif(lower(trim(kinds.email)), ''), 'unattributed'
  ) as user_email,
  coalesce(nullif(kinds.model, ''), 'unknown') as model,
  kinds.kind,
  kinds.charge_kind,
  kinds.is_chargeable,
  case
    when kinds.charge_kind = 'usage' then coalesce(kinds.is_chargeable, true)
    when kinds.charge_kind in ('missing', 'unknown') then coalesce(kinds.is_chargeable, false)
    else false
  end as is_charged,
  kinds.input_tokens,
  kinds.output_tokens,
  kinds.cache_write_tokens,
  kinds.cache_read_tokens,
  -- answers of before 2026 have no charged_usd, which contains the fee
  coalesce(
    kinds.charged_usd, kinds.model_cost_usd + coalesce(kinds.cursor_token_fee_usd, 0)
  ) as amount_usd
from kinds
left join identity_aliases as aliases on aliases.alias = lower(trim(kinds.email))
