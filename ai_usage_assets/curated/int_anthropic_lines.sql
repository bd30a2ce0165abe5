-- One row is a UTC day and a cost line to share out: workspace, cost type, model, kind, tier, window and sign.
-- From raw_anthropic_cost; geographies and descriptions are summed.
-- Caveat: `line` only numbers the lines of a day, in the order of their dimensions.
with
lines as (
  select ingest_date as cost_date, workspace_id, cost_type, model,
    case cost_type when 'tokens' then token_type when 'web_search' then 'web_search' end as kind,
    if(cost_type = 'tokens', service_tier, null) as service_tier,
    if(cost_type = 'tokens', context_window, null) as context_window,
    amount_usd < 0 as is_credit,
    sum(amount_usd) as amount_usd
  from raw_anthropic_cost
  where ingest_date >= @first_day and ingest_date < @end_day
  group by 1, 2, 3, 4, 5, 6, 7, 8
)

select
  cost_date,
  workspace_id,
  cost_type,
  model,
  kind,
  service_tier,
  context_window,
  is_credit,
  amount_usd,
  row_number() over (
    partition by cost_date
    order by workspace_id, cost_type, model, kind, service_tier, context_window, is_credit
  ) as line
from lines
