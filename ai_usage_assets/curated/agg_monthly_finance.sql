-- One row is a month, platform, cost type and department: its cost, and the change to the month before.
-- From fct_cost_daily, dim_user_history, the loaded months (int_loaded_months, ...) and int_month_rates.
-- Caveat: the department is that of the day. An incomplete month is compared with equally many days of the last one.
with
costs as (
  select cost_date, date_trunc(cost_date, month) as month, platform, cost_type, user_email, cost_usd
  from fct_cost_daily
  where cost_date >= date '2000-01-01'
),

daily as (
  select
    costs.month,
    costs.cost_date,
    costs.platform,
    costs.cost_type,
    coalesce(people.department, 'no department') as department,
    sum(costs.cost_usd) as cost_usd
  from costs
  left join dim_user_history as people
    on people.email = costs.user_email
    and costs.cost_date between people.valid_from and people.valid_to
  group by 1, 2, 3, 4, 5
),

slices as (
  select month, platform, cost_type, department
  from daily
  union distinct
  select months.month, daily.platform, daily.cost_type, daily.department
  from daily
  inner join int_loaded_months as months
    on months.platform = daily.platform
    and date_sub(months.month, interval 1 month) = daily.month
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
  inner join int_loaded_months as months
    on months.platform = daily.platform
    and date_sub(months.month, interval 1 month) = daily.month
  where months.is_complete
    or extract(day from daily.cost_date) <= extract(day from months.last_loaded)
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
  coalesce(months.days_in, 0) as days_in,
  coalesce(months.is_complete, false) as is_complete,
  case
    when comparable.month is not null
      then cast(current_costs.cost_usd - coalesce(earlier_costs.cost_usd, 0) as numeric)
  end as change_usd,
  rates.currency,
  cast(rates.fx_rate as numeric) as fx_rate,
  -- differences of rounded running totals, so that the rows sum to the month's total at the rate
  cast(
    round(sum(current_costs.cost_usd) over in_order * rates.fx_rate, 4)
    - round((sum(current_costs.cost_usd) over in_order - current_costs.cost_usd) * rates.fx_rate, 4) as numeric
  ) as cost_in_currency
from current_costs
left join int_loaded_months as months
  on months.month = current_costs.month and months.platform = current_costs.platform
left join int_comparable_months as comparable
  on comparable.month = current_costs.month and comparable.platform = current_costs.platform
left join earlier_costs
  on earlier_costs.month = current_costs.month
  and earlier_costs.platform = current_costs.platform
  and earlier_costs.cost_type = current_costs.cost_type
  and earlier_costs.department = current_costs.department
left join int_month_rates as rates on rates.month = current_costs.month
window in_order as (
  partition by current_costs.month
  order by current_costs.platform, current_costs.cost_type, current_costs.department
  rows between unbounded preceding and current row
)
