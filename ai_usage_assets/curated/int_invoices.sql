-- One row is an invoice: its amounts by kind, and the days of its usage lines and of its seats lines.
-- From invoices.csv (identity_invoices).
-- Caveat: the days of a kind are NULL if the invoice has no line of the kind. The last day is inclusive.
select
  platform,
  invoice_id,
  min(issued_on) as issued_on,
  countif(kind in ('usage', 'seats')) as compared_lines,
  sum(if(kind = 'usage', amount_usd, 0)) as usage_usd,
  sum(if(kind = 'seats', amount_usd, 0)) as seats_usd,
  min(if(kind = 'usage', period_start, null)) as usage_from,
  max(if(kind = 'usage', period_end, null)) as usage_to,
  min(if(kind = 'seats', period_start, null)) as seats_from,
  max(if(kind = 'seats', period_end, null)) as seats_to
from identity_invoices
group by 1, 2
