-- One row is a UTC day and workspace on which Anthropic's own split sums to its cost report, to four decimals.
-- From the split (int_analytics_cost) and raw_anthropic_cost.
-- Caveat: the split does not deduct credits, so a day with a credit differs from the report and has no row.
with
reported as (
  select ingest_date as cost_date, workspace_id, sum(amount_usd) as amount_usd
  from raw_anthropic_cost
  where ingest_date >= @first_day and ingest_date < @end_day
  group by 1, 2
),

split as (
  select cost_date, workspace_id, sum(amount_usd) as amount_usd
  from int_analytics_cost
  group by 1, 2
)

select
  reported.cost_date,
  reported.workspace_id,
  -- what four decimals hide; int_vendor_cost adds it, so that a day's sum does not depend on the split
  reported.amount_usd - split.amount_usd as rounding_usd
from reported
join split
  on split.cost_date = reported.cost_date and split.workspace_id = reported.workspace_id
where round(split.amount_usd, 4) = round(reported.amount_usd, 4)
