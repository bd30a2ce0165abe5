-- One row is a service account of Cursor, by lower-cased id.
-- From raw_cursor_events of all time.
-- Caveat: Cursor lists no service accounts; one that never made a call is not known.
select
  lower(trim(service_account_id)) as service_id,
  max(service_account_name) as name
from raw_cursor_events
where ingest_date >= date '2000-01-01' and trim(service_account_id) != ''
group by 1
