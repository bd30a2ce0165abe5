-- One row is a UTC day and a budget of its month: what the month cost until then, and what it is expected to cost.
-- From identity_budgets, the forecasts (int_forecasts) and their errors in earlier months (int_forecast_errors).
-- Caveat: the company has a row on every day, with or without a budget. Scopes have cost in common, so never add them.
with
compared as (
  select
    made.scope,
    made.name,
    made.day,
    errors.error_share,
    row_number() over (partition by made.scope, made.name, made.day order by errors.error_share) as place,
    count(errors.error_share) over (partition by made.scope, made.name, made.day) as forecasts,
    min(errors.month) over (partition by made.scope, made.name, made.day) as first_month,
    max(errors.month) over (partition by made.scope, made.name, made.day) as last_month
  from int_forecasts as made
  inner join int_forecast_errors as errors
    on errors.scope = made.scope and errors.name = made.name
    and errors.days_left between made.days_left - 3 and made.days_left + 3
    and date_diff(date_trunc(made.day, month), errors.month, month) between 1 and 6
),

intervals as (
  -- four of five earlier forecasts were not further off
  select scope, name, day, error_share
  from compared
  where place = cast(ceil(4 * forecasts / 5) as int64) and first_month < last_month
),

rows_of_budgets as (
  select
    made.*,
    budgets.usd_per_month as budget_usd,
    made.loaded_usd + made.expected_usd + made.expected_seats_usd as estimate_usd,
    if(
      made.days_left = 0, 0, round(cast(cast(made.expected_usd as float64) * intervals.error_share as numeric), 2)
    ) as margin_usd
  from int_forecasts as made
  left join identity_budgets as budgets
    on budgets.scope = made.scope and budgets.name = made.name
    and made.day >= coalesce(budgets.valid_from, date '0001-01-01')
    and made.day <= coalesce(budgets.valid_to, date '9999-12-31')
  left join intervals
    on intervals.scope = made.scope and intervals.name = made.name and intervals.day = made.day
  where made.scope = 'company' or budgets.scope is not null
),

rows_with_forecast as (
  -- what is spent is spent, also on days that one platform lacks
  select
    *,
    if(estimate_usd is null, null, greatest(estimate_usd, spent_usd)) as forecast_usd,
    if(
      margin_usd is null, null, greatest(estimate_usd - least(margin_usd, expected_usd), spent_usd)
    ) as low_usd,
    if(margin_usd is null, null, greatest(estimate_usd + margin_usd, spent_usd)) as high_usd
  from rows_of_budgets
)

select
  day,
  date_trunc(day, month) as month,
  scope,
  name,
  cast(budget_usd as numeric) as budget_usd,
  cast(cost_usd as numeric) as cost_usd,
  cast(spent_usd as numeric) as spent_usd,
  cast(services_usd as numeric) as services_usd,
  cast(budget_usd - spent_usd as numeric) as remaining_usd,
  cast(spent_usd as float64) / nullif(cast(budget_usd as float64), 0) as spent_share,
  days_left,
  cast(expected_usd as numeric) as expected_usd,
  cast(expected_seats_usd as numeric) as expected_seats_usd,
  cast(forecast_usd as numeric) as forecast_usd,
  cast(low_usd as numeric) as low_usd,
  cast(high_usd as numeric) as high_usd,
  case
    when budget_usd is null then 'no_budget'
    when spent_usd > budget_usd then 'exceeded'
    when forecast_usd > budget_usd then 'will_exceed'
    when 10 * spent_usd >= 9 * budget_usd and spent_usd > 0 then 'over_90_percent'
    when 4 * spent_usd >= 3 * budget_usd and spent_usd > 0 then 'over_75_percent'
    else 'under_75_percent'
  end as state
from rows_with_forecast
