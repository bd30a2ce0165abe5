-- One row is a UTC day, platform, department, person, actor type, API key and model: cost and tokens.
-- From fct_cost_daily, fct_usage_daily and dim_user_history.
-- Caveat: seats and credits are not in it: they follow no use. `is_moved`: the key had another owner within 8 weeks.
with
parts as (
  select cost_date as day, platform, user_email, actor_type, api_key_id, model_family as model,
    cost_usd, 0 as tokens, 0 as input_tokens, 0 as cache_read_tokens
  from fct_cost_daily
  where cost_date >= date '2000-01-01' and coalesce(cost_type, 'unknown') not in ('subscription', 'credit')
  union all
  select usage_date, platform, user_email, actor_type, api_key_id, model_family,
    0, coalesce(input_tokens, 0) + coalesce(output_tokens, 0), coalesce(input_tokens, 0), coalesce(cache_read_tokens, 0)
  from fct_usage_daily
  where usage_date >= date '2000-01-01'
),

cells as (
  select
    day,
    platform,
    coalesce(user_email, 'unattributed') as user_email,
    coalesce(actor_type, 'unknown') as actor_type,
    api_key_id,
    model,
    cast(sum(cost_usd) as float64) as cost_usd,
    cast(sum(tokens) as float64) as tokens,
    sum(input_tokens) as input_tokens,
    sum(cache_read_tokens) as cache_read_tokens
  from parts
  group by 1, 2, 3, 4, 5, 6
)

select
  cells.*,
  if(cells.cost_usd = 0, cells.tokens, 0) as free_tokens,
  coalesce(periods.department, 'no department') as department,
  cells.api_key_id is not null and min(cells.user_email) over recent != max(cells.user_email) over recent as is_moved
from cells
left join dim_user_history as periods
  on periods.email = cells.user_email
  and cells.day between periods.valid_from and periods.valid_to
window recent as (
  partition by cells.platform, cells.api_key_id
  order by unix_date(cells.day) range between 56 preceding and current row
)
