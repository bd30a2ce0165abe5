-- One row is a month, person and model: the usage that Cursor's plan includes, at list price.
-- From the calls of Cursor that are not charged on top of the plan (fct_cursor_requests_daily).
-- Caveat: this is not a cost. Do not add it to costs; the price of the seat is the cost.
select
  date_trunc(usage_date, month) as month,
  user_email,
  model,
  cast(sum(requests) as int64) as requests,
  sum(included_value_usd) as included_value_usd
from fct_cursor_requests_daily
where usage_date >= date '2000-01-01'
  and not is_charged
  -- these are neither charged nor covered by the seat
  and charge_kind not in ('own_key', 'errored', 'aborted', 'not_charged')
group by 1, 2, 3
