-- One row is a platform and a calendar month: how many of its days are loaded, and up to which.
-- From the days that are loaded (int_loaded_days).
-- Caveat: a month of which no day is loaded has no row.
select
  platform,
  date_trunc(day, month) as month,
  count(day) as days_in,
  max(day) as last_loaded,
  count(day) = extract(day from last_day(date_trunc(day, month))) as is_complete
from int_loaded_days
group by 1, 2
