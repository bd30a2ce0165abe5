-- One row is a person and a period in which they have a department, with the first day of the next such period.
-- From dim_user_history.
-- Caveat: next_from is NULL if there is no later period. A gap can lie between valid_to and next_from.
select
  email,
  department,
  valid_from,
  valid_to,
  lead(valid_from) over (partition by email order by valid_from) as next_from
from dim_user_history
where department is not null
