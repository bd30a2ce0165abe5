-- One row is a platform and a UTC day on which all tables that its cost is made of are loaded.
-- From load_log: fct_cost_daily, and those raw tables of the platform that have any loaded day.
-- Caveat: days in state `kept` count as loaded. Cursor's activity is needed from its first loaded day on.
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

-- exports that were imported before the Admin API was used have calls without activity
loaded as (
  select table_name, day from load_log
  union all
  select activity.table_name, calls.day
  from (
    select table_name, min(day) as first_day
    from load_log
    where table_name = 'raw_cursor_usage'
    group by 1
  ) as activity
  inner join load_log as calls
    on calls.table_name = 'raw_cursor_events' and calls.day < activity.first_day
),

numbers as (
  select platform, count(table_name) as tables
  from needed
  group by 1
)

select needed.platform, loaded.day
from needed
join loaded on loaded.table_name = needed.table_name
join numbers on numbers.platform = needed.platform
group by needed.platform, loaded.day, numbers.tables
having count(loaded.table_name) = numbers.tables
