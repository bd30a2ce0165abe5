-- One row is an invoice: what its lines and the cost of their days leave over, as rounding and as unexplained.
-- From the invoices (int_invoices), their cost (int_invoice_costs) and restatements (int_invoice_restatements).
-- Caveat: half a cent for each usage and seats line counts as rounding. What is more is unexplained in whole cents.
with
costs as (
  select platform, invoice_id,
    sum(if(kind = 'usage', cost_usd, 0)) as usage_usd,
    sum(if(kind = 'seats', cost_usd, 0)) as seats_usd,
    sum(if(cost_type = 'credit', cost_usd, 0)) as credit_usd
  from int_invoice_costs
  group by 1, 2
),

differences as (
  select
    invoices.platform, invoices.invoice_id, invoices.compared_lines,
    invoices.usage_usd as usage_invoiced_usd,
    invoices.usage_from, invoices.usage_to, invoices.seats_from, invoices.seats_to,
    invoices.usage_usd - coalesce(costs.usage_usd, 0) as usage_difference_usd,
    invoices.seats_usd - coalesce(costs.seats_usd, 0) as seats_difference_usd,
    coalesce(costs.credit_usd, 0) as credit_usd,
    coalesce(restated.restated_usd, 0) as restated_usd,
    invoices.usage_usd + invoices.seats_usd - coalesce(costs.usage_usd, 0)
      - coalesce(costs.seats_usd, 0) - coalesce(restated.restated_usd, 0) as difference_usd
  from int_invoices as invoices
  left join costs
    on costs.platform = invoices.platform and costs.invoice_id = invoices.invoice_id
  left join int_invoice_restatements as restated
    on restated.platform = invoices.platform and restated.invoice_id = invoices.invoice_id
),

in_cents as (
  select platform, invoice_id, compared_lines, usage_invoiced_usd, usage_from, usage_to, seats_from,
    seats_to, usage_difference_usd, seats_difference_usd, credit_usd, restated_usd, difference_usd,
    cast(round(difference_usd, 2) as numeric) as whole_cents_usd
  from differences
)

select
  platform,
  invoice_id,
  usage_invoiced_usd,
  usage_from,
  usage_to,
  seats_from,
  seats_to,
  usage_difference_usd,
  seats_difference_usd,
  credit_usd,
  restated_usd,
  if(
    abs(difference_usd) <= 0.005 * compared_lines, difference_usd, difference_usd - whole_cents_usd
  ) as rounding_usd,
  if(
    abs(difference_usd) <= 0.005 * compared_lines, cast(0 as numeric), whole_cents_usd
  ) as unexplained_usd
from in_cents
