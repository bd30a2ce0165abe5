-- One row is a month that has a rate: the currency, and how many units of it one US dollar is.
-- From the newest close of the month (closed_months), else from fx.csv (identity_fx).
-- Caveat: a close freezes the rate. A month that was closed without a rate has that of fx.csv.
select
  coalesce(frozen.month, listed.month) as month,
  coalesce(frozen.currency, listed.currency) as currency,
  coalesce(frozen.fx_rate, listed.rate) as fx_rate,
  frozen.month is not null as is_frozen,
  listed.currency as file_currency,
  listed.rate as file_rate
from (
  select month, max(currency) as currency, max(fx_rate) as fx_rate
  from closed_months
  where month >= date '2000-01-01' and is_current and currency is not null
  group by month
) as frozen
full join identity_fx as listed on listed.month = frozen.month
