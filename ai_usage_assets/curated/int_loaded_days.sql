-- One row is a platform and a UTC day on which all tables that its cost is made of are loaded.
-- From load_log: fct_cost_daily, and those raw tables of the platform that have any loaded day.
-- Caveat: days in state `kept` count as loaded, because they have rows.
with
needed as (
  select platform, table_name
  from (
    select 'anthropic' as platform, 'raw_anthropic_cost' as table_name
    union all
    select 'anthropic', 'raw_anthropic_usage'
    union all
    select 'claude_code', 'raw_claude_code_usage'
    union all
    select 'cursor', 'raw_cursor_events'
    union all
    select 'cursor', 'raw_cursor_usage'
  ) as raw_tables
  where table_name in (select table_name from load_log)
  union all
  select platform, 'fct_cost_daily'
  from unnest(['anthropic', 'claude_code', 'cursor']) as platform
),

numbers as (
  select platform, count(table_name) as tables
  from needed
  group by 1
)

select needed.platform, load_log.day
from needed
join load_log on load_log.table_name = needed.table_name
join numbers on numbers.platform = needed.platform
group by needed.platform, load_log.day, numbers.tables
having count(load_log.table_name) = numbers.tables
