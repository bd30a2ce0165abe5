-- One row is a day, and for events of an unknown kind that kind.
-- part: events of Cursor of an unknown kind, or without a kind. whole: what these are worth in dollars.
select
  ingest_date as day,
  if(
    is_unknown, concat(coalesce(kind, 'no kind'), if(is_charged, ' (charged)', ' (not charged)')), null
  ) as subject,
  countif(is_unknown) as part,
  sum(if(is_unknown, amount_usd, 0)) as whole
from (
  select ingest_date, kind, is_charged, amount_usd, charge_kind in ('unknown', 'missing') as is_unknown
  from int_cursor_events
) as events
group by 1, 2
