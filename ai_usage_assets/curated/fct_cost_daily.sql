-- One row is a UTC day, platform, workspace, API key, person, cost type, model and allocation.
-- From raw_anthropic_cost shared out by raw_anthropic_usage, raw_cursor_events and seats (int_seat_charges).
-- Caveat: within a line's cell one price is assumed; an event that nobody can price is left out.
with
aliases as (
  select alias, email
  from identity_aliases
),

users as (
  select user_id, nullif(lower(trim(email)), '') as email
  from raw_anthropic_users
),

-- Anthropic: a line is shared out by its own kind of token, in the cell that the vendor names

cost_lines as (
  select ingest_date as cost_date, workspace_id, cost_type, model,
    case cost_type when 'tokens' then token_type when 'web_search' then 'web_search' end as kind,
    if(cost_type = 'tokens', service_tier, null) as service_tier,
    if(cost_type = 'tokens', context_window, null) as context_window,
    sum(amount_usd) as amount_usd
  from raw_anthropic_cost
  where ingest_date >= @first_day and ingest_date < @end_day
  group by 1, 2, 3, 4, 5, 6, 7
),

named_tiers as (
  select distinct cost_date, workspace_id, coalesce(model, 'unknown') as model, service_tier
  from cost_lines
  where service_tier in ('flex', 'flex_discount')
),

anthropic_usage as (
  select usage.ingest_date as cost_date, usage.workspace_id, usage.api_key_id, usage.model,
    usage.service_tier like 'priority%' as is_priority,
    if(
      usage.service_tier in ('flex', 'flex_discount') and named_tiers.service_tier is null,
      'standard', usage.service_tier
    ) as service_tier,
    usage.context_window, usage.uncached_input_tokens, usage.output_tokens,
    usage.cache_read_input_tokens, usage.cache_creation_5m_tokens,
    usage.cache_creation_1h_tokens, usage.web_search_requests
  from raw_anthropic_usage as usage
  left join named_tiers
    on named_tiers.cost_date = usage.ingest_date
    and named_tiers.workspace_id = usage.workspace_id
    and named_tiers.model = usage.model
    and named_tiers.service_tier = usage.service_tier
  where usage.ingest_date >= @first_day and usage.ingest_date < @end_day
),

units as (
  select usage.cost_date, usage.workspace_id, usage.api_key_id, kind,
    -- a search is priced alike whatever the model, tier and window
    if(kind = 'web_search', 'any', usage.model) as model,
    if(kind = 'web_search', null, usage.service_tier) as service_tier,
    if(kind = 'web_search', null, usage.context_window) as context_window,
    case kind
      when 'uncached_input_tokens' then usage.uncached_input_tokens
      when 'output_tokens' then usage.output_tokens
      when 'cache_read_input_tokens' then usage.cache_read_input_tokens
      when 'cache_creation.ephemeral_5m_input_tokens' then usage.cache_creation_5m_tokens
      when 'cache_creation.ephemeral_1h_input_tokens' then usage.cache_creation_1h_tokens
      when 'web_search' then usage.web_search_requests
    end as amount
  from anthropic_usage as usage
  cross join unnest([
    'uncached_input_tokens', 'output_tokens', 'cache_read_input_tokens',
    'cache_creation.ephemeral_5m_input_tokens', 'cache_creation.ephemeral_1h_input_tokens',
    'web_search'
  ]) as kind
  -- the cost report leaves out the tokens of the priority tiers, not their searches
  where kind = 'web_search' or not coalesce(usage.is_priority, false)
),

