-- One row is a month and platform: its cost, and why it differs from the month before.
-- From the months (int_change_months, int_compared_months) and the parts of the change (int_change_parts).
-- Caveat: a token's price is the mean over its kinds, so a higher share of cache reads lowers it.
with
rounded as (
  select
    this_month.month,
    this_month.platform,
    this_month.cost_usd,
    earlier.cost_usd as earlier_usd,
    this_month.cost_usd - earlier.cost_usd as change_usd,
    compared.days_in,
    compared.earlier_days_in,
    this_month.people,
    earlier.people as earlier_people,
    round(cast(cast(earlier.cost_usd as float64) * (compared.scale - 1) as numeric), 4) as calendar_usd,
    round(cast(coalesce(parts.people_usd, 0) as numeric), 4) as people_usd,
    round(cast(coalesce(parts.use_usd, 0) as numeric), 4) as use_usd,
    round(cast(coalesce(parts.mix_usd, 0) as numeric), 4) as mix_usd,
    round(cast(coalesce(parts.new_and_gone_usd, 0) as numeric), 4) as new_and_gone_usd,
    round(cast(
      cast(this_month.seats_usd as float64) - cast(earlier.seats_usd as float64) * compared.scale as numeric
    ), 4) as seats_usd,
    round(cast(
      coalesce(parts.restated_usd, 0)
      + cast(this_month.restated_seats_usd as float64) - cast(earlier.restated_seats_usd as float64) * compared.scale
      as numeric
    ), 4) as restatements_usd
  from int_change_months as this_month
  left join int_compared_months as compared
    on compared.month = this_month.month and compared.platform = this_month.platform
  left join int_change_months as earlier
    on earlier.month = compared.earlier_month and earlier.platform = this_month.platform
  left join int_change_parts as parts on parts.month = this_month.month and parts.platform = this_month.platform
)

select
  month,
  platform,
  cast(cost_usd as numeric) as cost_usd,
  cast(earlier_usd as numeric) as earlier_cost_usd,
  cast(change_usd as numeric) as change_usd,
  days_in,
  earlier_days_in,
  people,
  earlier_people,
  calendar_usd,
  if(change_usd is null, null, people_usd) as people_usd,
  if(change_usd is null, null, use_usd) as use_usd,
  if(change_usd is null, null, mix_usd) as mix_usd,
  -- the rest, so that the parts add up: the price itself, and what rounding leaves
  cast(
    change_usd - calendar_usd - people_usd - use_usd - mix_usd - new_and_gone_usd - seats_usd - restatements_usd
    as numeric
  ) as price_usd,
  seats_usd,
  if(change_usd is null, null, new_and_gone_usd) as new_and_gone_usd,
  restatements_usd
from rounded
where cost_usd != 0 or coalesce(earlier_usd, 0) != 0
