-- One row is a UTC day and person: the last day, of this one and the 29 before, on which Cursor counts them as active.
-- From 30 days of raw_cursor_usage, the members' list and identity_aliases.
-- Caveat: a day that was never loaded looks like a day without activity.
with
active_people as (
  select distinct daily.ingest_date as active_date,
    coalesce(
      aliases.email, nullif(nullif(lower(trim(daily.email)), ''), 'unattributed'),
      lower(trim(members.email))
    ) as user_email
  from raw_cursor_usage as daily
  left join raw_cursor_members as members
    on members.member_id
      = if(coalesce(nullif(lower(trim(daily.email)), ''), 'unattributed') = 'unattributed', daily.user_id, null)
  left join identity_aliases as aliases
    on aliases.alias
      = coalesce(nullif(nullif(lower(trim(daily.email)), ''), 'unattributed'), lower(trim(members.email)))
  where daily.ingest_date >= date_sub(@first_day, interval 29 day) and daily.ingest_date < @end_day
    and is_active_row(daily)
)

select
  day,
  active_people.user_email,
  max(active_people.active_date) as last_active_date
from unnest(generate_date_array(@first_day, date_sub(@end_day, interval 1 day))) as day
join active_people
  on active_people.active_date >= date_sub(day, interval 29 day) and active_people.active_date <= day
where active_people.user_email is not null
group by 1, 2
