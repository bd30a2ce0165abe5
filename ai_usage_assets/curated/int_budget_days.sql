-- One row is a UTC day of the facts, and scope and name of a budget or the company: its cost, and if the day is loaded.
-- From load_log, identity_budgets, the cost (int_scope_costs), and the loaded days (int_loaded_days).
-- Caveat: a day is loaded if every platform with cost in the 31 days until then is. first_cost_day looks 91 days back.
with
fact_days as (
  select day
  from load_log
  where table_name = 'fct_cost_daily'
),

platform_days as (
  select cost_date, name as platform
  from int_scope_costs
  where scope = 'platform' and cost_usd != 0
),

not_loaded as (
  select distinct fact_days.day
  from fact_days
  inner join platform_days
    on platform_days.cost_date between date_sub(fact_days.day, interval 30 day) and fact_days.day
  left join int_loaded_days as loaded
    on loaded.day = fact_days.day and loaded.platform = platform_days.platform
  where loaded.day is null
),

budgets as (
  select 'company' as scope, 'company' as name
  union distinct
  select scope, name
  from identity_budgets
)

select
  budgets.scope,
  budgets.name,
  fact_days.day,
  not_loaded.day is null as is_loaded,
  coalesce(costs.cost_usd, 0) as cost_usd,
  coalesce(costs.seats_usd, 0) as seats_usd,
  last_value(if(not_loaded.day is null, coalesce(costs.seats_usd, 0), null) ignore nulls) over (
    partition by budgets.scope, budgets.name
    order by unix_date(fact_days.day) rows between unbounded preceding and current row
  ) as known_seats_usd,
  coalesce(costs.services_usd, 0) as services_usd,
  min(costs.cost_date) over (
    partition by budgets.scope, budgets.name
    order by unix_date(fact_days.day) range between 90 preceding and current row
  ) as first_cost_day
from budgets
cross join fact_days
left join not_loaded on not_loaded.day = fact_days.day
left join int_scope_costs as costs
  on costs.scope = budgets.scope and costs.name = budgets.name and costs.cost_date = fact_days.day
