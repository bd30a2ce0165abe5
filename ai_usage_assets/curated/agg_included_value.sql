-- One row is a month, person and model: what Cursor's seats cover, at list value.
-- From raw_cursor_events and identity_aliases.
-- Caveat: this is no cost and is never to be added to cost; the seat's price is the cost.
with
aliases as (
  select alias, email
  from identity_aliases
),

included as (
  select
    date_trunc(ingest_date, month) as month,
    coalesce(nullif(lower(trim(email)), ''), 'unattributed') as email,
    coalesce(model, 'unknown') as model,
    coalesce(charged_usd, model_cost_usd + coalesce(cursor_token_fee_usd, 0)) as value_usd
  from raw_cursor_events
  where ingest_date >= date '2000-01-01'
    and not coalesce(is_chargeable, lower(trim(kind)) = 'usage-based', false)
)

select
  included.month,
  coalesce(aliases.email, included.email) as user_email,
  included.model,
  count(*) as requests,
  sum(included.value_usd) as included_value_usd
from included
left join aliases on aliases.alias = included.email
group by 1, 2, 3
