-- One row is a platform and a month with loaded days, whose month before has loaded days too.
-- From the loaded months (int_loaded_months).
-- Caveat: `scale` turns the dollars of the month before into those of as many days as the month has.
select
  months.platform,
  months.month,
  earlier.month as earlier_month,
  months.days_in,
  earlier.days_in as earlier_days_in,
  months.days_in / earlier.days_in as scale
from int_loaded_months as months
join int_loaded_months as earlier
  on earlier.platform = months.platform
  and earlier.month = date_sub(months.month, interval 1 month)
