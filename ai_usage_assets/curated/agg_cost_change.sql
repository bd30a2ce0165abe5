-- One row is a month and platform: its cost, and why it differs from the month before.
-- From the facts (int_change_cells), dim_users and closed_months. The parts are log-mean Divisia weights (LMDI-I).
-- Caveat: a token's price is the mean over its kinds, so a higher share of cache reads lowers it.
with
totals as (
  select
    date_trunc(cost_date, month) as month,
    platform,
    sum(cost_usd) as cost_usd,
    sum(if(cost_type = 'subscription', cost_usd, 0)) as seats_usd,
    cast(sum(if(cost_type = 'subscription', 0, cost_usd)) as float64) as metered_usd
  from fct_cost_daily
  where cost_date >= date '2000-01-01'
  group by 1, 2
),

users as (
  select
    date_trunc(usage.usage_date, month) as month,
    usage.platform,
    count(distinct if(people.kind = 'person' and usage.user_email != 'unattributed', people.email, null)) as people,
    cast(sum(coalesce(usage.input_tokens, 0) + coalesce(usage.output_tokens, 0)) as float64) as tokens
  from fct_usage_daily as usage
  left join dim_users as people on people.email = usage.user_email
  where usage.usage_date >= date '2000-01-01'
  group by 1, 2
),

published as (
  select
    month,
    platform,
    sum(if(cost_type = 'subscription', cost_usd, 0)) as seats_usd,
    cast(sum(if(cost_type = 'subscription', 0, cost_usd)) as float64) as metered_usd,
    cast(sum(tokens) as float64) as tokens
  from closed_months
  where month >= date '2000-01-01' and is_current and cost_month = month
  group by 1, 2
),

-- per month: how much of its dollars and tokens came after it was closed, as a factor; 1 if it is not closed
months as (
  select
    loaded.month,
    loaded.platform,
    coalesce(totals.cost_usd, 0) as cost_usd,
    coalesce(published.seats_usd, totals.seats_usd, 0) as seats_usd,
    coalesce(totals.seats_usd, 0) - coalesce(published.seats_usd, totals.seats_usd, 0) as restated_seats_usd,
    coalesce(users.people, 0) as people,
    coalesce(users.tokens, 0) as tokens,
    if(totals.metered_usd > 0 and published.metered_usd > 0, totals.metered_usd / published.metered_usd, 1)
      as usd_factor,
    if(users.tokens > 0 and published.tokens > 0, users.tokens / published.tokens, 1) as token_factor
  from int_loaded_months as loaded
  left join totals on totals.month = loaded.month and totals.platform = loaded.platform
  left join users on users.month = loaded.month and users.platform = loaded.platform
  left join published on published.month = loaded.month and published.platform = loaded.platform
),

factors as (
  select
    compared.month,
    compared.platform,
    compared.scale,
    if(this_month.people > 0 and earlier.people > 0, ln(this_month.people / earlier.people), 0) as people,
    if(this_month.tokens > 0 and earlier.tokens > 0, ln(this_month.tokens / (earlier.tokens * compared.scale)), 0) as tokens,
    ln(this_month.usd_factor / earlier.usd_factor) as restated_usd,
    ln(this_month.token_factor / earlier.token_factor) as restated_tokens
  from int_compared_months as compared
  join months as this_month on this_month.month = compared.month and this_month.platform = compared.platform
  join months as earlier on earlier.month = compared.earlier_month and earlier.platform = compared.platform
),

-- a cell in both months has a weight; another is new or gone
weighted as (
  select
    month,
    platform,
    cost_usd - earlier_usd as change_usd,
    cost_usd * earlier_usd > 0 as is_in_both,
    cost_usd * earlier_usd > 0 and tokens > 0 and earlier_tokens > 0 as has_tokens,
    case
      when not cost_usd * earlier_usd > 0 then 0
      when abs(cost_usd / earlier_usd - 1) < 1e-9 then cost_usd
      else (cost_usd - earlier_usd) / ln(cost_usd / earlier_usd)
    end as weight,
    if(tokens > 0 and earlier_tokens > 0, ln(tokens / earlier_tokens), 0) as more_tokens,
    if(cost_usd * earlier_usd > 0, ln(cost_usd / earlier_usd), 0) as more_usd
  from int_change_cells
),

parts as (
  select
    weighted.month,
    weighted.platform,
    sum(weighted.weight * factors.people) as people_usd,
    sum(weighted.weight * if(
      weighted.has_tokens,
      factors.tokens - factors.people - factors.restated_tokens,
      weighted.more_usd - factors.people - factors.restated_usd
    )) as use_usd,
    sum(if(weighted.has_tokens, weighted.weight * (weighted.more_tokens - factors.tokens), 0)) as mix_usd,
    sum(if(
      weighted.has_tokens,
      weighted.weight * (weighted.more_usd - weighted.more_tokens - factors.restated_usd + factors.restated_tokens),
      0
    )) as price_usd,
    sum(weighted.weight * factors.restated_usd) as restated_usd,
    sum(if(weighted.is_in_both, 0, weighted.change_usd)) as new_and_gone_usd
  from weighted
  join factors on factors.month = weighted.month and factors.platform = weighted.platform
  group by 1, 2
),

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
  from months as this_month
  left join int_compared_months as compared
    on compared.month = this_month.month and compared.platform = this_month.platform
  left join months as earlier
    on earlier.month = compared.earlier_month and earlier.platform = this_month.platform
  left join parts on parts.month = this_month.month and parts.platform = this_month.platform
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
