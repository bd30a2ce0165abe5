-- One row is a service account of Cursor, by id and name, with its first and last day.
-- From all days of raw_cursor_events.
-- Caveat: a write reads the table seen_values instead, which holds the same rows (warehouse/seen_values.py).
select 'raw_cursor_events' as table_name, 'service' as attribute, service_account_id as value,
  coalesce(service_account_name, '') as detail, min(ingest_date) as first_day, max(ingest_date) as last_day
from raw_cursor_events
where ingest_date >= date '2000-01-01' and trim(service_account_id) != ''
group by service_account_id, coalesce(service_account_name, '')
