-- One row is a day, and for moved tokens the person who has them now (by user_id).
-- part: tokens that moved to another person after their first publication. whole: all tokens.
select day, subject, sum(part) as part, sum(whole) as whole
from (
  select
    day,
    to_hex(md5(user_email)) as subject,
    greatest(current_value - first_value, 0) as part,
    cast(0 as numeric) as whole
  from fct_restatements
  where day >= @first_day and day < @end_day and user_email is not null
    and measure in ('input_tokens', 'output_tokens')
  union all
  select usage_date, cast(null as string), 0, cast(coalesce(input_tokens, 0) + coalesce(output_tokens, 0) as numeric)
  from fct_usage_daily
  where usage_date >= @first_day and usage_date < @end_day
) as moved_and_all
group by 1, 2
