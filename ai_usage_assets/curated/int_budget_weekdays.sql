-- One row is a scope, name, UTC day and weekday: what it cost in 28 days, and how often it is left in the month.
-- From the days of budgets (int_budget_days).
-- Caveat: a known day is loaded, and not before the first cost. A weekday without a day in the last 31 has no row.
with
pairs as (
  select
    today.scope,
    today.name,
    today.day,
    today.known_seats_usd,
    extract(dayofweek from past.day) as weekday,
    extract(day from last_day(today.day)) as days_in_month,
    extract(dayofweek from date_trunc(today.day, month)) as first_weekday,
    past.day = today.day as is_today,
    past.day >= date_trunc(today.day, month) as is_in_month,
    past.day > date_sub(today.day, interval 21 day) as is_recent,
    past.is_loaded,
    past.is_loaded and past.day > date_sub(today.day, interval 28 day)
      and past.day >= today.first_cost_day as is_known,
    past.cost_usd,
    past.services_usd,
    past.cost_usd - past.seats_usd as metered_usd
  from int_budget_days as today
  inner join int_budget_days as past
    on past.scope = today.scope and past.name = today.name
    and past.day between date_sub(today.day, interval 30 day) and today.day
),

counted as (
  select
    scope,
    name,
    day,
    weekday,
    days_in_month,
    first_weekday,
    max(known_seats_usd) as known_seats_usd,
    sum(if(is_today, cost_usd, 0)) as cost_usd,
    sum(if(is_in_month, cost_usd, 0)) as spent_usd,
    sum(if(is_in_month, services_usd, 0)) as services_usd,
    sum(if(is_in_month and is_loaded, cost_usd, 0)) as loaded_usd,
    sum(if(is_in_month and is_loaded, metered_usd, 0)) as loaded_metered_usd,
    countif(is_in_month and is_loaded) as loaded_days,
    countif(is_known) as known_days,
    cast(sum(if(is_known, metered_usd, 0)) as float64) as known_usd,
    cast(min(if(is_known, metered_usd, null)) as float64) as lowest_usd,
    cast(max(if(is_known, metered_usd, null)) as float64) as highest_usd,
    countif(is_known and is_recent) as recent_days,
    cast(sum(if(is_known and is_recent, metered_usd, 0)) as float64) as recent_usd
  from pairs
  group by 1, 2, 3, 4, 5, 6
)

select
  scope,
  name,
  day,
  days_in_month,
  known_seats_usd,
  cost_usd,
  spent_usd,
  services_usd,
  loaded_usd,
  loaded_metered_usd,
  loaded_days,
  known_days,
  recent_days,
  recent_usd,
  -- a weekday is in 28 days four times at most, so that its median is the mean of what is not the highest or lowest
  case known_days
    when 0 then 0
    when 3 then known_usd - lowest_usd - highest_usd
    when 4 then (known_usd - lowest_usd - highest_usd) / 2
    else known_usd / known_days
  end as median_usd,
  4 + if(mod(weekday - first_weekday + 7, 7) < days_in_month - 28, 1, 0) - loaded_days as days_left
from counted
