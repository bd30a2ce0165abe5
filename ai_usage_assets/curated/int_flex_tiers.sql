-- One row is a UTC day, workspace, model and flex tier that has a cost line on that day.
-- From raw_anthropic_cost.
-- Caveat: flex usage without such a line is billed as `standard`.
select distinct
  ingest_date as cost_date,
  workspace_id,
  coalesce(model, 'unknown') as model,
  service_tier
from raw_anthropic_cost
where ingest_date >= @first_day and ingest_date < @end_day
  and cost_type = 'tokens'
  and service_tier in ('flex', 'flex_discount')
