-- One row is a daily table and a closed UTC day since the start date that was never loaded.
-- From load_log, and AI_USAGE_START_DATE as it was when the view was created.
-- Caveat: a table without any loaded day is not listed. Yesterday is listed until it is loaded.
select
  expected.table_name,
  expected_day as day
from (select distinct table_name from load_log) as expected
cross join unnest(
  generate_date_array(@start_date, date_sub(current_date('UTC'), interval 1 day))
) as expected_day
left join load_log as loaded
  on loaded.table_name = expected.table_name and loaded.day = expected_day
where loaded.day is null
