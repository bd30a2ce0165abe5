-- One row is a UTC day, platform, model and cost type: its cost.
-- From fct_cost_daily.
-- Caveat: a model has one name on all platforms. The charges that have no model are seats, searches and the like.
select
  cost_date as day,
  date_trunc(cost_date, month) as month,
  platform,
  coalesce(model_family, model) as model,
  coalesce(cost_type, 'unknown') as cost_type,
  cast(sum(cost_usd) as numeric) as cost_usd
from fct_cost_daily
where cost_date >= date '2000-01-01'
group by 1, 2, 3, 4, 5
