-- One row is a month that has a rate: the currency beside the US dollar, and its rate.
-- From fx.csv (identity_fx) and the closed months, which keep the rate of their close (int_month_rates).
-- Caveat: the amounts in the currency are those of US dollars times fx_rate. The vendors bill US dollars.
select
  month,
  currency,
  cast(fx_rate as numeric) as fx_rate,
  is_frozen,
  file_currency,
  cast(file_rate as numeric) as file_rate
from int_month_rates
