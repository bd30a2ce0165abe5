-- One row is a cell (int_anomaly_cells), and the scope and name of a series that it is part of.
-- From int_anomaly_cells.
-- Caveat: the scopes overlap. A key that changed owners is in no person's series for 8 weeks.
with
named as (
  select
    cells.*,
    scope,
    case scope
      when 'key' then api_key_id
      when 'person' then if(actor_type = 'service' or user_email = 'unattributed' or is_moved, null, user_email)
      when 'service' then if(actor_type = 'service' and api_key_id is null, user_email, null)
      when 'owner' then if(actor_type = 'service' and not is_moved, user_email, null)
      when 'model' then model
      when 'department' then department
      else 'all'
    end as name
  from int_anomaly_cells as cells
  cross join unnest(['key', 'person', 'service', 'model', 'department', 'owner', 'platform']) as scope
)

select *
from named
where name is not null
