-- One row is a day, and for unattributed cost the key, workspace and cost type that it belongs to.
-- part: cost of a known person. whole: all cost.
select
  cost_date as day,
  if(
    user_email = 'unattributed',
    concat(platform, ' ', coalesce(api_key_id, workspace_id, 'without a key'), ' ', cost_type),
    null
  ) as subject,
  sum(if(user_email = 'unattributed', 0, cost_usd)) as part,
  sum(cost_usd) as whole
from fct_cost_daily
where cost_date >= @first_day and cost_date < @end_day
group by 1, 2
