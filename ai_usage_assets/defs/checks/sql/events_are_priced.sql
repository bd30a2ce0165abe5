-- One row is a day, and for events without a price their model.
-- part: charged events of Cursor without an amount, or with tokens at 0 dollars. whole: all events.
select
  ingest_date as day,
  if(has_no_price, model, null) as subject,
  countif(has_no_price) as part,
  count(1) as whole
from (
  select
    ingest_date,
    model,
    is_charged and (
      amount_usd is null
      or (
        amount_usd = 0
        and coalesce(input_tokens, 0) + coalesce(output_tokens, 0) + coalesce(cache_read_tokens, 0)
          + coalesce(cache_write_tokens, 0) > 0
      )
    ) as has_no_price
  from int_cursor_events
) as events
group by 1, 2
