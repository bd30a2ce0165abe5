-- One row is a workspace of Anthropic, by the id that the facts have. The row `default` is the default workspace.
-- From raw_anthropic_workspaces.
-- Caveat: a workspace that the vendor no longer lists stays, and is not active.
with
listed as (
  select
    if(is_default, 'default', workspace_id) as workspace_id,
    workspace_id as vendor_workspace_id,
    name,
    is_current and archived_at is null as is_active,
    created_at,
    archived_at,
    tags,
    is_current,
    last_seen_at
  from raw_anthropic_workspaces
  union all
  -- for a vendor's list without the default workspace
  select 'default', cast(null as string), 'Default', true, cast(null as timestamp),
    cast(null as timestamp), cast(null as string), false, timestamp '0001-01-01 00:00:00+00'
)

select
  workspace_id,
  coalesce(nullif(trim(name), ''), workspace_id) as name,
  'anthropic' as platform,
  is_active,
  created_at,
  archived_at,
  vendor_workspace_id,
  tags,
  current_timestamp() as processed_at
from listed
where true
qualify row_number() over (
  partition by workspace_id order by is_current desc, last_seen_at desc, vendor_workspace_id
) = 1
