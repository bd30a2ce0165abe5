-- One row is a service account of Cursor, by lower-cased id.
-- From all days of raw_cursor_events (int_seen_services).
-- Caveat: Cursor has no list of service accounts, so an account without events is missing.
select
  lower(trim(value)) as service_id,
  max(nullif(detail, '')) as name
from int_seen_services
where attribute = 'service'
group by 1
