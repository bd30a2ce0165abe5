-- One row is an invoice, a kind of line and a cost type: the cost of the days that the lines of the kind bill.
-- From the invoices (int_invoices) and the cost of their platform and days (int_cost_days).
-- Caveat: an invoice without a line of a kind takes no cost of it. A cost type without cost in these days has no row.
select
  invoices.platform,
  invoices.invoice_id,
  costs.kind,
  costs.cost_type,
  min(if(costs.kind = 'usage', invoices.usage_from, invoices.seats_from)) as period_start,
  max(if(costs.kind = 'usage', invoices.usage_to, invoices.seats_to)) as period_end,
  sum(costs.cost_usd) as cost_usd
from int_invoices as invoices
inner join int_cost_days as costs
  on costs.platform = invoices.platform
  and costs.cost_date between if(costs.kind = 'usage', invoices.usage_from, invoices.seats_from)
    and if(costs.kind = 'usage', invoices.usage_to, invoices.seats_to)
group by 1, 2, 3, 4
