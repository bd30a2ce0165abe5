-- One row is a month, platform, cost type and department: what it costs, and how that compares.
-- From fct_cost_daily, dim_users, and fct_usage_daily for the days that are covered.
-- Caveat: the running month is compared with as many days of the month before, never with all of it.
with
costs as (
  select
    cost_date,
    date_trunc(cost_date, month) as month,
    platform,
    cost_type,
    user_email,
    cost_usd
  from fct_cost_daily
  where cost_date >= date '2000-01-01'
),

days as (
  select cost_date as day from costs
  union distinct
  select usage_date as day from fct_usage_daily where usage_date >= date '2000-01-01'
),

span as (
  select min(day) as first_day, max(day) as last_day
  from days
),

departments as (
  select email, coalesce(department, 'unattributed') as department
  from dim_users
),

daily as (
  select
    costs.month,
    costs.cost_date,
    costs.platform,
    costs.cost_type,
    coalesce(departments.department, 'unattributed') as department,
    sum(costs.cost_usd) as cost_usd
  from costs
  left join departments on departments.email = costs.user_email
  group by 1, 2, 3, 4, 5
),

months as (
  select distinct
    date_trunc(days.day, month) as month,
    date_diff(
      least(span.last_day, last_day(days.day)),
      greatest(span.first_day, date_trunc(days.day, month)),
      day
    ) + 1 as days_in,
    span.first_day <= date_trunc(days.day, month) as is_covered_from_start,
    span.last_day >= last_day(days.day) as is_covered_to_end,
    least(span.last_day, last_day(days.day)) as last_covered_day
  from days
  cross join span
),

slices as (
  select month, platform, cost_type, department
  from daily
  union distinct
  select months.month, daily.platform, daily.cost_type, daily.department
  from daily
  inner join months on date_sub(months.month, interval 1 month) = daily.month
),

current_costs as (
  select
    slices.month,
    slices.platform,
    slices.cost_type,
    slices.department,
    coalesce(sum(daily.cost_usd), 0) as cost_usd
  from slices
  left join daily
    on daily.month = slices.month
    and daily.platform = slices.platform
    and daily.cost_type = slices.cost_type
    and daily.department = slices.department
  group by 1, 2, 3, 4
),

earlier_costs as (
  select
    months.month,
    daily.platform,
    daily.cost_type,
    daily.department,
    sum(daily.cost_usd) as cost_usd
  from daily
  inner join months on date_sub(months.month, interval 1 month) = daily.month
  where months.is_covered_to_end
    or extract(day from daily.cost_date) <= extract(day from months.last_covered_day)
  group by 1, 2, 3, 4
)

select
  current_costs.month,
  current_costs.platform,
  current_costs.cost_type,
  current_costs.department,
  cast(current_costs.cost_usd as numeric) as cost_usd,
  safe_divide(
    cast(current_costs.cost_usd as float64),
    cast(sum(current_costs.cost_usd) over (partition by current_costs.month) as float64)
  ) as cost_share,
  months.days_in,
  months.is_covered_from_start and months.is_covered_to_end as is_complete,
  case
    when earlier_months.is_covered_from_start
      then cast(current_costs.cost_usd - coalesce(earlier_costs.cost_usd, 0) as numeric)
  end as change_usd
from current_costs
inner join months on months.month = current_costs.month
left join months as earlier_months
  on earlier_months.month = date_sub(current_costs.month, interval 1 month)
left join earlier_costs
  on earlier_costs.month = current_costs.month
  and earlier_costs.platform = current_costs.platform
  and earlier_costs.cost_type = current_costs.cost_type
  and earlier_costs.department = current_costs.department
