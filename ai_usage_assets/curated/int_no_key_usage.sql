-- One row is a UTC day, workspace, model, service tier, kind and person: usage without an API key.
-- From raw_anthropic_usage, shared out over the accounts of raw_anthropic_account_usage.
-- Caveat: the row without a person is usage of no account, or of an account that is not in the list of users.
with
kinds as (
  select kind
  from unnest([
    'uncached_input_tokens', 'output_tokens', 'cache_read_input_tokens',
    'cache_creation.ephemeral_5m_input_tokens', 'cache_creation.ephemeral_1h_input_tokens',
    'web_search'
  ]) as kind
),

no_key_usage as (
  select ingest_date, workspace_id, model, service_tier, kinds.kind,
    sum(case kinds.kind
      when 'uncached_input_tokens' then uncached_input_tokens
      when 'output_tokens' then output_tokens
      when 'cache_read_input_tokens' then cache_read_input_tokens
      when 'cache_creation.ephemeral_5m_input_tokens' then coalesce(
        cache_creation_tokens - coalesce(cache_creation_1h_tokens, 0), cache_creation_5m_tokens
      )
      when 'cache_creation.ephemeral_1h_input_tokens' then cache_creation_1h_tokens
      when 'web_search' then web_search_requests
    end) as units
  from raw_anthropic_usage
  cross join kinds
  where ingest_date >= @first_day and ingest_date < @end_day and api_key_id = 'no_api_key'
  group by 1, 2, 3, 4, 5
),

account_usage as (
  select accounts.ingest_date, accounts.workspace_id, accounts.model, accounts.service_tier,
    kinds.kind, coalesce(aliases.email, lower(trim(users.value))) as user_email,
    sum(case kinds.kind
      when 'uncached_input_tokens' then accounts.uncached_input_tokens
      when 'output_tokens' then accounts.output_tokens
      when 'cache_read_input_tokens' then accounts.cache_read_input_tokens
      when 'cache_creation.ephemeral_5m_input_tokens' then accounts.cache_creation_5m_tokens
      when 'cache_creation.ephemeral_1h_input_tokens' then accounts.cache_creation_1h_tokens
      when 'web_search' then accounts.web_search_requests
    end) as units
  from raw_anthropic_account_usage as accounts
  cross join kinds
  left join int_list_versions as users
    on users.table_name = 'raw_anthropic_users' and users.attribute = 'email'
    and users.entry_id = accounts.account_id and trim(users.value) != ''
    and accounts.ingest_date >= users.valid_from and accounts.ingest_date < users.valid_to
  left join identity_aliases as aliases on aliases.alias = lower(trim(users.value))
  where accounts.ingest_date >= @first_day and accounts.ingest_date < @end_day
    and accounts.account_id is not null
  group by 1, 2, 3, 4, 5, 6
),

usage_totals as (
  select no_key_usage.ingest_date, no_key_usage.workspace_id, no_key_usage.model, no_key_usage.service_tier,
    no_key_usage.kind, no_key_usage.units, coalesce(sum(account_usage.units), 0) as account_units,
    coalesce(sum(if(account_usage.user_email is null, 0, account_usage.units)), 0) as person_units
  from no_key_usage
  left join account_usage
    on account_usage.ingest_date = no_key_usage.ingest_date and account_usage.workspace_id = no_key_usage.workspace_id
    and account_usage.model = no_key_usage.model and account_usage.kind = no_key_usage.kind
    and coalesce(account_usage.service_tier, '') = coalesce(no_key_usage.service_tier, '')
  where no_key_usage.units > 0
  group by 1, 2, 3, 4, 5, 6
),

weights as (
  select usage_totals.ingest_date, usage_totals.workspace_id, usage_totals.model, usage_totals.service_tier,
    usage_totals.kind, usage_totals.units, account_usage.user_email, account_usage.units as weight
  from usage_totals
  join account_usage
    on account_usage.ingest_date = usage_totals.ingest_date and account_usage.workspace_id = usage_totals.workspace_id
    and account_usage.model = usage_totals.model and account_usage.kind = usage_totals.kind
    and coalesce(account_usage.service_tier, '') = coalesce(usage_totals.service_tier, '')
  where account_usage.user_email is not null and account_usage.units > 0
  union all
  select ingest_date, workspace_id, model, service_tier, kind, units, cast(null as string),
    greatest(units, account_units) - person_units
  from usage_totals
  where greatest(units, account_units) > person_units
),

running_weights as (
  select ingest_date, workspace_id, model, service_tier, kind, units, user_email, weight,
    sum(weight) over (
      partition by ingest_date, workspace_id, model, service_tier, kind
    ) as total_weight,
    sum(weight) over (
      partition by ingest_date, workspace_id, model, service_tier, kind
      order by user_email nulls first rows between unbounded preceding and current row
    ) as running_weight
  from weights
)

select
  ingest_date,
  workspace_id,
  model,
  service_tier,
  kind,
  user_email,
  weight,
  -- whole units: each share ends where the next one begins, and the last one at the total
  case
    when total_weight = units then weight
    else cast(floor(cast(units as float64) * running_weight / total_weight) as int64)
      - cast(floor(cast(units as float64) * (running_weight - weight) / total_weight) as int64)
  end as units
from running_weights
