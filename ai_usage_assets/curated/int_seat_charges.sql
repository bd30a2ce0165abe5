-- One row is a UTC day, platform, tier and seat holder: the cost of the seat on that day.
-- From the prices in seats.csv and the seat holders (int_seat_days).
-- Caveat: invoiced seats without a holder are unattributed.
with
month_days as (
  -- the billing month of each day; it begins on billing_day
  select day, prices.platform, coalesce(prices.tier, 'standard') as tier, prices.seats,
    cast(prices.usd_per_seat_month as float64) as month_usd,
    date_add(
      date_trunc(
        date_sub(day, interval (coalesce(prices.billing_day, 1) - 1) day), month
      ), interval (coalesce(prices.billing_day, 1) - 1) day
    ) as month_start
  from identity_seats as prices
  cross join unnest(generate_date_array(@first_day, date_sub(@end_day, interval 1 day))) as day
  where day >= coalesce(prices.valid_from, date '0001-01-01')
    and day <= coalesce(prices.valid_to, date '9999-12-31')
    and coalesce(prices.tier, 'standard') != 'free'
  qualify row_number() over (
    partition by day, prices.platform, coalesce(prices.tier, 'standard')
    order by prices.valid_from desc nulls last, prices.tier, prices.usd_per_seat_month, prices.seats
  ) = 1
),

day_numbers as (
  select day, platform, tier, seats, month_usd,
    date_diff(day, month_start, day) + 1 as day_number,
    date_diff(date_add(month_start, interval 1 month), month_start, day) as month_length
  from month_days
),

day_prices as (
  -- each day's share ends where the next one begins, so the days sum to the price of the month
  select day, platform, tier, seats,
    round(cast(month_usd * day_number / month_length as numeric), 4)
      - round(cast(month_usd * (day_number - 1) / month_length as numeric), 4) as day_usd
  from day_numbers
),

seat_holders as (
  select prices.day, prices.platform, prices.tier, prices.seats, prices.day_usd, seat_days.user_email,
    count(seat_days.user_email) over (
      partition by prices.day, prices.platform, prices.tier
    ) as people,
    row_number() over (
      partition by prices.day, prices.platform, prices.tier
      order by seat_days.user_email, seat_days.nameless_id
    ) as position
  from day_prices as prices
  left join int_seat_days as seat_days
    on seat_days.day = prices.day and seat_days.platform = prices.platform
    and seat_days.tier = prices.tier
),

charged as (
  -- if fewer seats are invoiced than there are people, the people share the invoice
  select day, platform, tier, user_email, day_usd, people, position,
    least(coalesce(seats, people), people) as seats, 1 as seat_count
  from seat_holders
  where user_email is not null
  union all
  select day, platform, tier, 'unattributed', day_usd, 1, 1, seats - people, seats - people
  from seat_holders
  where position = 1 and seats > people
)

select
  day as cost_date,
  platform,
  tier,
  user_email,
  seat_count,
  cast(
    round(cast(cast(day_usd as float64) * seats * position / people as numeric), 4)
      - round(cast(cast(day_usd as float64) * seats * (position - 1) / people as numeric), 4)
    as numeric
  ) as amount_usd
from charged
