-- One row is a service account of Cursor, by lower-cased id.
-- From all days of raw_cursor_events.
-- Caveat: Cursor has no list of service accounts, so an account without events is missing.
select
  lower(trim(service_account_id)) as service_id,
  max(service_account_name) as name
from raw_cursor_events
where ingest_date >= date '2000-01-01' and trim(service_account_id) != ''
group by 1
