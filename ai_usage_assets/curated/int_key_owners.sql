-- One row is a UTC day and API key: its owner on that day, and whether a person or a service uses it.
-- From the list of keys and its history (int_list_versions), and api_key_owners.csv.
-- Caveat: a key that is neither in the vendor's list nor in the file has no row.
with
key_days as (
  select day, keys.api_key_id
  from (
    select api_key_id from raw_anthropic_api_keys
    union distinct
    select api_key_id from identity_api_key_owners
  ) as keys
  cross join unnest(
    generate_date_array(@first_day, date_sub(@end_day, interval 1 day))
  ) as day
),

listed_keys as (
  select
    key_days.day,
    key_days.api_key_id,
    max(if(versions.attribute = 'principal_id', versions.value, null)) as principal_id,
    max(if(versions.attribute = 'principal_type', versions.value, null)) as principal_type,
    max(if(versions.attribute = 'created_by_id', versions.value, null)) as created_by_id,
    max(if(versions.attribute = 'created_by_type', versions.value, null)) as created_by_type
  from key_days
  left join int_list_versions as versions
    on versions.table_name = 'raw_anthropic_api_keys'
    and versions.entry_id = key_days.api_key_id
    and key_days.day >= versions.valid_from
    and key_days.day < versions.valid_to
  group by 1, 2
),

user_emails as (
  select entry_id as user_id, nullif(lower(trim(value)), '') as email, valid_from, valid_to
  from int_list_versions
  where table_name = 'raw_anthropic_users' and attribute = 'email'
),

owners as (
  select
    listed_keys.day,
    listed_keys.api_key_id,
    lower(trim(overrides.email)) as override_email,
    principals.email as principal_email,
    creators.email as creator_email,
    case
      when coalesce(listed_keys.principal_type, listed_keys.created_by_type) = 'service_account' then 'service_account'
      when coalesce(listed_keys.principal_id, listed_keys.created_by_id) is not null then 'creator_not_listed'
      else 'no_creator'
    end as no_person_reason,
    nullif(overrides.purpose, '') as purpose,
    case
      when overrides.actor_type is not null then overrides.actor_type
      when listed_keys.principal_type = 'service_account' then 'service'
      when listed_keys.created_by_type = 'service_account' then 'service'
      when coalesce(listed_keys.principal_type, listed_keys.created_by_type) is not null then 'person'
      else 'unknown'
    end as actor_type
  from listed_keys
  left join identity_api_key_owners as overrides
    on overrides.api_key_id = listed_keys.api_key_id
    and listed_keys.day >= coalesce(overrides.valid_from, date '0001-01-01')
    and listed_keys.day <= coalesce(overrides.valid_to, date '9999-12-31')
  left join user_emails as principals
    on principals.user_id = listed_keys.principal_id
    and listed_keys.day >= principals.valid_from and listed_keys.day < principals.valid_to
  left join user_emails as creators
    on creators.user_id = listed_keys.created_by_id
    and listed_keys.day >= creators.valid_from and listed_keys.day < creators.valid_to
  where listed_keys.api_key_id is not null
  qualify row_number() over (
    partition by listed_keys.day, listed_keys.api_key_id
    order by overrides.valid_from desc nulls last, overrides.email
  ) = 1
)

select
  owners.day,
  owners.api_key_id,
  coalesce(
    owner_aliases.email, owners.override_email, owners.principal_email, owners.creator_email,
    'unattributed'
  ) as user_email,
  case
    when owners.override_email is not null then 'override'
    when owners.principal_email is not null then 'principal'
    when owners.creator_email is not null then 'creator'
    else 'none'
  end as owner_source,
  owners.actor_type,
  coalesce(creator_aliases.email, owners.creator_email) as created_by_email,
  owners.purpose,
  if(
    coalesce(owners.override_email, owners.principal_email, owners.creator_email) is null, owners.no_person_reason, null
  ) as no_owner_reason
from owners
left join identity_aliases as owner_aliases
  on owner_aliases.alias
    = coalesce(owners.override_email, owners.principal_email, owners.creator_email)
left join identity_aliases as creator_aliases on creator_aliases.alias = owners.creator_email
