-- One row is a day.
-- part: Claude Code's own estimate of its API traffic. whole: the token cost of the workspace that Anthropic creates for it.
-- Without a workspace of that name there is nothing to compare.
select
  ingest_date as day,
  'estimate below the bill' as subject,
  sum(estimated_cost_usd) as part,
  sum(billed_usd) as whole
from (
  select ingest_date, estimated_cost_usd, cast(null as numeric) as billed_usd
  from raw_claude_code_models
  where ingest_date >= @first_day and ingest_date < @end_day and customer_type = 'api'
    and exists (select workspace_id from raw_anthropic_workspaces where lower(trim(name)) = 'claude code')
  union all
  select ingest_date, null, amount_usd
  from raw_anthropic_cost
  where ingest_date >= @first_day and ingest_date < @end_day and cost_type = 'tokens'
    and workspace_id in (select workspace_id from raw_anthropic_workspaces where lower(trim(name)) = 'claude code')
) as compared
group by 1, 2
