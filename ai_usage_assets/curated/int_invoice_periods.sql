-- One row is an invoice and another billing period whose metered cost equals the usage that the invoice bills.
-- From the unexplained invoices (int_invoice_differences) and the metered cost of each day (int_metered_days).
-- Caveat: it compares the month before and after, and the calendar months of the first and of the last day.
with
unexplained as (
  select platform, invoice_id, usage_invoiced_usd, usage_from, usage_to
  from int_invoice_differences
  where usage_invoiced_usd != 0 and unexplained_usd != 0
    and abs(usage_difference_usd - unexplained_usd) <= 0.01
),

other_periods as (
  select platform, invoice_id, usage_invoiced_usd, usage_from, usage_to, first_day,
    date_sub(end_day, interval 1 day) as last_day
  from (
    select platform, invoice_id, usage_invoiced_usd, usage_from, usage_to,
      date_sub(usage_from, interval 1 month) as first_day,
      date_sub(date_add(usage_to, interval 1 day), interval 1 month) as end_day
    from unexplained
    union all
    select platform, invoice_id, usage_invoiced_usd, usage_from, usage_to,
      date_add(usage_from, interval 1 month),
      date_add(date_add(usage_to, interval 1 day), interval 1 month)
    from unexplained
    union all
    select platform, invoice_id, usage_invoiced_usd, usage_from, usage_to,
      date_trunc(usage_from, month), date_add(date_trunc(usage_from, month), interval 1 month)
    from unexplained
    union all
    select platform, invoice_id, usage_invoiced_usd, usage_from, usage_to,
      date_trunc(usage_to, month), date_add(date_trunc(usage_to, month), interval 1 month)
    from unexplained
    where date_trunc(usage_to, month) != date_trunc(usage_from, month)
  ) as periods
)

select periods.platform, periods.invoice_id, periods.first_day, periods.last_day
from other_periods as periods
inner join int_metered_days as costs
  on costs.platform = periods.platform
  and costs.cost_date between periods.first_day and periods.last_day
where periods.first_day != periods.usage_from or periods.last_day != periods.usage_to
group by periods.platform, periods.invoice_id, periods.first_day, periods.last_day,
  periods.usage_invoiced_usd
having abs(sum(costs.cost_usd) - periods.usage_invoiced_usd) <= 0.01
