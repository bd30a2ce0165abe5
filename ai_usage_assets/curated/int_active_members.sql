-- One row is a UTC day, from the first day of the window on, and an account that Cursor counts as active on it.
-- From the activity in raw_cursor_usage and the accounts of its members (int_active_accounts).
-- Caveat: it has all loaded days after the window too, because a member may be listed first after it.
select distinct daily.ingest_date as day, accounts.account_id
from raw_cursor_usage as daily
join int_active_accounts as accounts
  on accounts.user_id = coalesce(daily.user_id, '') and accounts.raw_email = coalesce(daily.email, '')
where daily.ingest_date >= @first_day
  and is_active_row(daily)
