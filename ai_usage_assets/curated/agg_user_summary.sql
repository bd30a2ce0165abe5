-- One row is a month, person, platform and actor type: usage and cost.
-- From fct_usage_daily, fct_cost_daily, dim_users and dim_user_history.
-- Caveat: the department is the last of the month. Services have rows of their own, with the person who owns them.
with
usage_days as (
  select
    date_trunc(usage_date, month) as month,
    user_email,
    platform,
    coalesce(actor_type, 'unknown') as actor_type,
    input_tokens,
    output_tokens,
    requests,
    loc_added,
    loc_accepted,
    accepts,
    rejects
  from fct_usage_daily
  where usage_date >= date '2000-01-01'
),

used as (
  select
    month,
    user_email,
    platform,
    actor_type,
    sum(input_tokens) as input_tokens,
    sum(output_tokens) as output_tokens,
    sum(requests) as requests,
    sum(loc_added) as loc_added,
    sum(loc_accepted) as loc_accepted,
    sum(accepts) as accepts,
    sum(rejects) as rejects
  from usage_days
  group by 1, 2, 3, 4
),

charged as (
  select
    date_trunc(cost_date, month) as month,
    user_email,
    platform,
    coalesce(actor_type, 'unknown') as actor_type,
    sum(cost_usd) as cost_usd
  from fct_cost_daily
  where cost_date >= date '2000-01-01'
  group by 1, 2, 3, 4
),

months as (
  select
    coalesce(used.month, charged.month) as month,
    coalesce(used.user_email, charged.user_email) as user_email,
    coalesce(used.platform, charged.platform) as platform,
    coalesce(used.actor_type, charged.actor_type) as actor_type,
    used.input_tokens,
    used.output_tokens,
    used.requests,
    used.loc_added,
    used.loc_accepted,
    used.accepts,
    used.rejects,
    charged.cost_usd
  from used
  full outer join charged
    on charged.month = used.month
    and charged.user_email = used.user_email
    and charged.platform = used.platform
    and charged.actor_type = used.actor_type
)

select
  months.month,
  months.user_email,
  people.first_name,
  people.last_name,
  departments.department,
  months.platform,
  cast(months.input_tokens as int64) as input_tokens,
  cast(months.output_tokens as int64) as output_tokens,
  cast(months.requests as int64) as requests,
  cast(months.loc_added as int64) as loc_added,
  cast(months.loc_accepted as int64) as loc_accepted,
  safe_divide(
    cast(months.accepts as float64),
    cast(months.accepts + months.rejects as float64)
  ) as acceptance_rate,
  cast(months.cost_usd as numeric) as cost_usd,
  cast(
    round(
      safe_divide(
        cast(months.cost_usd as float64),
        cast(months.loc_accepted as float64)
      ),
      6
    ) as numeric
  ) as cost_per_accepted_line_usd,
  months.actor_type
from months
left join dim_users as people on people.email = months.user_email
-- the last period with a department that overlaps the month
left join int_stated_departments as departments
  on departments.email = months.user_email
  and last_day(months.month) >= departments.valid_from
  and last_day(months.month) < coalesce(departments.next_from, date '9999-12-31')
  and months.month <= departments.valid_to
