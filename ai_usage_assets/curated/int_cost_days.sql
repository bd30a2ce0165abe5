-- One row is a UTC day, platform and cost type, with the kind of invoice line that bills it: seats or usage.
-- From fct_cost_daily.
-- Caveat: `usage` is all metered cost: tokens, searches, credits of the cost report, overage, and unknown types.
select
  cost_date,
  platform,
  if(cost_type = 'subscription', 'seats', 'usage') as kind,
  coalesce(cost_type, 'unknown') as cost_type,
  cast(sum(cost_usd) as numeric) as cost_usd
from fct_cost_daily
where cost_date >= date '2000-01-01'
group by 1, 2, 3, 4
