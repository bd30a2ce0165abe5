-- One row is an e-mail (or a service account's id) as a source mentions it, whether a list has it now, and since when.
-- From both vendors' lists and their history, the identity files, and all raw usage (int_seen_emails).
-- Caveat: the e-mails are as in their source: not trimmed, not lower-cased, not mapped to a person.
with
left_lists as (
  -- the first list that did not have the entry, or had it as removed
  select table_name, entry_id, max(valid_from) as left_on
  from raw_list_changes
  where attribute = 'is_current' and new_value = 'false'
  group by 1, 2
)

select users.email, users.is_current,
  date(least(coalesce(users.added_at, users.first_seen_at), users.first_seen_at), 'UTC') as first_listed_on,
  left_lists.left_on, cast(null as date) as first_used_on, cast(null as date) as last_used_on
from raw_anthropic_users as users
left join left_lists
  on left_lists.table_name = 'raw_anthropic_users' and left_lists.entry_id = users.user_id
union all
select members.email, members.is_current and not coalesce(members.is_removed, false),
  date(members.first_seen_at, 'UTC'), left_lists.left_on, cast(null as date), cast(null as date)
from raw_cursor_members as members
left join left_lists
  on left_lists.table_name = 'raw_cursor_members' and left_lists.entry_id = members.member_id
union all
select value, false, cast(null as date), cast(null as date), first_day, last_day
from int_seen_emails
where attribute = 'email'
union all
select email, false, cast(null as date), cast(null as date), cast(null as date), cast(null as date)
from (
  select email from identity_people
  union distinct
  select email from identity_api_key_owners
  union distinct
  select service_id from int_cursor_services
  union distinct
  -- an earlier e-mail of a listed person; the facts of earlier days have it
  select old_value from raw_list_changes where attribute = 'email'
  union distinct
  select 'unattributed'
) as mentioned
