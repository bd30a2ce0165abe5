-- One row is a kind of event, with the sums of its events in US dollars.
-- by_kind: what the kind decides to be charged, as in fct_cost_daily. by_flag: what isChargeable alone would charge.
-- flag_alone: what isChargeable says is charged and the kind says is not.
select
  charge_kind as kind,
  coalesce(sum(amount_usd), 0) as all_events,
  coalesce(sum(if(is_charged, amount_usd, 0)), 0) as by_kind,
  coalesce(sum(if(coalesce(is_chargeable, false), amount_usd, 0)), 0) as by_flag,
  coalesce(sum(if(coalesce(is_chargeable, false) and not is_charged, amount_usd, 0)), 0) as flag_alone
from int_cursor_events
group by 1
order by 1
