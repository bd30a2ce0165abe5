-- One row is a UTC day, platform, tier and seat holder: the seat, its price for the day, and when it was last used.
-- From the seat holders (int_seat_days), their prices (int_seat_charges) and their activity (int_recent_activity).
-- Caveat: people are known for Cursor only. Seats of other platforms are unattributed.
with
parts as (
  select cost_date as seat_date, platform, tier, user_email, seat_count, amount_usd
  from int_seat_charges
  union all
  select holders.day, holders.platform, holders.tier, holders.user_email, 1, cast(null as numeric)
  from int_seat_days as holders
  left join (select distinct cost_date, platform, tier from int_seat_charges) as priced
    on priced.cost_date = holders.day and priced.platform = holders.platform
    and priced.tier = holders.tier
  where priced.tier is null
),

seats as (
  select seat_date, platform, tier, user_email, sum(seat_count) as seats, sum(amount_usd) as cost_usd
  from parts
  group by 1, 2, 3, 4
)

select
  seats.seat_date,
  seats.platform,
  seats.tier,
  seats.user_email,
  seats.seats,
  seats.cost_usd,
  if(
    seats.user_email = 'unattributed', null, coalesce(activity.last_active_date = seats.seat_date, false)
  ) as is_active,
  activity.last_active_date,
  current_timestamp() as processed_at
from seats
left join int_recent_activity as activity
  on activity.day = seats.seat_date and activity.user_email = if(seats.platform = 'cursor', seats.user_email, null)
