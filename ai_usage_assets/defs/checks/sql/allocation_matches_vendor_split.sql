-- One row is an API key or a workspace, over the days that the vendor's split has.
-- theirs: the vendor's US dollars. difference: the sum of the daily differences, each without its sign.
with
splits as (
  select
    cost_date,
    workspace_id,
    coalesce(api_key_id, 'no_api_key') as api_key_id,
    amount_usd as ours,
    cast(null as numeric) as theirs
  from int_anthropic_cost
  where cost_type != 'credit'
  union all
  select cost_date, workspace_id, coalesce(api_key_id, 'no_api_key'), cast(null as numeric), amount_usd
  from int_analytics_cost
),
reported as (
  select cost_date, workspace_id, api_key_id, ours, theirs
  from splits
  where cost_date in (select cost_date from splits where theirs is not null)
),
by_day as (
  select
    'API key' as scope,
    cost_date,
    api_key_id as subject,
    coalesce(sum(ours), 0) as ours,
    coalesce(sum(theirs), 0) as theirs
  from reported
  group by 1, 2, 3
  union all
  select 'workspace', cost_date, workspace_id, coalesce(sum(ours), 0), coalesce(sum(theirs), 0)
  from reported
  group by 1, 2, 3
)
select
  scope,
  subject,
  count(*) as days,
  cast(sum(theirs) as numeric) as theirs,
  cast(sum(abs(ours - theirs)) as numeric) as difference
from by_day
group by 1, 2
