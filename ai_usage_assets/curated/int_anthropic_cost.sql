-- One row is a part of a cost line: UTC day, workspace, API key or account, cost type, model and allocation.
-- From the lines' shares by key (int_key_shares). Shares without a key are shared over accounts (int_no_key_usage).
-- Caveat: cost with neither a key nor an account stays `unattributed`.
with
account_weights as (
  select lines.cost_date, lines.line, accounts.user_email, sum(accounts.weight) as weight
  from int_anthropic_lines as lines
  join int_no_key_usage as accounts
    on accounts.ingest_date = lines.cost_date
    and accounts.workspace_id = lines.workspace_id
    and accounts.kind = lines.kind
  left join int_flex_tiers as flex_tiers
    on flex_tiers.cost_date = accounts.ingest_date
    and flex_tiers.workspace_id = accounts.workspace_id
    and flex_tiers.model = accounts.model
    and flex_tiers.service_tier = accounts.service_tier
  where lines.kind = 'web_search'
    or (
      accounts.model = coalesce(lines.model, 'unknown')
      and not coalesce(accounts.service_tier like 'priority%', false)
      and (
        lines.service_tier is null
        or lines.service_tier = if(
          accounts.service_tier in ('flex', 'flex_discount') and flex_tiers.service_tier is null,
          'standard', accounts.service_tier
        )
      )
    )
  group by 1, 2, 3
),

account_shares as (
  select shares.cost_date, shares.line, shares.amount_usd, weights.user_email, weights.weight,
    sum(weights.weight) over (partition by shares.cost_date, shares.line) as total_weight,
    sum(weights.weight) over (
      partition by shares.cost_date, shares.line order by weights.user_email nulls first
      rows between unbounded preceding and current row
    ) as running_weight
  from int_key_shares as shares
  left join account_weights as weights
    on weights.cost_date = shares.cost_date and weights.line = shares.line
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
      weight is null or running_weight = total_weight, amount_usd,
      cast(cast(amount_usd as float64) * running_weight / total_weight as numeric)
    ) - if(
      weight is null, 0,
      cast(cast(amount_usd as float64) * (running_weight - weight) / total_weight as numeric)
    )
  from account_shares
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
