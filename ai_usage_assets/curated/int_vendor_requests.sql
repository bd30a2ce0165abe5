-- One row is a UTC day, API key or person, and model: the requests that Anthropic itself counted.
-- From raw_anthropic_analytics_usage, on the days and workspaces on which the split is used (int_vendor_days).
-- Caveat: NULL means not counted. Workspaces whose split is not used on a day have no requests on that day.
select
  usage.ingest_date as usage_date,
  case
    when usage.api_key_id is not null then coalesce(owners.user_email, 'unattributed')
    when usage.actor_type = 'user_actor' then coalesce(
      aliases.email, nullif(lower(trim(coalesce(usage.actor_email, users.email))), ''),
      'unattributed'
    )
    else 'unattributed'
  end as user_email,
  case
    when usage.api_key_id is not null then coalesce(owners.actor_type, 'unknown')
    when usage.actor_type = 'user_actor' and coalesce(usage.actor_email, users.email) is not null
      then 'person'
    else 'unknown'
  end as actor_type,
  usage.api_key_id,
  coalesce(usage.model, 'unknown') as model,
  sum(usage.requests) as requests
from raw_anthropic_analytics_usage as usage
join int_analytics_workspaces as workspaces on workspaces.workspace_id = usage.workspace_id
join int_vendor_days as days
  on days.cost_date = usage.ingest_date and days.workspace_id = workspaces.report_workspace_id
left join int_key_owners as owners
  on owners.day = usage.ingest_date and owners.api_key_id = usage.api_key_id
left join raw_anthropic_users as users on users.user_id = usage.actor_id
left join identity_aliases as aliases
  on aliases.alias = lower(trim(coalesce(usage.actor_email, users.email)))
where usage.ingest_date >= @first_day and usage.ingest_date < @end_day and usage.requests > 0
group by 1, 2, 3, 4, 5
