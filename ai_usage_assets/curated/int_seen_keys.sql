-- One row is an API key that has usage, with its first and last day.
-- From all days of raw_anthropic_usage.
-- Caveat: a write reads the table seen_values instead, which holds the same rows (warehouse/seen_values.py).
select 'raw_anthropic_usage' as table_name, 'api_key' as attribute, api_key_id as value,
  '' as detail, min(ingest_date) as first_day, max(ingest_date) as last_day
from raw_anthropic_usage
where ingest_date >= date '2000-01-01' and api_key_id != 'no_api_key'
group by api_key_id
