-- One row is a UTC day, scope and name: the cost of its month until then, and what is expected of its other days.
-- From the weekdays (int_budget_weekdays): medians times the recent level, and the seats as on the last loaded day.
-- Caveat: expected_usd is NULL with fewer than 14 known days in 28, or without one of each weekday.
with
summed as (
  select
    scope,
    name,
    day,
    sum(cost_usd) as cost_usd,
    sum(spent_usd) as spent_usd,
    sum(services_usd) as services_usd,
    sum(loaded_usd) as loaded_usd,
    sum(loaded_metered_usd) as loaded_metered_usd,
    max(known_seats_usd) as known_seats_usd,
    cast(max(days_in_month) - sum(loaded_days) as int64) as days_left,
    sum(known_days) >= 14 and countif(known_days > 0) = 7 as is_known,
    sum(recent_days) as recent_days,
    sum(recent_usd) as recent_usd,
    sum(recent_days * median_usd) as recent_median_usd,
    sum(days_left * median_usd) as left_median_usd
  from int_budget_weekdays
  group by 1, 2, 3
)

select
  scope,
  name,
  day,
  cost_usd,
  spent_usd,
  services_usd,
  loaded_usd,
  loaded_metered_usd,
  days_left,
  round(cast(case
    when days_left = 0 then 0
    when not is_known or recent_days = 0 then null
    -- the level of 21 days scales the medians, which alone leave out what is rare
    when recent_median_usd > 0 then left_median_usd * recent_usd / recent_median_usd
    else days_left * recent_usd / recent_days
  end as numeric), 2) as expected_usd,
  round(known_seats_usd * days_left, 2) as expected_seats_usd
from summed
