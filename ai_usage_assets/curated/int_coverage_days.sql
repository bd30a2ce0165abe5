-- One row is a UTC day, topic and platform: a day that is missing, kept or restated.
-- From load_log, the loaded days (int_loaded_days), fct_restatements, and AI_USAGE_START_DATE at the view's creation.
-- Caveat: a platform without any loaded day is not listed. Yesterday is missing until it is loaded.
select expected_day as day, 'missing_days' as topic, platforms.platform, cast(null as numeric) as cost_usd
from (select distinct platform from int_loaded_days) as platforms
cross join unnest(
  generate_date_array(@start_date, date_sub(current_date('UTC'), interval 1 day))
) as expected_day
left join int_loaded_days as loaded on loaded.platform = platforms.platform and loaded.day = expected_day
where loaded.day is null
union all
select distinct day, 'kept_days', if(table_name like 'raw_cursor%', 'cursor', 'anthropic'), cast(null as numeric)
from load_log
where state = 'kept' and table_name like 'raw_%'
union all
select day, 'restated_days', platform, current_value - first_value
from fct_restatements
where day >= date '2000-01-01' and measure = 'cost_usd' and user_email is null
