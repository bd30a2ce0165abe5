-- One row is a UTC day, workspace, API key, actor, cost type and model, with the amount that Anthropic itself gives it.
-- From raw_anthropic_analytics_cost, the workspaces, the list of users and the aliases.
-- Caveat: before credits; revised by the vendor for up to 30 days.
select
  parts.ingest_date as cost_date,
  spaces.report_workspace_id as workspace_id,
  parts.api_key_id,
  parts.actor_type,
  case
    when parts.actor_type = 'user_actor' then coalesce(
      aliases.email, nullif(lower(trim(parts.actor_email)), ''), listed_aliases.email,
      nullif(lower(trim(listed.email)), '')
    )
  end as user_email,
  if(parts.cost_type = 'tokens', 'usage', coalesce(parts.cost_type, 'unknown')) as cost_type,
  parts.model,
  sum(parts.amount_usd) as amount_usd
from raw_anthropic_analytics_cost as parts
join int_analytics_workspaces as spaces on spaces.workspace_id = parts.workspace_id
left join raw_anthropic_users as listed on listed.user_id = parts.actor_id
left join identity_aliases as aliases on aliases.alias = lower(trim(parts.actor_email))
left join identity_aliases as listed_aliases
  on listed_aliases.alias = lower(trim(listed.email))
where parts.ingest_date >= @first_day and parts.ingest_date < @end_day
group by 1, 2, 3, 4, 5, 6, 7
