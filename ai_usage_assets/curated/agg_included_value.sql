-- One row is a month, person and model: the usage that Cursor's plan includes, at list price.
-- From the events of Cursor that are not charged on top of the plan (int_cursor_events).
-- Caveat: this is not a cost. Do not add it to costs; the price of the seat is the cost.
select
  date_trunc(ingest_date, month) as month,
  user_email,
  model,
  count(*) as requests,
  sum(amount_usd) as included_value_usd
from int_cursor_events
where is_included
group by 1, 2, 3
