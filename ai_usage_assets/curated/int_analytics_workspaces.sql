-- One row is a workspace id of Anthropic's analytics rows, with the id of the same workspace in its reports.
-- From raw_anthropic_analytics_cost and _usage, and the list of workspaces.
-- Caveat: if the list has no default workspace, an id that is not listed is the default workspace.
with
used_workspaces as (
  select workspace_id
  from raw_anthropic_analytics_cost
  where ingest_date >= @first_day and ingest_date < @end_day
  union distinct
  select workspace_id
  from raw_anthropic_analytics_usage
  where ingest_date >= @first_day and ingest_date < @end_day
),

default_workspaces as (
  select count(workspace_id) as workspaces
  from raw_anthropic_workspaces
  where is_default
)

select
  used_workspaces.workspace_id,
  case
    when listed.is_default or (listed.workspace_id is null and default_workspaces.workspaces = 0) then 'default'
    else used_workspaces.workspace_id
  end as report_workspace_id
from used_workspaces
cross join default_workspaces
left join raw_anthropic_workspaces as listed on listed.workspace_id = used_workspaces.workspace_id
