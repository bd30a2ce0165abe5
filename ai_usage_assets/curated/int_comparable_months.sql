-- One row is a platform and a month that can be compared with the same number of days of the month before.
-- From the loaded days and months (int_loaded_days, int_loaded_months).
-- Caveat: a month is left out if one of the compared days, in either month, is not loaded.
select months.platform, months.month
from int_loaded_months as months
inner join int_loaded_days as earlier
  on earlier.platform = months.platform
  and date_trunc(earlier.day, month) = date_sub(months.month, interval 1 month)
  and (
    months.is_complete or extract(day from earlier.day) <= extract(day from months.last_loaded)
  )
where months.days_in = extract(day from months.last_loaded)
group by months.platform, months.month, months.is_complete, months.last_loaded
having count(earlier.day) = if(
  months.is_complete,
  extract(day from date_sub(months.month, interval 1 day)),
  least(
    extract(day from months.last_loaded),
    extract(day from date_sub(months.month, interval 1 day))
  )
)
