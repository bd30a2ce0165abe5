-- One row is a charge (int_focus_charges) with its names, category, invoice, meter and quantities.
-- From the charges, int_focus_meters, identity_invoices and dim_workspaces.
-- Caveat: a charge that has no units has no meter. If several invoices bill a day, no invoice is named.
with
invoices as (
  select platform, kind, day, if(min(invoice_id) = max(invoice_id), min(invoice_id), null) as invoice_id
  from identity_invoices
  cross join unnest(generate_date_array(period_start, period_end)) as day
  where kind in ('usage', 'seats')
  group by 1, 2, 3
)

select
  charges.charge_date,
  charges.charge_end,
  charges.billing_month,
  date_add(charges.billing_month, interval 1 month) as billing_end,
  charges.platform,
  case
    when charges.platform in ('anthropic', 'claude_code') then 'Anthropic'
    when charges.platform = 'cursor' then 'Cursor'
    else charges.platform
  end as provider,
  case
    when charges.platform = 'anthropic' then 'Claude API'
    when charges.platform = 'claude_code' then 'Claude Code'
    when charges.platform = 'cursor' then 'Cursor'
    else charges.platform
  end as service,
  case
    when charges.correction is not null then 'Adjustment'
    when charges.cost_type = 'subscription' then 'Purchase'
    when charges.cost_type = 'credit' then 'Credit'
    else 'Usage'
  end as category,
  charges.correction,
  charges.workspace_id,
  if(charges.workspace_id is null, null, coalesce(workspaces.name, charges.workspace_id)) as workspace_name,
  charges.api_key_id,
  nullif(charges.user_email, 'unattributed') as principal,
  charges.actor_type,
  charges.cost_type,
  charges.model,
  charges.tier,
  if(charges.allocation in ('event', 'seat'), null, charges.allocation) as allocation,
  invoices.invoice_id,
  meters.meter,
  -- NULL without a meter; the vendors publish no ids
  concat(
    charges.platform, '/', coalesce(concat(coalesce(charges.model, charges.tier), '/'), ''), meters.meter
  ) as sku_id,
  meters.unit,
  meters.pricing_unit,
  meters.direction,
  meters.cache_action,
  cast(charges.units as numeric) as units,
  cast(cast(charges.units as float64) / meters.units_per_price as numeric) as quantity,
  charges.billed_usd,
  -- what the plan includes has a value, and nothing is billed for it
  coalesce(charges.included_value_usd, charges.billed_usd) as list_usd,
  charges.uncached_input_tokens,
  charges.output_tokens,
  charges.cache_read_tokens,
  charges.cache_write_tokens
from int_focus_charges as charges
left join int_focus_meters as meters on meters.kind = if(charges.units is null, null, charges.kind)
left join invoices
  on invoices.platform = charges.platform and invoices.day = if(charges.correction is null, charges.charge_date, null)
  and invoices.kind = if(charges.cost_type = 'subscription', 'seats', 'usage')
left join dim_workspaces as workspaces on workspaces.workspace_id = charges.workspace_id
