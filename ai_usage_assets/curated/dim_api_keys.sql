-- One row is an API key, with its owner today.
-- From Anthropic's list of keys, their owners today (int_key_owners), and all raw usage (int_seen_keys).
-- Caveat: the owner is today's. The facts use the owner of each day.
with
existing as (
  select api_key_id, name, platform, workspace_id, user_email, owner_source, purpose, is_active,
    created_at, updated_at, actor_type, created_by_email,
    no_owner_reason
  from dim_api_keys
),

listed_keys as (
  select api_key_id, name, workspace_id, status = 'active' and is_current as is_active,
    created_at
  from raw_anthropic_api_keys
),

keys as (
  select api_key_id from listed_keys
  union distinct
  select value from int_seen_keys where attribute = 'api_key'
),

described as (
  select
    keys.api_key_id,
    listed_keys.name,
    'anthropic' as platform,
    listed_keys.workspace_id,
    coalesce(owners.user_email, 'unattributed') as user_email,
    coalesce(owners.owner_source, 'none') as owner_source,
    owners.purpose,
    listed_keys.is_active,
    listed_keys.created_at,
    coalesce(owners.actor_type, 'unknown') as actor_type,
    owners.created_by_email,
    if(
      listed_keys.api_key_id is null and coalesce(owners.owner_source, 'none') = 'none',
      'key_not_listed', owners.no_owner_reason
    ) as no_owner_reason
  from keys
  left join listed_keys on listed_keys.api_key_id = keys.api_key_id
  left join int_key_owners as owners on owners.api_key_id = keys.api_key_id
)

select
  described.api_key_id,
  described.name,
  described.platform,
  described.workspace_id,
  described.user_email,
  described.owner_source,
  described.purpose,
  described.is_active,
  described.created_at,
  if(
    existing.platform = described.platform
    and existing.user_email = described.user_email
    and existing.owner_source = described.owner_source
    and existing.name is not distinct from described.name
    and existing.workspace_id is not distinct from described.workspace_id
    and existing.purpose is not distinct from described.purpose
    and existing.is_active is not distinct from described.is_active
    and existing.created_at is not distinct from described.created_at
    and existing.actor_type is not distinct from described.actor_type
    and existing.created_by_email is not distinct from described.created_by_email
    and existing.no_owner_reason is not distinct from described.no_owner_reason
    and existing.updated_at is not null,
    existing.updated_at,
    current_timestamp()
  ) as updated_at,
  described.actor_type,
  described.created_by_email,
  described.no_owner_reason
from described
left join existing on existing.api_key_id = described.api_key_id
