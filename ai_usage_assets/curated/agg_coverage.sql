-- One row is a month, topic and platform: what the APIs leave open, with how much of it there is.
-- From the facts, dim_api_keys, load_log and fct_restatements (int_coverage_*.sql).
-- Caveat: the topics overlap. Never add their cost up. A topic without a row has nothing to report in the month.
with
rows_of_topics as (
  select date_trunc(day, month) as month, topic, platform, unit, count(distinct entry) as items,
    sum(cost_usd) as cost_usd, min(day) as first_day, max(day) as last_day
  from int_coverage_cost
  group by 1, 2, 3, 4
  union all
  select month, 'one_vendor_only', vendor, 'people', count(user_email), sum(cost_usd), min(first_day), max(last_day)
  from int_coverage_people
  group by 1, 3
  union all
  select date_trunc(day, month), topic, platform, unit, sum(items), sum(cost_usd), min(day), max(day)
  from int_coverage_use
  group by 1, 2, 3, 4
  union all
  select date_trunc(day, month), topic, platform, 'days', count(day), sum(cost_usd), min(day), max(day)
  from int_coverage_days
  group by 1, 2, 3
)

select
  month,
  topic,
  platform,
  cast(items as int64) as items,
  unit,
  cast(cost_usd as numeric) as cost_usd,
  first_day,
  last_day
from rows_of_topics
