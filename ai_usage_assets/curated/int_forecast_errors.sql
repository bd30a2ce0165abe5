-- One row is a forecast of a month that is over (UTC day, scope and name): by what share the rest of it differed.
-- From the forecasts (int_forecasts).
-- Caveat: only of months whose days are all loaded on their last day, and of metered cost: seats are known.
with
ended as (
  select
    scope,
    name,
    day,
    days_left,
    expected_usd,
    loaded_metered_usd,
    max(if(day = last_day(day) and days_left = 0, loaded_metered_usd, null)) over (
      partition by scope, name, date_trunc(day, month)
    ) as month_metered_usd
  from int_forecasts
)

select
  scope,
  name,
  date_trunc(day, month) as month,
  days_left,
  abs(cast(month_metered_usd - loaded_metered_usd - expected_usd as float64))
    / cast(expected_usd as float64) as error_share
from ended
where month_metered_usd is not null and days_left > 0 and expected_usd > 0
