-- One row is a version of an attribute of an entry in a vendor's list, with the days for which it is valid.
-- From the vendors' lists as they are now, and their changes (raw_list_changes).
-- Caveat: the first version is also valid for all earlier days. valid_to is exclusive.
with
current_values as (
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

earlier_values as (
  select table_name, entry_id, attribute, old_value as value, valid_from as valid_to,
    lag(valid_from) over (
      partition by table_name, entry_id, attribute order by valid_from
    ) as valid_from
  from raw_list_changes
),

last_changes as (
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
from earlier_values
union all
select
  current_values.table_name,
  current_values.entry_id,
  current_values.attribute,
  current_values.value,
  coalesce(last_changes.valid_from, date '0001-01-01'),
  date '9999-12-31'
from current_values
left join last_changes
  on last_changes.table_name = current_values.table_name
  and last_changes.entry_id = current_values.entry_id
  and last_changes.attribute = current_values.attribute
