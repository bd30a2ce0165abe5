-- One row is a calendar month.
-- part: tokens of a known person. whole: all tokens.
select
  date_trunc(usage_date, month) as day,
  cast(null as string) as subject,
  sum(if(user_email = 'unattributed', 0, coalesce(input_tokens, 0) + coalesce(output_tokens, 0))) as part,
  sum(coalesce(input_tokens, 0) + coalesce(output_tokens, 0)) as whole
from fct_usage_daily
where usage_date >= @trend_first_day and usage_date < @end_day
group by 1, 2
