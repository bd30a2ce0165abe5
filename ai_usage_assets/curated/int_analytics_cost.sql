-- One row is a UTC day, workspace, API key, actor, cost type and model, with the cost that Anthropic itself reports.
-- From raw_anthropic_analytics_cost, the workspaces, the list of users and the aliases.
-- Caveat: credits are not deducted. The vendor revises a day for up to 30 days.
select
  split.ingest_date as cost_date,
  workspaces.report_workspace_id as workspace_id,
  split.api_key_id,
  split.actor_type,
  case
    when split.actor_type = 'user_actor' then coalesce(
      aliases.email, nullif(lower(trim(split.actor_email)), ''), user_aliases.email,
      nullif(lower(trim(users.email)), '')
    )
  end as user_email,
  if(split.cost_type = 'tokens', 'usage', coalesce(split.cost_type, 'unknown')) as cost_type,
  split.model,
  sum(split.amount_usd) as amount_usd
from raw_anthropic_analytics_cost as split
join int_analytics_workspaces as workspaces on workspaces.workspace_id = split.workspace_id
left join raw_anthropic_users as users on users.user_id = split.actor_id
left join identity_aliases as aliases on aliases.alias = lower(trim(split.actor_email))
left join identity_aliases as user_aliases
  on user_aliases.alias = lower(trim(users.email))
where split.ingest_date >= @first_day and split.ingest_date < @end_day
group by 1, 2, 3, 4, 5, 6, 7
