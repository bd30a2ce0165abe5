-- One row is an e-mail that a daily table mentions, with its first and last day.
-- From all days of Cursor's activity and events, and of Claude Code.
-- Caveat: a write reads the table seen_values instead, which holds the same rows (warehouse/seen_values.py).
select 'raw_cursor_usage' as table_name, 'email' as attribute, email as value, '' as detail,
  min(ingest_date) as first_day, max(ingest_date) as last_day
from raw_cursor_usage
where ingest_date >= date '2000-01-01' and email is not null
group by email
union all
select 'raw_cursor_events', 'email', email, '', min(ingest_date), max(ingest_date)
from raw_cursor_events
where ingest_date >= date '2000-01-01'
  and coalesce(trim(service_account_id), '') = '' and email is not null
group by email
union all
select 'raw_claude_code_usage', 'email', actor_email, '', min(ingest_date), max(ingest_date)
from raw_claude_code_usage
where ingest_date >= date '2000-01-01' and actor_email is not null
group by actor_email
