-- One row is a platform and a calendar month: how many of its days are loaded, and up to which.
-- From the days that are loaded (int_loaded_days).
-- Caveat: a month of which no day is loaded has no row.
select
  platform,
  month,
  days_in,
  last_loaded,
  days_in = extract(day from last_day(last_loaded)) as is_complete
from (
  select
    platform,
    date_trunc(day, month) as month,
    count(day) as days_in,
    max(day) as last_loaded
  from int_loaded_days
  group by 1, 2
) as counted
