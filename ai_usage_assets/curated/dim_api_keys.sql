-- One row is an API key, with who answers for it today.
-- From Anthropic's list of keys, their owners today (int_key_owners), and raw usage of all time.
-- Caveat: the owner is today's; the facts take the owner of each day.
with
known as (
  select api_key_id, name, platform, workspace_id, user_email, owner_source, purpose, is_active,
    created_at, updated_at, actor_type, created_by_email
  from dim_api_keys
),

register as (
  select api_key_id, name, workspace_id, status = 'active' and is_current as is_active,
    created_at
  from raw_anthropic_api_keys
),

keys as (
  select api_key_id from register
  union distinct
  select api_key_id from raw_anthropic_usage
  where ingest_date >= date '2000-01-01' and api_key_id != 'no_api_key'
),

described as (
  select
    keys.api_key_id,
    register.name,
    'anthropic' as platform,
    register.workspace_id,
    coalesce(owners.user_email, 'unattributed') as user_email,
    coalesce(owners.owner_source, 'none') as owner_source,
    owners.purpose,
    register.is_active,
    register.created_at,
    coalesce(owners.actor_type, 'unknown') as actor_type,
    owners.created_by_email
  from keys
  left join register on register.api_key_id = keys.api_key_id
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
    known.platform = described.platform
    and known.user_email = described.user_email
    and known.owner_source = described.owner_source
    and known.name is not distinct from described.name
    and known.workspace_id is not distinct from described.workspace_id
    and known.purpose is not distinct from described.purpose
    and known.is_active is not distinct from described.is_active
    and known.created_at is not distinct from described.created_at
    and known.actor_type is not distinct from described.actor_type
    and known.created_by_email is not distinct from described.created_by_email
    and known.updated_at is not null,
    known.updated_at,
    current_timestamp()
  ) as updated_at,
  described.actor_type,
  described.created_by_email
from described
left join known on known.api_key_id = described.api_key_id
