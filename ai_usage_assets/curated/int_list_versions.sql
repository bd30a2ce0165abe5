-- One row is a version of an attribute of an entry in a vendor's list, from one day to the day before another.
-- From the vendors' lists as they are now, and what changed in them (raw_list_changes).
-- Caveat: the first listing holds for all days before it; valid_to is exclusive.
with
listed as (
  select 'raw_anthropic_users' as table_name, user_id as entry_id, 'email' as attribute,
    email as value
  from raw_anthropic_users
  union all
  select 'raw_anthropic_api_keys', api_key_id, 'principal_id', principal_id
  from raw_anthropic_api_keys
  union all
  select 'raw_anthropic_api_keys', api_key_id, 'principal_type', principal_type
  from raw_anthropic_api_keys
  union all
  select 'raw_anthropic_api_keys', api_key_id, 'created_by_id', created_by_id
  from raw_anthropic_api_keys
  union all
  select 'raw_anthropic_api_keys', api_key_id, 'created_by_type', created_by_type
  from raw_anthropic_api_keys
  union all
  select 'raw_cursor_members', member_id, 'email', email
  from raw_cursor_members
  union all
  select 'raw_cursor_members', member_id, 'role', role
  from raw_cursor_members
  union all
  select 'raw_cursor_members', member_id, 'is_current', if(is_current, 'true', 'false')
  from raw_cursor_members
),

replaced as (
  select table_name, entry_id, attribute, old_value as value, valid_from as valid_to,
    lag(valid_from) over (
      partition by table_name, entry_id, attribute order by valid_from
    ) as valid_from
  from raw_list_changes
),

newest as (
  select table_name, entry_id, attribute, max(valid_from) as valid_from
  from raw_list_changes
  group by 1, 2, 3
)

select
  table_name,
  entry_id,
  attribute,
  value,
  coalesce(valid_from, date '0001-01-01') as valid_from,
  valid_to
from replaced
union all
select
  listed.table_name,
  listed.entry_id,
  listed.attribute,
  listed.value,
  coalesce(newest.valid_from, date '0001-01-01'),
  date '9999-12-31'
from listed
left join newest
  on newest.table_name = listed.table_name
  and newest.entry_id = listed.entry_id
  and newest.attribute = listed.attribute
