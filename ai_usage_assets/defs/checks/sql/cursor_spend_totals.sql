-- One row is the billing cycle that Cursor was asked for last, with the sums of its members in US dollars.
select
  cycle_start,
  max(fetched_at) as asked_at,
  count(*) as members,
  count(spend_usd) as members_with_spend,
  count(overall_spend_usd) as members_with_overall,
  sum(spend_usd) as spend,
  sum(overall_spend_usd) as overall
from raw_cursor_spend
group by cycle_start
order by asked_at desc, cycle_start desc
limit 1
