-- One row is a workspace id of Anthropic's analytics rows, with the id that its reports give the same workspace.
-- From raw_anthropic_analytics_cost and _usage, and the list of workspaces.
-- Caveat: if the list marks no workspace as the default one, an id that is not listed is taken for it.
with
seen as (
  select workspace_id
  from raw_anthropic_analytics_cost
  where ingest_date >= @first_day and ingest_date < @end_day
  union distinct
  select workspace_id
  from raw_anthropic_analytics_usage
  where ingest_date >= @first_day and ingest_date < @end_day
),

marked as (
  select count(workspace_id) as workspaces
  from raw_anthropic_workspaces
  where is_default
)

select
  seen.workspace_id,
  case
    when listed.is_default or (listed.workspace_id is null and marked.workspaces = 0) then 'default'
    else seen.workspace_id
  end as report_workspace_id
from seen
cross join marked
left join raw_anthropic_workspaces as listed on listed.workspace_id = seen.workspace_id
