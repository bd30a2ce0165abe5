-- One row is an API key, with who answers for it today.
-- From Anthropic's register of keys and users, api_key_owners.csv, and raw usage of all time.
-- Caveat: the owner is today's; the facts take the owner of each day.
with
known as (
  select api_key_id, name, platform, workspace_id, user_email, owner_source, purpose, is_active,
    created_at, updated_at
  from dim_api_keys
),

aliases as (
  select alias, email
  from identity_aliases
),

users as (
  select user_id, nullif(lower(trim(email)), '') as email
  from raw_anthropic_users
),

owners_today as (
  select api_key_id, lower(trim(email)) as email, nullif(purpose, '') as purpose
  from identity_api_key_owners
  where coalesce(valid_from, date '0001-01-01') <= current_date('UTC')
    and coalesce(valid_to, date '9999-12-31') >= current_date('UTC')
  qualify row_number() over (
    partition by api_key_id order by valid_from desc nulls last, email
  ) = 1
),

register as (
  select api_key_id, name, workspace_id, status = 'active' and is_current as is_active,
    principal_id, created_by_id, created_at
  from raw_anthropic_api_keys
),

keys as (
  select api_key_id from register
  union distinct
  select api_key_id from raw_anthropic_usage
  where ingest_date >= date '2000-01-01' and api_key_id != 'no_api_key'
),

owned as (
  select
    keys.api_key_id,
    coalesce(owners_today.email, principals.email, creators.email) as email,
    case
      when owners_today.email is not null then 'override'
      when principals.email is not null then 'principal'
      when creators.email is not null then 'creator'
      else 'none'
    end as owner_source,
    owners_today.purpose
  from keys
  left join owners_today on owners_today.api_key_id = keys.api_key_id
  left join register on register.api_key_id = keys.api_key_id
  left join users as principals on principals.user_id = register.principal_id
  left join users as creators on creators.user_id = register.created_by_id
),

described as (
  select
    owned.api_key_id,
    register.name,
    'anthropic' as platform,
    register.workspace_id,
    coalesce(aliases.email, owned.email, 'unattributed') as user_email,
    owned.owner_source,
    owned.purpose,
    register.is_active,
    register.created_at
  from owned
  left join register on register.api_key_id = owned.api_key_id
  left join aliases on aliases.alias = owned.email
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
    and known.updated_at is not null,
    known.updated_at,
    current_timestamp()
  ) as updated_at
from described
left join known on known.api_key_id = described.api_key_id
