-- One row is a UTC day and API key: who answers for it on that day, and whether a person or a service uses it.
-- From the list of keys and its history (int_list_versions), and api_key_owners.csv.
-- Caveat: a key that neither the vendor's list nor the file names has no row.
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

listed as (
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

owned as (
  select
    listed.day,
    listed.api_key_id,
    lower(trim(overrides.email)) as override_email,
    principals.email as principal_email,
    creators.email as creator_email,
    nullif(overrides.purpose, '') as purpose,
    case
      when overrides.actor_type is not null then overrides.actor_type
      when listed.principal_type = 'service_account' then 'service'
      when listed.created_by_type = 'service_account' then 'service'
      when coalesce(listed.principal_type, listed.created_by_type) is not null then 'person'
      else 'unknown'
    end as actor_type
  from listed
  left join identity_api_key_owners as overrides
    on overrides.api_key_id = listed.api_key_id
    and listed.day >= coalesce(overrides.valid_from, date '0001-01-01')
    and listed.day <= coalesce(overrides.valid_to, date '9999-12-31')
  left join user_emails as principals
    on principals.user_id = listed.principal_id
    and listed.day >= principals.valid_from and listed.day < principals.valid_to
  left join user_emails as creators
    on creators.user_id = listed.created_by_id
    and listed.day >= creators.valid_from and listed.day < creators.valid_to
  where listed.api_key_id is not null
  qualify row_number() over (
    partition by listed.day, listed.api_key_id
    order by overrides.valid_from desc nulls last, overrides.email
  ) = 1
)

select
  owned.day,
  owned.api_key_id,
  coalesce(
    owner_aliases.email, owned.override_email, owned.principal_email, owned.creator_email,
    'unattributed'
  ) as user_email,
  case
    when owned.override_email is not null then 'override'
    when owned.principal_email is not null then 'principal'
    when owned.creator_email is not null then 'creator'
    else 'none'
  end as owner_source,
  owned.actor_type,
  coalesce(creator_aliases.email, owned.creator_email) as created_by_email,
  owned.purpose
from owned
left join identity_aliases as owner_aliases
  on owner_aliases.alias
    = coalesce(owned.override_email, owned.principal_email, owned.creator_email)
left join identity_aliases as creator_aliases on creator_aliases.alias = owned.creator_email
