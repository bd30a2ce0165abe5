-- One row is a UTC day, API key or person, and model: how many requests Anthropic itself counted.
-- From raw_anthropic_analytics_usage, on the days and workspaces whose split is used (int_vendor_days).
-- Caveat: NULL is not counted; a day on which a workspace's split is not used counts the others alone.
select
  used.ingest_date as usage_date,
  case
    when used.api_key_id is not null then coalesce(owners.user_email, 'unattributed')
    when used.actor_type = 'user_actor' then coalesce(
      aliases.email, nullif(lower(trim(coalesce(used.actor_email, listed.email))), ''),
      'unattributed'
    )
    else 'unattributed'
  end as user_email,
  case
    when used.api_key_id is not null then coalesce(owners.actor_type, 'unknown')
    when used.actor_type = 'user_actor' and coalesce(used.actor_email, listed.email) is not null
      then 'person'
    else 'unknown'
  end as actor_type,
  used.api_key_id,
  coalesce(used.model, 'unknown') as model,
  sum(used.requests) as requests
from raw_anthropic_analytics_usage as used
join int_analytics_workspaces as spaces on spaces.workspace_id = used.workspace_id
join int_vendor_days as days
  on days.cost_date = used.ingest_date and days.workspace_id = spaces.report_workspace_id
left join int_key_owners as owners
  on owners.day = used.ingest_date and owners.api_key_id = used.api_key_id
left join raw_anthropic_users as listed on listed.user_id = used.actor_id
left join identity_aliases as aliases
  on aliases.alias = lower(trim(coalesce(used.actor_email, listed.email)))
where used.ingest_date >= @first_day and used.ingest_date < @end_day and used.requests > 0
group by 1, 2, 3, 4, 5
