-- One row is a UTC day, platform, tier and seat holder: what the seat costs on that day.
-- From the prices in seats.csv and who holds a seat (int_seat_days).
-- Caveat: seats that are invoiced and that nobody holds are unattributed.
with
month_days as (
  -- the billing month that the day is in; it begins on billing_day
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
  -- each day ends where the next begins, so that the month sums to its price
  select day, platform, tier, seats,
    round(cast(month_usd * day_number / month_length as numeric), 4)
      - round(cast(month_usd * (day_number - 1) / month_length as numeric), 4) as day_usd
  from day_numbers
),

held as (
  select prices.day, prices.platform, prices.tier, prices.seats, prices.day_usd, holders.user_email,
    count(holders.user_email) over (
      partition by prices.day, prices.platform, prices.tier
    ) as people,
    row_number() over (
      partition by prices.day, prices.platform, prices.tier
      order by holders.user_email, holders.nameless_id
    ) as place
  from day_prices as prices
  left join int_seat_days as holders
    on holders.day = prices.day and holders.platform = prices.platform
    and holders.tier = prices.tier
),

charged as (
  -- fewer seats invoiced than people: they share what is invoiced
  select day, platform, tier, user_email, day_usd, people, place,
    least(coalesce(seats, people), people) as seats
  from held
  where user_email is not null
  union all
  select day, platform, tier, 'unattributed', day_usd, 1, 1, seats - people
  from held
  where place = 1 and seats > people
)

select
  day as cost_date,
  platform,
  tier,
  user_email,
  cast(
    round(cast(cast(day_usd as float64) * seats * place / people as numeric), 4)
      - round(cast(cast(day_usd as float64) * seats * (place - 1) / people as numeric), 4)
    as numeric
  ) as amount_usd
from charged
