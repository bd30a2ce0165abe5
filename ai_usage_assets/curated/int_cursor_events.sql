-- One row is an event of Cursor: who made it, its kind, and whether it is charged on top of the plan.
-- From raw_cursor_events, the members' list on the day (int_list_versions) and identity_aliases.
-- Caveat: the kind decides; isChargeable only narrows it, and decides alone where the kind is unknown.
with
classified as (
  select ingest_date, event_at, email, user_id, service_account_id, model, kind, is_chargeable,
    input_tokens, output_tokens, cache_write_tokens, cache_read_tokens, model_cost_usd,
    charged_usd, cursor_token_fee_usd,
    -- `Usage-based`, `USAGE_EVENT_KIND_USAGE_BASED` and ` usage based ` are one kind
    regexp_replace(
      regexp_replace(lower(kind), r'[^a-z0-9]+', ''), r'^usageeventkind', ''
    ) as spelling
  from raw_cursor_events
  where ingest_date >= @first_day and ingest_date < @end_day
),

kinds as (
  select ingest_date, event_at, nullif(lower(trim(email)), '') as email, user_id,
    nullif(lower(trim(service_account_id)), '') as service_account_id, model, kind, is_chargeable,
    input_tokens, output_tokens, cache_write_tokens, cache_read_tokens, model_cost_usd,
    charged_usd, cursor_token_fee_usd,
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
  -- a service account's calls are its own, whoever's address they carry
  coalesce(
    kinds.service_account_id, aliases.email, kinds.email, lower(trim(members.value)), 'unattributed'
  ) as user_email,
  case
    when kinds.service_account_id is not null then 'service'
    when coalesce(kinds.email, members.value) is not null then 'person'
    else 'unknown'
  end as actor_type,
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
left join int_list_versions as members
  on kinds.email is null
  and members.table_name = 'raw_cursor_members' and members.attribute = 'email'
  and members.entry_id = kinds.user_id and trim(members.value) != ''
  and kinds.ingest_date >= members.valid_from and kinds.ingest_date < members.valid_to
left join identity_aliases as aliases
  on aliases.alias = coalesce(kinds.email, lower(trim(members.value)))
