-- One row is a row of fct_cost_daily, with the names that its ids stand for.
-- From fct_cost_daily, dim_users, dim_user_history, dim_workspaces and dim_api_keys.
-- Caveat: the person and the department are those of the day; names of keys and workspaces are the present ones.
with
costs as (
  select cost_date, platform, workspace_id, api_key_id, user_email, cost_usd, cost_type, model, allocation,
    actor_type, model_family
  from fct_cost_daily
  where cost_date >= date '2000-01-01'
)

select
  costs.cost_date,
  date_trunc(costs.cost_date, month) as month,
  costs.platform,
  costs.cost_type,
  costs.cost_usd,
  costs.user_email,
  people.first_name,
  people.last_name,
  coalesce(periods.department, 'no department') as department,
  periods.team,
  periods.cost_center,
  costs.actor_type,
  costs.workspace_id,
  workspaces.name as workspace_name,
  costs.api_key_id,
  api_keys.name as api_key_name,
  api_keys.purpose as api_key_purpose,
  api_keys.owner_source as api_key_owner_source,
  costs.model,
  costs.model_family,
  costs.allocation,
  unattributed_reason(costs) as unattributed_reason
from costs
left join dim_users as people on people.email = costs.user_email
left join dim_user_history as periods
  on periods.email = costs.user_email
  and costs.cost_date >= periods.valid_from and costs.cost_date <= periods.valid_to
left join dim_workspaces as workspaces on workspaces.workspace_id = costs.workspace_id
left join dim_api_keys as api_keys on api_keys.api_key_id = costs.api_key_id
