-- One row is a UTC day, account and e-mail on which Cursor counts the account as active.
-- From the activity in raw_cursor_usage, the members' list and its history, and the aliases.
-- Caveat: it has all loaded days, not only the window. A person in no list has an account too.
with
activity as (
  select daily.ingest_date as day, daily.user_id,
    coalesce(aliases.email, nullif(nullif(lower(trim(daily.email)), ''), 'unattributed')) as email
  from raw_cursor_usage as daily
  left join identity_aliases as aliases on aliases.alias = lower(trim(daily.email))
  where daily.ingest_date >= date '2000-01-01'
    and coalesce(
      daily.is_active,
      daily.total_lines_added > 0 or daily.total_accepts > 0
        or daily.subscription_included_reqs > 0 or daily.usage_based_reqs > 0
    )
),

member_emails as (
  select distinct versions.entry_id as member_id,
    coalesce(aliases.email, lower(trim(versions.value))) as email
  from int_list_versions as versions
  left join identity_aliases as aliases on aliases.alias = lower(trim(versions.value))
  where versions.table_name = 'raw_cursor_members' and versions.attribute = 'email'
)

select distinct
  activity.day,
  coalesce(
    by_id.member_id, by_email.member_id, activity.user_id, activity.email, 'unattributed'
  ) as account_id,
  activity.email
from activity
left join raw_cursor_members as by_id on by_id.member_id = activity.user_id
left join member_emails as by_email
  on by_id.member_id is null and by_email.email = activity.email