claims as (
  select lines.cost_date, lines.workspace_id, lines.cost_type, lines.model, lines.kind,
    lines.service_tier, lines.context_window, lines.amount_usd,
    units.api_key_id, sum(units.amount) as claim
  from cost_lines as lines
  left join units
    on units.cost_date = lines.cost_date
    and units.workspace_id = lines.workspace_id
    and units.kind = lines.kind
    and units.model = if(lines.kind = 'web_search', 'any', coalesce(lines.model, 'unknown'))
    and (lines.service_tier is null or units.service_tier = lines.service_tier)
    and (lines.context_window is null or units.context_window = lines.context_window)
    and units.amount > 0
  group by 1, 2, 3, 4, 5, 6, 7, 8, 9
),

ranked as (
  select cost_date, workspace_id, cost_type, model, amount_usd, api_key_id, claim,
    sum(claim) over (
      partition by cost_date, workspace_id, cost_type, model, kind, service_tier, context_window
    ) as all_claims,
    sum(claim) over (
      partition by cost_date, workspace_id, cost_type, model, kind, service_tier, context_window
      order by nullif(api_key_id, 'no_api_key') nulls first
      rows between unbounded preceding and current row
    ) as claims_so_far
  from claims
),

shares as (
  select cost_date, workspace_id, nullif(api_key_id, 'no_api_key') as api_key_id, model,
    if(cost_type = 'tokens', 'usage', coalesce(cost_type, 'unknown')) as cost_type,
    case
      when claim is null then 'unmatched'
      when api_key_id = 'no_api_key' then 'no_key'
      else 'key'
    end as allocation,
    -- each share ends where the next begins and the last one at the amount: nothing gets lost
    if(
      claim is null or claims_so_far = all_claims, amount_usd,
      cast(cast(amount_usd as float64) * claims_so_far / all_claims as numeric)
    ) - if(
      claim is null, 0,
      cast(cast(amount_usd as float64) * (claims_so_far - claim) / all_claims as numeric)
    ) as amount_usd
  from ranked
),

key_owners as (
  select key_days.cost_date, key_days.api_key_id,
    coalesce(lower(trim(overrides.email)), principals.email, creators.email) as email
  from (select distinct cost_date, api_key_id from shares) as key_days
  left join identity_api_key_owners as overrides
    on overrides.api_key_id = key_days.api_key_id
    and key_days.cost_date >= coalesce(overrides.valid_from, date '0001-01-01')
    and key_days.cost_date <= coalesce(overrides.valid_to, date '9999-12-31')
  left join raw_anthropic_api_keys as register on register.api_key_id = key_days.api_key_id
  left join users as principals on principals.user_id = register.principal_id
  left join users as creators on creators.user_id = register.created_by_id
  where key_days.api_key_id is not null
  qualify row_number() over (
    partition by key_days.cost_date, key_days.api_key_id
    order by overrides.valid_from desc nulls last, overrides.email
  ) = 1
),

-- Cursor: what it charges on top of the seats

cursor_charges as (
  select ingest_date as cost_date, user_email, model, amount_usd
  from int_cursor_events
  where is_charged
),

amounts as (
  select shares.cost_date, 'anthropic' as platform, shares.workspace_id, shares.api_key_id,
    coalesce(aliases.email, key_owners.email, 'unattributed') as user_email, shares.cost_type,
    shares.model, shares.allocation, shares.amount_usd
  from shares
  left join key_owners
    on key_owners.cost_date = shares.cost_date and key_owners.api_key_id = shares.api_key_id
  left join aliases on aliases.alias = key_owners.email
  union all
  select cost_date, 'cursor', cast(null as string), cast(null as string), user_email, 'overage',
    model, 'event', amount_usd
  from cursor_charges
  where amount_usd is not null
  union all
  select cost_date, platform, cast(null as string), cast(null as string), user_email,
    'subscription', cast(null as string), 'seat', amount_usd
  from int_seat_charges
),

rows_of_the_day as (
  select cost_date, platform, workspace_id, api_key_id, user_email, cost_type, model, allocation,
    sum(amount_usd) as amount_usd
  from amounts
  group by 1, 2, 3, 4, 5, 6, 7, 8
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
  from rows_of_the_day
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
