-- One row is a calendar month.
-- part: cost of a known person. whole: all cost.
select
  date_trunc(cost_date, month) as day,
  cast(null as string) as subject,
  sum(if(user_email = 'unattributed', 0, cost_usd)) as part,
  sum(cost_usd) as whole
from fct_cost_daily
where cost_date >= @trend_first_day and cost_date < @end_day
group by 1, 2
