-- One row is a day, and for moved cost the person who has it now (by user_id).
-- part: cost that moved to another person after its first publication. whole: all cost.
select day, subject, sum(part) as part, sum(whole) as whole
from (
  select
    day,
    to_hex(md5(user_email)) as subject,
    greatest(current_value - first_value, 0) as part,
    cast(0 as numeric) as whole
  from fct_restatements
  where day >= @first_day and day < @end_day and user_email is not null and measure = 'cost_usd'
  union all
  select cost_date, cast(null as string), 0, cast(cost_usd as numeric)
  from fct_cost_daily
  where cost_date >= @first_day and cost_date < @end_day
) as moved_and_all
group by 1, 2
