-- One row is a day, and for unattributed tokens the key that they belong to.
-- part: tokens of a known person. whole: all tokens.
select
  usage_date as day,
  if(user_email = 'unattributed', concat(platform, ' ', coalesce(api_key_id, 'without a key')), null) as subject,
  sum(if(user_email = 'unattributed', 0, coalesce(input_tokens, 0) + coalesce(output_tokens, 0))) as part,
  sum(coalesce(input_tokens, 0) + coalesce(output_tokens, 0)) as whole
from fct_usage_daily
where usage_date >= @first_day and usage_date < @end_day
group by 1, 2
