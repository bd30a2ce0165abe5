-- One row is a UTC day and platform: its metered cost, which the usage lines of an invoice bill.
-- From int_cost_days.
-- Caveat: seats are not in it. Days without metered cost have no row.
select platform, cost_date, sum(cost_usd) as cost_usd
from int_cost_days
where kind = 'usage'
group by 1, 2
