-- One row is an invoice whose days changed after it was issued: their cost at that time minus their cost now.
-- From the invoices (int_invoices) and the restated totals of their platform and days (fct_restatements).
-- Caveat: only usage lines: seats are not restated. Of a day that was restated several times, the newest change counts.
select
  invoices.platform,
  invoices.invoice_id,
  sum(
    if(
      restated.restatements = 1 or date(restated.first_published_at, 'UTC') > invoices.issued_on,
      restated.first_value, restated.previous_value
    ) - restated.current_value
  ) as restated_usd
from int_invoices as invoices
inner join fct_restatements as restated
  on restated.platform = invoices.platform
  and date(restated.restated_at, 'UTC') > invoices.issued_on
where restated.measure = 'cost_usd' and restated.user_email is null
  and restated.day between invoices.usage_from and invoices.usage_to
group by 1, 2
