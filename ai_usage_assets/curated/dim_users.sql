-- One row is a person, by main e-mail. The row `unattributed` is for usage and cost without a known person.
-- From every e-mail that a source mentions (int_email_mentions), people.csv, aliases and the vendors' lists.
-- Caveat: department, team and cost center are today's. A person is active only if a vendor lists them.
with
existing as (
  select user_id, email, first_name, last_name, department, is_active, created_at, updated_at,
    kind, team, cost_center
  from dim_users
),

aliases as (
  select alias, email
  from identity_aliases
),

listings as (
  select email, trim(name) as name, is_current, 1 as vendor_order, last_seen_at
  from raw_anthropic_users
  union all
  select email, trim(name), is_current and not coalesce(is_removed, false), 2, last_seen_at
  from raw_cursor_members
),

persons as (
  select
    coalesce(aliases.email, lower(trim(mentions.email))) as email,
    logical_or(mentions.is_current) as is_active,
    min(mentions.first_used_on) as first_used_on,
    max(mentions.last_used_on) as last_used_on,
    min(mentions.first_listed_on) as first_listed_on,
    max(mentions.left_on) as left_on
  from int_email_mentions as mentions
  left join aliases on aliases.alias = lower(trim(mentions.email))
  where trim(mentions.email) != ''
  group by 1
),

vendor_names as (
  select coalesce(aliases.email, lower(trim(listings.email))) as email, listings.name
  from listings
  left join aliases on aliases.alias = lower(trim(listings.email))
  where listings.name != ''
  qualify row_number() over (
    partition by coalesce(aliases.email, lower(trim(listings.email)))
    order by vendor_order, is_current desc, last_seen_at desc, listings.name
  ) = 1
),

described as (
  select
    to_hex(md5(persons.email)) as user_id,
    persons.email,
    coalesce(
      people.first_name, services.name, regexp_extract(vendor_names.name, r'^[^\s\p{Z}]+')
    ) as first_name,
    coalesce(
      people.last_name,
      nullif(regexp_replace(vendor_names.name, r'^[^\s\p{Z}]+[\s\p{Z}]*', ''), '')
    ) as last_name,
    people.department,
    persons.is_active,
    case
      when persons.email = 'unattributed' then 'unknown'
      when services.service_id is not null then 'service'
      else 'person'
    end as kind,
    people.team,
    people.cost_center,
    persons.first_used_on,
    persons.last_used_on,
    persons.first_listed_on,
    if(persons.is_active, null, persons.left_on) as left_on
  from persons
  left join int_people_today as people on people.email = persons.email
  left join vendor_names on vendor_names.email = persons.email
  left join int_cursor_services as services on services.service_id = persons.email
)

select
  described.user_id,
  described.email,
  described.first_name,
  described.last_name,
  described.department,
  described.is_active,
  coalesce(existing.created_at, current_timestamp()) as created_at,
  if(
    existing.user_id = described.user_id
    and existing.first_name is not distinct from described.first_name
    and existing.last_name is not distinct from described.last_name
    and existing.department is not distinct from described.department
    and existing.is_active is not distinct from described.is_active
    and existing.kind is not distinct from described.kind
    and existing.team is not distinct from described.team
    and existing.cost_center is not distinct from described.cost_center
    and existing.updated_at is not null,
    existing.updated_at,
    current_timestamp()
  ) as updated_at,
  described.kind,
  described.team,
  described.cost_center,
  described.first_used_on,
  described.last_used_on,
  described.first_listed_on,
  described.left_on
from described
left join existing on existing.email = described.email
