-- One row is a UTC day and person as Cursor counts activity, with the model that the day's lines stand on.
-- From raw_cursor_usage, the members' list on the day (int_list_versions) and identity_aliases.
-- Caveat: inactive days of zeros are left out; aliases can bring several rows of a person together.
with
listed as (
  select activity.ingest_date, activity.most_used_model, activity.total_lines_added,
    activity.accepted_lines_added, activity.total_accepts, activity.total_rejects,
    activity.subscription_included_reqs, activity.usage_based_reqs,
    coalesce(
      nullif(nullif(lower(trim(activity.email)), ''), 'unattributed'),
      lower(trim(members.value))
    ) as email
  from raw_cursor_usage as activity
  left join int_list_versions as members
    on members.table_name = 'raw_cursor_members' and members.attribute = 'email'
    and members.entry_id = activity.user_id and trim(members.value) != ''
    and activity.ingest_date >= members.valid_from and activity.ingest_date < members.valid_to
  where activity.ingest_date >= @first_day and activity.ingest_date < @end_day
    and (
      activity.is_active
      or activity.total_lines_added != 0 or activity.accepted_lines_added != 0
      or activity.total_accepts != 0 or activity.total_rejects != 0
      or activity.subscription_included_reqs != 0 or activity.usage_based_reqs != 0
    )
)

select
  listed.ingest_date as usage_date,
  coalesce(aliases.email, listed.email, 'unattributed') as user_email,
  -- one model for the person's day
  first_value(coalesce(nullif(listed.most_used_model, ''), 'unknown')) over (
    partition by listed.ingest_date, coalesce(aliases.email, listed.email, 'unattributed')
    order by coalesce(listed.total_lines_added, 0) desc,
      coalesce(nullif(listed.most_used_model, ''), 'unknown')
  ) as model,
  listed.total_lines_added,
  listed.accepted_lines_added,
  listed.total_accepts,
  listed.total_rejects,
  coalesce(
    listed.subscription_included_reqs + listed.usage_based_reqs,
    listed.subscription_included_reqs, listed.usage_based_reqs
  ) as requests
from listed
left join identity_aliases as aliases on aliases.alias = listed.email
