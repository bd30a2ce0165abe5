-- One row is a platform and a calendar month: the number of its loaded days, and the last of them.
-- From the loaded days (int_loaded_days).
-- Caveat: a month without a loaded day has no row.
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
