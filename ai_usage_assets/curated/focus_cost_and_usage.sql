-- One row is a charge in the columns of FOCUS 1.3: a UTC day, account, key, person, model and kind, or a correction.
-- From the charges with their meters and invoices (int_focus_priced).
-- Caveat: BilledCost is an estimate until an invoice of the day is entered; then InvoiceId names it.
select
  billed_usd as BilledCost,
  platform as BillingAccountId,
  cast(null as string) as BillingAccountName,
  'USD' as BillingCurrency,
  utc_midnight(billing_end) as BillingPeriodEnd,
  utc_midnight(billing_month) as BillingPeriodStart,
  category as ChargeCategory,
  if(correction = 'booked', 'Correction', null) as ChargeClass,
  case
    when correction = 'booked' then concat('Change of a closed month, ', cost_type)
    when correction = 'taken_out' then concat('Change of a closed month, taken out of it, ', cost_type)
    when cost_type = 'subscription' then concat('Seat of one day', coalesce(concat(', ', tier), ''))
    when cost_type = 'included' then concat(model, ', included in the plan')
    else concat(coalesce(model, cost_type), ', ', coalesce(meter, cost_type))
  end as ChargeDescription,
  case category when 'Purchase' then 'Recurring' when 'Usage' then 'Usage-Based' else 'One-Time' end as ChargeFrequency,
  utc_midnight(charge_end) as ChargePeriodEnd,
  utc_midnight(charge_date) as ChargePeriodStart,
  if(category = 'Usage', units, null) as ConsumedQuantity,
  if(category = 'Usage', unit, null) as ConsumedUnit,
  billed_usd as ContractedCost,
  if(billed_usd < 0, null, cast(safe_divide(cast(billed_usd as float64), cast(quantity as float64)) as numeric))
    as ContractedUnitPrice,
  billed_usd as EffectiveCost,
  invoice_id as InvoiceId,
  provider as InvoiceIssuerName,
  list_usd as ListCost,
  if(cost_type = 'included', cast(safe_divide(cast(list_usd as float64), cast(quantity as float64)) as numeric), null)
    as ListUnitPrice,
  case
    when category not in ('Usage', 'Purchase') then null
    when cost_type = 'included' then 'Other'
    else 'Standard'
  end as PricingCategory,
  quantity as PricingQuantity,
  pricing_unit as PricingUnit,
  provider as ProviderName,
  provider as PublisherName,
  'AI and Machine Learning' as ServiceCategory,
  service as ServiceName,
  'Generative AI' as ServiceSubcategory,
  sku_id as SkuId,
  meter as SkuMeter,
  if(
    model is null or sku_id is null, null,
    concat(
      '{"x_ModelId":', to_json_string(model),
      coalesce(concat(',"x_TokenDirection":"', direction, '"'), ''),
      coalesce(concat(',"x_TokenCacheAction":"', cache_action, '"'), ''), '}'
    )
  ) as SkuPriceDetails,
  sku_id as SkuPriceId,
  workspace_id as SubAccountId,
  workspace_name as SubAccountName,
  allocation as AllocatedMethodId,
  if(allocation in ('key', 'account', 'vendor'), coalesce(api_key_id, principal), null) as AllocatedResourceId,
  provider as HostProviderName,
  provider as ServiceProviderName,
  charge_date as x_ChargeDate,
  platform as x_Platform,
  cost_type as x_CostType,
  invoice_id is null as x_IsEstimate,
  model as x_ModelId,
  direction as x_TokenDirection,
  cache_action as x_TokenCacheAction,
  principal as x_PrincipalId,
  actor_type as x_PrincipalType,
  api_key_id as x_CredentialId,
  uncached_input_tokens as x_InputTokens,
  cache_read_tokens as x_CacheReadTokens,
  cache_write_tokens as x_CacheWriteTokens,
  output_tokens as x_OutputTokens
from int_focus_priced
