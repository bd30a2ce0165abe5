-- One row is an event of Cursor: its person, its kind, and whether it is charged in addition to the plan.
-- From raw_cursor_events, the members' list on the day (int_list_versions) and identity_aliases.
-- Caveat: an event is charged by its kind, if isChargeable is not false; if the kind is unknown, by isChargeable alone.
with
cleaned as (
  select ingest_date, event_at, email, user_id, service_account_id, model, kind, is_chargeable,
    is_headless, max_mode, cloud_agent_id, automation_id, request_units,
    input_tokens, output_tokens, cache_write_tokens, cache_read_tokens, model_cost_usd,
    charged_usd, cursor_token_fee_usd,
    -- `Usage-based`, `USAGE_EVENT_KIND_USAGE_BASED` and ` usage based ` are the same kind
    regexp_replace(
      regexp_replace(lower(kind), r'[^a-z0-9]+', ''), r'^usageeventkind', ''
    ) as plain_kind
  from raw_cursor_events
  where ingest_date >= @first_day and ingest_date < @end_day
),

classified as (
  select ingest_date, event_at, nullif(lower(trim(email)), '') as email, user_id,
    nullif(lower(trim(service_account_id)), '') as service_account_id, model, kind, is_chargeable,
    is_headless, max_mode, cloud_agent_id, automation_id, request_units,
    input_tokens, output_tokens, cache_write_tokens, cache_read_tokens, model_cost_usd,
    charged_usd, cursor_token_fee_usd,
    case
      when coalesce(plain_kind, '') = '' then 'missing'
      when plain_kind like 'included%' then 'included'
      when plain_kind like 'errored%' then 'errored'
      when plain_kind like 'aborted%' then 'aborted'
      when plain_kind like '%notcharged%' then 'not_charged'
      when plain_kind like 'free%' then 'free'
      when plain_kind like 'userapikey%' then 'own_key'
      when plain_kind like 'customsubscription%' then 'custom_subscription'
      when plain_kind like 'usagebased%' or plain_kind like 'ondemand%' then 'usage'
      else 'unknown'
    end as charge_kind
  from cleaned
)

select
  classified.ingest_date,
  classified.event_at,
  -- a call of a service account belongs to it, whatever e-mail the event has
  coalesce(
    classified.service_account_id, aliases.email, classified.email, lower(trim(members.value)), 'unattributed'
  ) as user_email,
  case
    when classified.service_account_id is not null then 'service'
    when coalesce(classified.email, members.value) is not null then 'person'
    else 'unknown'
  end as actor_type,
  coalesce(nullif(classified.model, ''), 'unknown') as model,
  classified.kind,
  classified.charge_kind,
  classified.is_chargeable,
  case
    when classified.charge_kind = 'usage' then coalesce(classified.is_chargeable, true)
    when classified.charge_kind in ('missing', 'unknown') then coalesce(classified.is_chargeable, false)
    else false
  end as is_charged,
  -- what the seat covers: neither charged, nor failed, nor paid elsewhere
  case
    when classified.charge_kind in ('own_key', 'errored', 'aborted', 'not_charged') then false
    when classified.charge_kind = 'usage' then not coalesce(classified.is_chargeable, true)
    when classified.charge_kind in ('missing', 'unknown') then not coalesce(classified.is_chargeable, false)
    else true
  end as is_included,
  classified.is_headless,
  classified.max_mode as is_max_mode,
  coalesce(trim(classified.cloud_agent_id), '') != '' as is_cloud_agent,
  coalesce(trim(classified.automation_id), '') != '' as is_automation,
  classified.request_units,
  classified.input_tokens,
  classified.output_tokens,
  classified.cache_write_tokens,
  classified.cache_read_tokens,
  -- responses before 2026 have no charged_usd, which includes the fee
  coalesce(
    classified.charged_usd, classified.model_cost_usd + coalesce(classified.cursor_token_fee_usd, 0)
  ) as amount_usd
from classified
left join int_list_versions as members
  on members.table_name = 'raw_cursor_members' and members.attribute = 'email' and trim(members.value) != ''
  and members.entry_id = if(classified.email is null, classified.user_id, null)
  and classified.ingest_date >= members.valid_from and classified.ingest_date < members.valid_to
left join identity_aliases as aliases
  on aliases.alias = coalesce(classified.email, lower(trim(members.value)))
