-- One row is a person and a period: the department, team and cost center of its days.
-- From dim_users and people.csv (identity_people).
-- Caveat: the periods of a person cover all days. NULL means that people.csv has no row for these days, or no value.
with
stated as (
  select email, nullif(department, '') as department, nullif(team, '') as team,
    nullif(cost_center, '') as cost_center,
    coalesce(valid_from, date '0001-01-01') as valid_from,
    coalesce(valid_to, date '9999-12-31') as valid_to
  from identity_people
),

-- the day before and the day after each row; NULL beyond the calendar
neighbors as (
  select email, valid_from,
    if(valid_from > date '0001-01-01', date_sub(valid_from, interval 1 day), null) as day_before,
    if(valid_to < date '9999-12-31', date_add(valid_to, interval 1 day), null) as day_after,
    lag(valid_to) over (partition by email order by valid_from) as previous_to,
    lead(valid_from) over (partition by email order by valid_from) as next_from
  from stated
),

gaps as (
  select email, date '0001-01-01' as valid_from, day_before as valid_to
  from neighbors
  where previous_to is null and day_before is not null
  union all
  select email, day_after, coalesce(date_sub(next_from, interval 1 day), date '9999-12-31')
  from neighbors
  where day_after is not null and (next_from is null or next_from > day_after)
),

periods as (
  select email, department, team, cost_center, valid_from, valid_to
  from stated
  union all
  select email, cast(null as string), cast(null as string), cast(null as string), valid_from, valid_to
  from gaps
)

select
  users.email,
  periods.department,
  periods.team,
  periods.cost_center,
  coalesce(periods.valid_from, date '0001-01-01') as valid_from,
  coalesce(periods.valid_to, date '9999-12-31') as valid_to
from dim_users as users
left join periods on periods.email = users.email
