-- One row is a UTC day, platform, person and actor type: sessions, suggestions, commits and pull requests.
-- From fct_activity_daily and dim_user_history.
-- Caveat: the acceptance rate is accepts / (accepts + rejects), of sums. The two platforms count in different ways.
with
activity as (
  select
    usage_date,
    platform,
    user_email,
    coalesce(actor_type, 'unknown') as actor_type,
    max(if(is_active, 1, 0)) = 1 as is_active,
    sum(sessions) as sessions,
    sum(accepts) as accepts,
    sum(rejects) as rejects,
    sum(commits) as commits,
    sum(pull_requests) as pull_requests
  from fct_activity_daily
  where usage_date >= date '2000-01-01'
  group by 1, 2, 3, 4
)

select
  activity.usage_date as day,
  date_trunc(activity.usage_date, month) as month,
  activity.platform,
  activity.user_email,
  activity.actor_type,
  coalesce(periods.department, 'no department') as department,
  activity.is_active,
  cast(activity.sessions as int64) as sessions,
  cast(activity.accepts as int64) as accepts,
  cast(activity.rejects as int64) as rejects,
  cast(activity.commits as int64) as commits,
  cast(activity.pull_requests as int64) as pull_requests
from activity
left join dim_user_history as periods
  on periods.email = activity.user_email
  and activity.usage_date between periods.valid_from and periods.valid_to
