-- One row is an invoice and a possible cause of its unexplained amount, as a sentence.
-- From the differences (int_invoice_differences), the metered cost of each day and of other periods, and seat prices.
-- Caveat: a cause whose amount equals the difference to the cent can still be a coincidence.
with
open_differences as (
  select platform, invoice_id, usage_invoiced_usd, usage_from, usage_to, seats_from, seats_to,
    usage_difference_usd, seats_difference_usd, credit_usd, restated_usd, unexplained_usd,
    abs(usage_difference_usd - unexplained_usd) <= 0.01 as is_in_usage,
    abs(seats_difference_usd - unexplained_usd) <= 0.01 as is_in_seats
  from int_invoice_differences
  where unexplained_usd != 0
),

billed_days as (
  select invoices.platform, invoices.invoice_id, day
  from open_differences as invoices
  cross join unnest(generate_date_array(
    least(coalesce(usage_from, seats_from), coalesce(seats_from, usage_from)),
    greatest(coalesce(usage_to, seats_to), coalesce(seats_to, usage_to))
  )) as day
  where day between usage_from and usage_to or day between seats_from and seats_to
)

select billed_days.platform, billed_days.invoice_id, 1 as position,
  concat(
    cast(count(billed_days.day) as string), ' day(s) of the period are not loaded, the first is ',
    cast(min(billed_days.day) as string)
  ) as candidate
from billed_days
left join int_loaded_days as loaded
  on loaded.platform = billed_days.platform and loaded.day = billed_days.day
where loaded.day is null
group by 1, 2
union all
select invoices.platform, invoices.invoice_id, 2,
  concat('equals the metered cost of ', cast(costs.cost_date as string), ', which the invoice does not have')
from open_differences as invoices
inner join int_metered_days as costs
  on costs.platform = invoices.platform
  and costs.cost_date between invoices.usage_from and invoices.usage_to
where invoices.is_in_usage and costs.cost_usd != 0
  and abs(costs.cost_usd + invoices.unexplained_usd) <= 0.01
union all
select platform, invoice_id, 3,
  concat(
    'the usage equals that of ', cast(first_day as string), ' to ', cast(last_day as string),
    ', another billing period'
  )
from int_invoice_periods
union all
select invoices.platform, invoices.invoice_id, 4,
  concat(
    'equals the price of ',
    cast(cast(abs(round(invoices.unexplained_usd / prices.usd_per_seat_month)) as int64) as string),
    ' seat(s) of tier ', coalesce(prices.tier, 'standard'),
    if(invoices.unexplained_usd > 0, ' more', ' fewer'), ' than the seats of people that are counted'
  )
from open_differences as invoices
inner join identity_seats as prices
  on prices.platform = invoices.platform
  and invoices.seats_from >= coalesce(prices.valid_from, date '0001-01-01')
  and invoices.seats_from <= coalesce(prices.valid_to, date '9999-12-31')
where invoices.is_in_seats and prices.usd_per_seat_month > 0
  and abs(round(invoices.unexplained_usd / prices.usd_per_seat_month)) >= 1
  and abs(
    invoices.unexplained_usd
    - round(invoices.unexplained_usd / prices.usd_per_seat_month) * prices.usd_per_seat_month
  ) <= 0.01
union all
select platform, invoice_id, 5,
  if(
    seats_difference_usd > 0, 'more seats are invoiced than people are counted',
    'fewer seats are invoiced than people are counted'
  )
from open_differences
where abs(seats_difference_usd) > 0.01
union all
select platform, invoice_id, 6,
  'equals the credit that the cost report has already, and that the invoice may have as a line of its own'
from open_differences
where credit_usd != 0 and abs(abs(unexplained_usd) - abs(credit_usd)) <= 0.01
union all
select platform, invoice_id, 7,
  'equals what changed after the invoice was issued, so the invoice may have the change already'
from open_differences
where restated_usd != 0 and abs(unexplained_usd + restated_usd) <= 0.01
union all
select invoices.platform, invoices.invoice_id, 8,
  'priority tier: there are tokens of it, whose price is not in the cost report'
from open_differences as invoices
inner join raw_anthropic_usage as usage
  on usage.ingest_date between invoices.usage_from and invoices.usage_to
where invoices.platform = 'anthropic' and usage.ingest_date >= date '2000-01-01'
  and usage.service_tier like 'priority%'
group by 1, 2
