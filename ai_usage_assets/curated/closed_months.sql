-- One row is a closed month, a revision of it, the month of the cost and who caused it: dollars and tokens.
-- From the facts (int_monthly_totals), fx.csv (identity_fx), and closed_months itself: earlier revisions stay.
-- Caveat: for one month alone. Adjustments of earlier months are what no other month has booked.
with
closed as (
  select distinct month
  from closed_months
  where month >= date '2000-01-01' and month < @first_day
),

booked_elsewhere as (
  select cost_month, platform, cost_type, department, team, cost_center, user_email, cost_usd, tokens
  from closed_months
  where month >= date '2000-01-01' and month != @first_day and is_current and cost_month < @first_day
),

due as (
  select month as cost_month, platform, cost_type, department, team, cost_center, user_email, cost_usd, tokens
  from int_monthly_totals
  where month = @first_day or month in (select month from closed)
  union all
  select cost_month, platform, cost_type, department, team, cost_center, user_email, -cost_usd, -tokens
  from booked_elsewhere
),

sheet as (
  select
    cost_month, platform, cost_type, department, team, cost_center, user_email,
    sum(cost_usd) as cost_usd,
    sum(tokens) as tokens
  from due
  group by 1, 2, 3, 4, 5, 6, 7
),

revisions as (
  select coalesce(max(revision), 0) as newest
  from closed_months
  where month = @first_day
),

rates as (
  select max(currency) as currency, max(rate) as fx_rate
  from identity_fx
  where month = @first_day
)

select
  @first_day as month,
  sheet.platform,
  sheet.cost_type,
  sheet.department,
  sheet.team,
  sheet.cost_center,
  sheet.user_email,
  cast(sheet.cost_usd as numeric) as cost_usd,
  cast(sheet.tokens as int64) as tokens,
  current_timestamp() as closed_at,
  revisions.newest + 1 as revision,
  sheet.cost_month,
  true as is_current,
  rates.currency,
  cast(rates.fx_rate as numeric) as fx_rate
from sheet
cross join revisions
cross join rates
where sheet.cost_usd != 0 or sheet.tokens != 0
union all
select
  month, platform, cost_type, department, team, cost_center, user_email, cost_usd, tokens, closed_at, revision,
  cost_month, false as is_current, currency, fx_rate
from closed_months
where month = @first_day
