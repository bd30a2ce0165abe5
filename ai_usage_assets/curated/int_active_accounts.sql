-- One row is a member of Cursor's team as its daily rows name them: id and e-mail, account, and first active day.
-- From the members who were ever active (int_seen_members), the members' list and its history, and the aliases.
-- Caveat: an account can have several rows. A person in no list has an account too.
with
seen as (
  select value as user_id, detail as raw_email, first_day,
    nullif(nullif(lower(trim(detail)), ''), 'unattributed') as email
  from int_seen_members
  where attribute = 'active'
),

activity as (
  select seen.user_id, seen.raw_email, seen.first_day, coalesce(aliases.email, seen.email) as email
  from seen
  left join identity_aliases as aliases on aliases.alias = lower(trim(seen.raw_email))
),

member_emails as (
  select distinct versions.entry_id as member_id,
    coalesce(aliases.email, lower(trim(versions.value))) as email
  from int_list_versions as versions
  left join identity_aliases as aliases on aliases.alias = lower(trim(versions.value))
  where versions.table_name = 'raw_cursor_members' and versions.attribute = 'email'
)

select
  activity.user_id,
  activity.raw_email,
  coalesce(
    by_id.member_id, by_email.member_id, nullif(activity.user_id, ''), activity.email, 'unattributed'
  ) as account_id,
  activity.email,
  activity.first_day
from activity
left join raw_cursor_members as by_id on by_id.member_id = activity.user_id
left join member_emails as by_email
  on by_email.email = if(by_id.member_id is null, activity.email, null)
