-- One row is a day, and for cost without usage the workspace with the model or cost type.
-- part: Anthropic's cost of tokens and searches that no usage matches. whole: Anthropic's metered cost.
select
  cost_date as day,
  if(has_no_usage, concat(workspace_id, ' ', coalesce(model, cost_type)), null) as subject,
  sum(if(has_no_usage, abs(cost_usd), 0)) as part,
  sum(abs(cost_usd)) as whole
from (
  select
    cost_date,
    workspace_id,
    model,
    cost_type,
    cost_usd,
    allocation = 'unmatched' and cost_type in ('usage', 'web_search') as has_no_usage
  from fct_cost_daily
  where cost_date >= @first_day and cost_date < @end_day and platform = 'anthropic' and allocation != 'seat'
) as metered
group by 1, 2
