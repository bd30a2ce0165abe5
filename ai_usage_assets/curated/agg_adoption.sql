-- One row is a week (from Monday), platform and department: seats, and how many people use the tool how much.
-- From fct_activity_daily, fct_seats_daily, dim_user_history and load_log.
-- Caveat: who holds a seat is known for Cursor only. Without it, `inactive_people` cannot be counted.
with
seat_days as (
  select
    date_trunc(seat_date, isoweek) as week,
    platform,
    user_email,
    seat_date,
    seats,
    coalesce(cost_usd, 0) as cost_usd,
    is_idle_seat(held) as is_idle,
    max(seat_date) over (partition by date_trunc(seat_date, isoweek), platform) as last_day
  from fct_seats_daily as held
  where seat_date >= date '2000-01-01'
),

holders as (
  select
    week,
    platform,
    user_email,
    sum(if(seat_date = last_day, seats, 0)) as seats,
    sum(if(seat_date = last_day and is_idle, seats, 0)) as idle_seats,
    sum(if(is_idle, cost_usd, 0)) as idle_seats_usd
  from seat_days
  group by 1, 2, 3
),

active as (
  select
    date_trunc(usage_date, isoweek) as week,
    platform,
    user_email,
    count(distinct usage_date) as active_days
  from fct_activity_daily
  where usage_date >= date '2000-01-01'
    and is_active and user_email != 'unattributed' and coalesce(actor_type, 'person') = 'person'
  group by 1, 2, 3
),

people as (
  select
    coalesce(holders.week, active.week) as week,
    coalesce(holders.platform, active.platform) as platform,
    coalesce(holders.user_email, active.user_email) as user_email,
    holders.seats,
    holders.idle_seats,
    holders.idle_seats_usd,
    coalesce(active.active_days, 0) as active_days
  from holders
  full outer join active
    on active.week = holders.week and active.platform = holders.platform and active.user_email = holders.user_email
),

loaded as (
  select date_trunc(day, isoweek) as week, count(day) as days_in
  from load_log
  where table_name = 'fct_activity_daily'
  group by 1
)

select
  people.week,
  people.platform,
  coalesce(history.department, 'no department') as department,
  coalesce(loaded.days_in, 0) as days_in,
  cast(sum(people.seats) as int64) as seats,
  countif(people.active_days > 0) as active_people,
  if(
    sum(people.seats) is null, null, countif(people.active_days = 0 and people.user_email != 'unattributed')
  ) as inactive_people,
  countif(people.active_days > 0 and people.active_days < @moderate_days) as light_people,
  countif(people.active_days >= @moderate_days and people.active_days < @heavy_days) as moderate_people,
  countif(people.active_days >= @heavy_days) as heavy_people,
  cast(sum(people.idle_seats) as int64) as idle_seats,
  cast(sum(people.idle_seats_usd) as numeric) as idle_seats_usd
from people
left join loaded on loaded.week = people.week
left join dim_user_history as history
  on history.email = people.user_email
  and date_add(people.week, interval 6 day) between history.valid_from and history.valid_to
group by 1, 2, 3, 4
