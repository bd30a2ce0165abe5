-- One row is a month with loaded days and platform: its dollars, people and tokens, and what came after its close.
-- From the facts, dim_users, closed_months and the loaded months (int_loaded_months).
-- Caveat: the factors are 1 if the month is not closed. `seats_usd` is as it was closed, `restated_seats_usd` the rest.
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
)

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
