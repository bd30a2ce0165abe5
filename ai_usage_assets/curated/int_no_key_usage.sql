-- One row is a UTC day, workspace, model, service tier, kind and person: usage that carries no API key.
-- From raw_anthropic_usage, shared out over the accounts of raw_anthropic_account_usage.
-- Caveat: the row without a person is what no account names, or one that the list of users does not know.
with
kinds as (
  select kind
  from unnest([
    'uncached_input_tokens', 'output_tokens', 'cache_read_input_tokens',
    'cache_creation.ephemeral_5m_input_tokens', 'cache_creation.ephemeral_1h_input_tokens',
    'web_search'
  ]) as kind
),

used as (
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

named as (
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

cells as (
  select used.ingest_date, used.workspace_id, used.model, used.service_tier, used.kind,
    used.units, coalesce(sum(named.units), 0) as account_units,
    coalesce(sum(if(named.user_email is null, 0, named.units)), 0) as named_units
  from used
  left join named
    on named.ingest_date = used.ingest_date and named.workspace_id = used.workspace_id
    and named.model = used.model and named.kind = used.kind
    and coalesce(named.service_tier, '') = coalesce(used.service_tier, '')
  where used.units > 0
  group by 1, 2, 3, 4, 5, 6
),

claims as (
  select cells.ingest_date, cells.workspace_id, cells.model, cells.service_tier, cells.kind,
    cells.units, named.user_email, named.units as claim
  from cells
  join named
    on named.ingest_date = cells.ingest_date and named.workspace_id = cells.workspace_id
    and named.model = cells.model and named.kind = cells.kind
    and coalesce(named.service_tier, '') = coalesce(cells.service_tier, '')
  where named.user_email is not null and named.units > 0
  union all
  select ingest_date, workspace_id, model, service_tier, kind, units, cast(null as string),
    greatest(units, account_units) - named_units
  from cells
  where greatest(units, account_units) > named_units
),

ranked as (
  select ingest_date, workspace_id, model, service_tier, kind, units, user_email, claim,
    sum(claim) over (
      partition by ingest_date, workspace_id, model, service_tier, kind
    ) as all_claims,
    sum(claim) over (
      partition by ingest_date, workspace_id, model, service_tier, kind
      order by user_email nulls first rows between unbounded preceding and current row
    ) as claims_so_far
  from claims
)

select
  ingest_date,
  workspace_id,
  model,
  service_tier,
  kind,
  user_email,
  claim,
  -- whole units: each share ends where the next begins, and the last one at the cell's own units
  case
    when all_claims = units then claim
    else cast(floor(cast(units as float64) * claims_so_far / all_claims) as int64)
      - cast(floor(cast(units as float64) * (claims_so_far - claim) / all_claims) as int64)
  end as units
from ranked
