-- One row is a row of Anthropic's cost in fct_cost_daily, divided by the kind of its tokens or searches.
-- From fct_cost_daily and int_focus_tokens; the parts of a row sum to it.
-- Caveat: cost whose kinds have no units, or are not known, is one row with `kind` and `units` NULL.
with
shares as (
  -- a row that the vendor divides itself is divided by the units of all allocations
  select usage_date, workspace_id, api_key_id, user_email, cost_type, model, kind, divided, units, amount_usd
  from int_focus_tokens
  cross join unnest([allocation, 'vendor']) as divided
),

costs as (
  select cost_date, workspace_id, api_key_id, user_email, cost_type, model,
    -- an account whose person is forgotten is usage without a key, which is all that its tokens tell
    if(user_email = 'unattributed' and allocation = 'account', 'no_key', allocation) as allocation,
    max(actor_type) as actor_type, sum(cost_usd) as cost_usd
  from fct_cost_daily
  where platform = 'anthropic' and cost_type != 'subscription' and cost_date >= @first_day and cost_date < @end_day
  group by 1, 2, 3, 4, 5, 6, 7
),

parts as (
  select costs.cost_date, costs.workspace_id, costs.api_key_id, costs.user_email, costs.cost_type, costs.model,
    costs.allocation, costs.actor_type, costs.cost_usd, tokens.kind, tokens.units,
    tokens.amount_usd
  from costs
  left join shares as tokens
    on tokens.usage_date = costs.cost_date
    and tokens.workspace_id = costs.workspace_id
    and coalesce(tokens.api_key_id, '') = coalesce(costs.api_key_id, '')
    and tokens.user_email = costs.user_email
    and tokens.cost_type = costs.cost_type
    and tokens.model = coalesce(costs.model, 'unknown')
    and tokens.divided = costs.allocation
),

kinds as (
  select cost_date, workspace_id, api_key_id, user_email, cost_type, model, allocation, kind,
    max(actor_type) as actor_type, max(cost_usd) as cost_usd, sum(units) as units, sum(amount_usd) as amount_usd
  from parts
  group by 1, 2, 3, 4, 5, 6, 7, 8
),

metered as (
  select cost_date, workspace_id, api_key_id, user_email, cost_type, model, allocation,
    if(units is null, null, kind) as kind,
    max(actor_type) as actor_type, max(cost_usd) as cost_usd, sum(units) as units, sum(amount_usd) as amount_usd
  from kinds
  group by 1, 2, 3, 4, 5, 6, 7, 8
),

running_totals as (
  select cost_date, workspace_id, api_key_id, user_email, cost_type, model, allocation, kind, actor_type, cost_usd,
    units, amount_usd,
    sum(amount_usd) over (
      partition by cost_date, workspace_id, api_key_id, user_email, cost_type, model, allocation
    ) as total_usd,
    sum(amount_usd) over (
      partition by cost_date, workspace_id, api_key_id, user_email, cost_type, model, allocation order by kind
      rows between unbounded preceding and current row
    ) as running_usd,
    row_number() over (
      partition by cost_date, workspace_id, api_key_id, user_email, cost_type, model, allocation order by kind desc
    ) as parts_left
  from metered
)

select
  cost_date,
  workspace_id,
  api_key_id,
  user_email,
  actor_type,
  cost_type,
  model,
  allocation,
  kind,
  -- each part ends where the next one begins, and the last one at the cost, so the parts sum to it
  if(
    parts_left = 1, cast(cost_usd as numeric),
    cast(coalesce(cast(cost_usd as float64) * safe_divide(cast(running_usd as float64), cast(total_usd as float64)), 0)
      as numeric)
  ) - coalesce(
    cast(cast(cost_usd as float64) * safe_divide(cast(running_usd - amount_usd as float64), cast(total_usd as float64))
      as numeric), 0
  ) as billed_usd,
  units
from running_totals
