-- One row is a member of Cursor's team, by id and e-mail, who was active: with the first and last active day.
-- From all days of raw_cursor_usage.
-- Caveat: a write reads the table seen_values instead, which holds the same rows (warehouse/seen_values.py).
select 'raw_cursor_usage' as table_name, 'active' as attribute, coalesce(user_id, '') as value,
  coalesce(email, '') as detail, min(ingest_date) as first_day, max(ingest_date) as last_day
from raw_cursor_usage
where ingest_date >= date '2000-01-01'
  and coalesce(
    is_active,
    total_lines_added > 0 or total_accepts > 0
      or subscription_included_reqs > 0 or usage_based_reqs > 0
  )
group by coalesce(user_id, ''), coalesce(email, '')
