-- One row is a part of a cost line: UTC day, workspace, API key or account, cost type, model and allocation.
-- From the lines' shares by key (int_key_shares); what has no key is shared over accounts (int_no_key_usage).
-- Caveat: what neither a key nor an account names stays `unattributed`.
with
account_claims as (
  select lines.cost_date, lines.line, accounts.user_email, sum(accounts.claim) as claim
  from int_anthropic_lines as lines
  join int_no_key_usage as accounts
    on accounts.ingest_date = lines.cost_date
    and accounts.workspace_id = lines.workspace_id
    and accounts.kind = lines.kind
  left join int_flex_tiers as named
    on named.cost_date = accounts.ingest_date
    and named.workspace_id = accounts.workspace_id
    and named.model = accounts.model
    and named.service_tier = accounts.service_tier
  where lines.kind = 'web_search'
    or (
      accounts.model = coalesce(lines.model, 'unknown')
      and not coalesce(accounts.service_tier like 'priority%', false)
      and (
        lines.service_tier is null
        or lines.service_tier = if(
          accounts.service_tier in ('flex', 'flex_discount') and named.service_tier is null,
          'standard', accounts.service_tier
        )
      )
    )
  group by 1, 2, 3
),

account_totals as (
  select shares.cost_date, shares.line, shares.amount_usd, claims.user_email, claims.claim,
    sum(claims.claim) over (partition by shares.cost_date, shares.line) as all_claims,
    sum(claims.claim) over (
      partition by shares.cost_date, shares.line order by claims.user_email nulls first
      rows between unbounded preceding and current row
    ) as claims_so_far
  from int_key_shares as shares
  left join account_claims as claims
    on claims.cost_date = shares.cost_date and claims.line = shares.line
  where shares.api_key_id = 'no_api_key'
),

shares as (
  select cost_date, line, api_key_id, cast(null as string) as account_email,
    if(api_key_id is null, 'unmatched', 'key') as allocation, amount_usd
  from int_key_shares
  where coalesce(api_key_id, '') != 'no_api_key'
  union all
  select cost_date, line, cast(null as string), user_email,
    if(user_email is null, 'no_key', 'account'),
    if(
      claim is null or claims_so_far = all_claims, amount_usd,
      cast(cast(amount_usd as float64) * claims_so_far / all_claims as numeric)
    ) - if(
      claim is null, 0,
      cast(cast(amount_usd as float64) * (claims_so_far - claim) / all_claims as numeric)
    )
  from account_totals
)

select
  lines.cost_date,
  lines.workspace_id,
  shares.api_key_id,
  coalesce(shares.account_email, owners.user_email, 'unattributed') as user_email,
  case
    when shares.account_email is not null then 'person'
    else coalesce(owners.actor_type, 'unknown')
  end as actor_type,
  case
    when lines.is_credit then 'credit'
    when lines.cost_type = 'tokens' then 'usage'
    else coalesce(lines.cost_type, 'unknown')
  end as cost_type,
  lines.model,
  shares.allocation,
  shares.amount_usd
from shares
join int_anthropic_lines as lines on lines.cost_date = shares.cost_date and lines.line = shares.line
left join int_key_owners as owners
  on owners.day = shares.cost_date and owners.api_key_id = shares.api_key_id
