-- One row is a UTC day and person as Cursor counts activity, with the model that gets the day's lines.
-- From raw_cursor_usage, the members' list on the day (int_list_versions) and identity_aliases.
-- Caveat: inactive days with zeros are left out. With aliases, a person can have several rows.
with
active_rows as (
  select activity.ingest_date, activity.most_used_model, activity.total_lines_added,
    activity.accepted_lines_added, activity.total_accepts, activity.total_rejects,
    activity.subscription_included_reqs, activity.usage_based_reqs,
    activity.total_lines_deleted, activity.total_applies,
    activity.total_tabs_shown, activity.total_tabs_accepted, activity.composer_requests,
    activity.chat_requests, activity.agent_requests, activity.cmdk_usages,
    activity.bugbot_usages, activity.api_key_reqs,
    is_active_row(activity) as is_active,
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
      or activity.total_lines_deleted != 0 or activity.accepted_lines_deleted != 0
      or activity.total_applies != 0 or activity.total_tabs_shown != 0
      or activity.total_tabs_accepted != 0 or activity.composer_requests != 0
      or activity.chat_requests != 0 or activity.agent_requests != 0
      or activity.cmdk_usages != 0 or activity.bugbot_usages != 0
      or activity.api_key_reqs != 0
    )
)

select
  active_rows.ingest_date as usage_date,
  coalesce(aliases.email, active_rows.email, 'unattributed') as user_email,
  -- all of a person's rows of a day get the same model
  first_value(coalesce(nullif(active_rows.most_used_model, ''), 'unknown')) over (
    partition by active_rows.ingest_date, coalesce(aliases.email, active_rows.email, 'unattributed')
    order by coalesce(active_rows.total_lines_added, 0) desc,
      coalesce(nullif(active_rows.most_used_model, ''), 'unknown')
  ) as model,
  active_rows.total_lines_added,
  active_rows.accepted_lines_added,
  active_rows.total_accepts,
  active_rows.total_rejects,
  coalesce(
    active_rows.subscription_included_reqs + active_rows.usage_based_reqs,
    active_rows.subscription_included_reqs, active_rows.usage_based_reqs
  ) as requests,
  active_rows.is_active,
  active_rows.total_lines_deleted,
  active_rows.total_applies,
  active_rows.total_tabs_shown,
  active_rows.total_tabs_accepted,
  active_rows.composer_requests,
  active_rows.chat_requests,
  active_rows.agent_requests,
  active_rows.cmdk_usages,
  active_rows.bugbot_usages,
  active_rows.api_key_reqs
from active_rows
left join identity_aliases as aliases on aliases.alias = active_rows.email
