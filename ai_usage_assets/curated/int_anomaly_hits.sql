-- One row is a series and UTC day that left its usual range, also if a narrower series explains it.
-- From int_anomaly_ranges, and int_anomaly_series for series with little use before.
-- Caveat: `began_on` is the first of days at most 7 days apart. A key, model or department must raise the whole too.
with
days_of_newcomers as (
  select day, platform, measure, scope, name, day_before
  from int_anomaly_ranges
  cross join unnest(generate_date_array(date_sub(day, interval 28 day), date_sub(day, interval 1 day))) as day_before
  where days_with_use < 15
),

newcomers as (
  select
    ranges.day,
    ranges.platform,
    ranges.measure,
    ranges.scope,
    ranges.name,
    ln(others.value) as log_value,
    percentile_cont(ln(others.value), 0.5) over newcomer as log_median
  from days_of_newcomers as ranges
  inner join int_anomaly_series as others
    on others.day = ranges.day_before
    and others.platform = ranges.platform
    and others.measure = ranges.measure
    and others.scope = ranges.scope
  window newcomer as (partition by ranges.day, ranges.platform, ranges.measure, ranges.scope, ranges.name)
),

deviations as (
  select
    *,
    percentile_cont(abs(log_value - log_median), 0.5)
      over (partition by day, platform, measure, scope, name) as log_mad
  from newcomers
),

others as (
  select day, platform, measure, scope, name,
    max(exp(log_median + 3 * greatest(1.4826 * log_mad, 0.15))) as use_limit
  from deviations
  group by 1, 2, 3, 4, 5
),

limits as (
  select
    ranges.*,
    greatest(
      ranges.weekday_limit,
      if(
        ranges.days_with_use < 15,
        greatest(coalesce(others.use_limit, 0), coalesce(1.5 * ranges.largest, 0)),
        ranges.use_limit
      )
    ) as usual_to
  from int_anomaly_ranges as ranges
  left join others
    on others.day = ranges.day and others.platform = ranges.platform and others.measure = ranges.measure
    and others.scope = ranges.scope and others.name = ranges.name
),

hits as (
  select
    found.*,
    lag(found.day) over series_days as day_before
  from limits as found
  left join limits as whole
    on whole.day = found.day
    and whole.platform = found.platform
    and whole.measure = found.measure
    and whole.scope = case
      when found.scope in ('model', 'department') then 'platform'
      when found.scope = 'key' then if(found.actor_type = 'service', 'owner', 'person')
    end
    and whole.name = if(found.scope = 'key', found.user_email, 'all')
  where found.scope not in ('owner', 'platform')
    and found.value > found.usual_to
    and found.value - found.usual >= if(found.measure = 'cost_usd', @anomaly_floor_usd, @anomaly_floor_usd * 1000000)
    and (whole.value is null or whole.value - whole.usual >= 0.5 * (found.value - found.usual))
  window series_days as (partition by found.platform, found.measure, found.scope, found.name order by found.day)
),

runs as (
  select
    *,
    countif(day_before is null or day_before < date_sub(day, interval 7 day))
      over (partition by platform, measure, scope, name order by day) as run
  from hits
)

select
  day, platform, measure, scope, name, user_email, actor_type, value, usual, usual_to, days_before, days_with_use,
  min(day) over (partition by platform, measure, scope, name, run) as began_on
from runs
