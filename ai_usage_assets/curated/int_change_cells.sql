-- One row is a month, platform and model, or cost type without tokens: its use in the month, and in the month before.
-- From the facts and the loaded months (int_loaded_months). Seats are not in it.
-- Caveat: a month is compared with the rate per day of the month before, so that 28 and 31 days compare.
with
cells as (
  select
    date_trunc(cost_date, month) as month,
    platform,
    if(cost_type in ('usage', 'overage') and model is not null, model, coalesce(cost_type, 'usage')) as cell,
    sum(cost_usd) as cost_usd,
    0 as tokens
  from fct_cost_daily
  where cost_date >= date '2000-01-01' and coalesce(cost_type, 'usage') != 'subscription'
  group by 1, 2, 3
  union all
  select
    date_trunc(usage_date, month),
    platform,
    model,
    cast(0 as numeric),
    sum(coalesce(input_tokens, 0) + coalesce(output_tokens, 0))
  from fct_usage_daily
  where usage_date >= date '2000-01-01'
  group by 1, 2, 3
),

pairs as (
  select months.month, months.platform, cells.cell, cells.cost_usd, cells.tokens,
    cast(0 as numeric) as earlier_usd,
    0 as earlier_tokens
  from int_compared_months as months
  join cells on cells.month = months.month and cells.platform = months.platform
  union all
  select months.month, months.platform, cells.cell, cast(0 as numeric), 0, cells.cost_usd, cells.tokens
  from int_compared_months as months
  join cells on cells.month = months.earlier_month and cells.platform = months.platform
)

select
  pairs.month,
  pairs.platform,
  pairs.cell,
  cast(sum(pairs.cost_usd) as float64) as cost_usd,
  cast(sum(pairs.tokens) as float64) as tokens,
  cast(sum(pairs.earlier_usd) as float64) * months.scale as earlier_usd,
  cast(sum(pairs.earlier_tokens) as float64) * months.scale as earlier_tokens
from pairs
join int_compared_months as months on months.month = pairs.month and months.platform = pairs.platform
group by pairs.month, pairs.platform, pairs.cell, months.scale
