-- One row is a person of people.csv, with the values of today.
-- From people.csv (identity_people): the row of today; for the names, else the latest row before it, else the next one.
-- Caveat: department, team and cost center are NULL if no row is valid today.
select email, nullif(first_name, '') as first_name, nullif(last_name, '') as last_name,
  if(is_valid, nullif(department, ''), null) as department,
  if(is_valid, nullif(team, ''), null) as team,
  if(is_valid, nullif(cost_center, ''), null) as cost_center
from (
  select email, first_name, last_name, department, team, cost_center, valid_from, valid_to,
    current_date('UTC') between coalesce(valid_from, date '0001-01-01')
      and coalesce(valid_to, date '9999-12-31') as is_valid
  from identity_people
) as periods
where email is not null
qualify row_number() over (
  partition by email
  order by is_valid desc, coalesce(valid_to < current_date('UTC'), false) desc,
    if(valid_to < current_date('UTC'), valid_to, null) desc, valid_from
) = 1
