-- One row is a series and UTC day above the floor: its value, and the usual value and the end of the usual range.
-- From int_anomaly_series and the loaded days (int_loaded_days), of the 8 weeks before the day alone.
-- Caveat: the range has two ends: that of the same weekday, and that of all days with use. The larger one counts.
with
candidates as (
  select *
  from int_anomaly_series
  where value >= if(measure = 'cost_usd', @anomaly_floor_usd, @anomaly_floor_usd * 1000000)
),

before as (
  select
    candidates.*,
    loaded.day as day_before,
    if(
      extract(dayofweek from loaded.day) = extract(dayofweek from candidates.day), coalesce(past.value, 0), null
    ) as weekday_value,
    ln(past.value) as log_value
  from candidates
  inner join int_loaded_days as loaded
    on loaded.platform = candidates.platform
    and loaded.day between date_sub(candidates.day, interval 56 day) and date_sub(candidates.day, interval 1 day)
  left join int_anomaly_series as past
    on past.day = loaded.day
    and past.platform = candidates.platform
    and past.measure = candidates.measure
    and past.scope = candidates.scope
    and past.name = candidates.name
),

medians as (
  select
    *,
    percentile_cont(weekday_value, 0.5) over series_day as weekday_median,
    percentile_cont(log_value, 0.5) over series_day as log_median
  from before
  window series_day as (partition by day, platform, measure, scope, name)
),

deviations as (
  select
    *,
    percentile_cont(abs(weekday_value - weekday_median), 0.5) over series_day as weekday_mad,
    percentile_cont(abs(log_value - log_median), 0.5) over series_day as log_mad
  from medians
  window series_day as (partition by day, platform, measure, scope, name)
)

select
  day,
  platform,
  measure,
  scope,
  name,
  user_email,
  actor_type,
  value,
  count(day_before) as days_before,
  count(log_value) as days_with_use,
  max(weekday_median) as usual,
  max(weekday_median + 5 * greatest(1.4826 * weekday_mad, 0.1 * weekday_median)) as weekday_limit,
  max(exp(log_median + 4 * greatest(1.4826 * log_mad, 0.15))) as use_limit,
  exp(max(log_value)) as largest
from deviations
group by 1, 2, 3, 4, 5, 6, 7, 8
having count(weekday_value) >= 4
