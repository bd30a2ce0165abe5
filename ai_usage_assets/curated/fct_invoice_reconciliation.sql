-- One row is an invoice and a component: what is invoiced, or a part of it that is known, or what is unexplained.
-- From invoices.csv (identity_invoices), the cost of its days (int_invoice_costs) and what is left (int_invoice_*.sql).
-- Caveat: the components other than `invoiced` sum to it. `credit` can be the invoice's and the cost report's.
with
candidates as (
  select platform, invoice_id, string_agg(candidate, '; ' order by position, candidate) as candidates
  from int_invoice_candidates
  group by 1, 2
),

components as (
  select platform, invoice_id, 'invoiced' as component, 'invoice' as source,
    sum(amount_usd) as amount_usd, min(period_start) as period_start, max(period_end) as period_end,
    cast(null as string) as candidates
  from identity_invoices
  group by 1, 2
  union all
  select platform, invoice_id, kind, 'invoice', sum(amount_usd), min(period_start), max(period_end),
    cast(null as string)
  from identity_invoices
  where kind not in ('usage', 'seats')
  group by 1, 2, 3
  union all
  select platform, invoice_id, cost_type, 'cost', cost_usd, period_start, period_end,
    cast(null as string)
  from int_invoice_costs
  union all
  select platform, invoice_id, 'restated_since', 'restatements', restated_usd, cast(null as date),
    cast(null as date), cast(null as string)
  from int_invoice_restatements
  union all
  select platform, invoice_id, 'rounding', 'difference', rounding_usd, cast(null as date),
    cast(null as date), cast(null as string)
  from int_invoice_differences
  union all
  select differences.platform, differences.invoice_id, 'unexplained', 'difference',
    differences.unexplained_usd, cast(null as date), cast(null as date), candidates.candidates
  from int_invoice_differences as differences
  left join candidates
    on candidates.platform = differences.platform and candidates.invoice_id = differences.invoice_id
)

select
  components.platform,
  components.invoice_id,
  invoices.issued_on,
  components.component,
  components.source,
  cast(components.amount_usd as numeric) as amount_usd,
  components.period_start,
  components.period_end,
  components.candidates
from components
inner join int_invoices as invoices
  on invoices.platform = components.platform and invoices.invoice_id = components.invoice_id
