-- One row is a month, vendor and person who used this vendor alone, while others used the other one too.
-- From fct_usage_daily and fct_cost_daily.
-- Caveat: Claude Code is Anthropic's. In a month in which one vendor alone was used, nobody is listed.
with
vendors as (
  select
    date_trunc(usage_date, month) as month,
    if(platform = 'cursor', 'cursor', 'anthropic') as vendor,
    user_email,
    min(usage_date) as first_day,
    max(usage_date) as last_day
  from fct_usage_daily
  where usage_date >= date '2000-01-01'
    and user_email != 'unattributed' and coalesce(actor_type, 'person') != 'service'
  group by 1, 2, 3
),

counted as (
  select
    *,
    count(vendor) over (partition by month, user_email) as vendors_of_person,
    count(distinct vendor) over (partition by month) as vendors_of_month
  from vendors
),

costs as (
  select date_trunc(cost_date, month) as month, user_email, sum(cost_usd) as cost_usd
  from fct_cost_daily
  where cost_date >= date '2000-01-01'
  group by 1, 2
)

select
  counted.month,
  counted.vendor,
  counted.user_email,
  counted.first_day,
  counted.last_day,
  costs.cost_usd
from counted
left join costs on costs.month = counted.month and costs.user_email = counted.user_email
where counted.vendors_of_person = 1 and counted.vendors_of_month = 2
