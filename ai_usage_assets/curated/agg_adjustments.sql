-- One row is a closed month whose figures changed, the month that books the change, and who caused it.
-- From closed_months, and the facts as they are now (int_monthly_totals).
-- Caveat: a change that is not booked yet belongs to the month after the newest closed one, whose close books it.
with
sheets as (
  select month, platform, cost_type, department, team, cost_center, user_email, cost_usd, tokens, cost_month
  from closed_months
  where month >= date '2000-01-01' and is_current
),

differences as (
  select month as closed_month, platform, cost_type, department, team, cost_center, user_email, cost_usd, tokens
  from int_monthly_totals
  where month in (select month from sheets)
  union all
  select cost_month, platform, cost_type, department, team, cost_center, user_email, -cost_usd, -tokens
  from sheets
),

open_changes as (
  select
    closed_month, platform, cost_type, department, team, cost_center, user_email,
    sum(cost_usd) as cost_usd,
    sum(tokens) as tokens
  from differences
  group by 1, 2, 3, 4, 5, 6, 7
  having sum(differences.cost_usd) != 0 or sum(differences.tokens) != 0
)

select
  cost_month as closed_month,
  month as booking_month,
  true as is_booked,
  platform,
  cost_type,
  department,
  team,
  cost_center,
  user_email,
  cost_usd,
  tokens
from sheets
where cost_month != month
union all
select
  closed_month,
  date_add((select max(month) from sheets), interval 1 month) as booking_month,
  false as is_booked,
  platform,
  cost_type,
  department,
  team,
  cost_center,
  user_email,
  cast(cost_usd as numeric) as cost_usd,
  cast(tokens as int64) as tokens
from open_changes
