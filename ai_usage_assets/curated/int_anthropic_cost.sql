-- One row is a part of a cost line, with its key or account, and the model, tier and window of its usage.
-- From the lines' shares by key (int_key_shares). Shares without a key are shared over accounts (int_no_key_usage).
-- Caveat: cost with neither a key nor an account stays `unattributed`.
with
account_weights as (
  select lines.cost_date, lines.line, accounts.user_email,
    accounts.model as used_model, accounts.service_tier as used_tier, sum(accounts.weight) as weight
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
  group by 1, 2, 3, 4, 5
),

no_key_shares as (
  select cost_date, line, sum(amount_usd) as amount_usd
  from int_key_shares
  where api_key_id = 'no_api_key'
  group by 1, 2
),

account_shares as (
  select shares.cost_date, shares.line, shares.amount_usd, weights.user_email,
    weights.used_model, weights.used_tier, weights.weight,
    sum(weights.weight) over (partition by shares.cost_date, shares.line) as total_weight,
    sum(weights.weight) over (
      partition by shares.cost_date, shares.line
      order by weights.user_email nulls first, weights.used_model nulls first, weights.used_tier nulls first
      rows between unbounded preceding and current row
    ) as running_weight
  from no_key_shares as shares
  left join account_weights as weights
    on weights.cost_date = shares.cost_date and weights.line = shares.line
),

shares as (
  select cost_date, line, api_key_id, cast(null as string) as account_email, used_model, used_tier, used_window,
    if(api_key_id is null, 'unmatched', 'key') as allocation, amount_usd
  from int_key_shares
  where coalesce(api_key_id, '') != 'no_api_key'
  union all
  select cost_date, line, cast(null as string), user_email, used_model, used_tier, cast(null as string),
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
  lines.kind,
  shares.allocation,
  -- a line that no usage matches has only its own dimensions
  coalesce(shares.used_model, lines.model) as used_model,
  if(shares.used_model is null, lines.service_tier, shares.used_tier) as used_tier,
  if(shares.used_model is null, lines.context_window, shares.used_window) as used_window,
  shares.amount_usd
from shares
join int_anthropic_lines as lines on lines.cost_date = shares.cost_date and lines.line = shares.line
left join int_key_owners as owners
  on owners.day = shares.cost_date and owners.api_key_id = shares.api_key_id
