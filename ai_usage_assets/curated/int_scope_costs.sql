-- One row is a UTC day, scope and name (the company, a platform, a group or a person): its cost.
-- From fct_cost_daily and dim_user_history.
-- Caveat: scopes have cost in common, so never add them. The groups are those of the person on the day.
with
costs as (
  select
    cost_date,
    platform,
    user_email,
    sum(cost_usd) as cost_usd,
    sum(if(cost_type = 'subscription', cost_usd, 0)) as seats_usd,
    sum(if(actor_type = 'service', cost_usd, 0)) as services_usd
  from fct_cost_daily
  where cost_date >= date '2000-01-01'
  group by 1, 2, 3
),

named as (
  select
    costs.cost_date,
    costs.cost_usd,
    costs.seats_usd,
    costs.services_usd,
    scope,
    case scope
      when 'company' then 'company'
      when 'platform' then costs.platform
      when 'department' then people.department
      when 'team' then people.team
      when 'cost_center' then people.cost_center
      else nullif(costs.user_email, 'unattributed')
    end as name
  from costs
  cross join unnest(['company', 'platform', 'department', 'team', 'cost_center', 'person']) as scope
  left join dim_user_history as people
    on people.email = costs.user_email
    and costs.cost_date between people.valid_from and people.valid_to
)

select
  cost_date,
  scope,
  name,
  sum(cost_usd) as cost_usd,
  sum(seats_usd) as seats_usd,
  sum(services_usd) as services_usd
from named
where name is not null
group by 1, 2, 3
