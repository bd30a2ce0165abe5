-- One row is a part of a cost line: UTC day, line and API key (`no_api_key`, or NULL where no usage matches).
-- From the lines (int_anthropic_lines), by the tokens or searches of their own kind (int_anthropic_units).
-- Caveat: one price is assumed within a line's cell; US geography and fast mode bend the split, never the sum.
with
claims as (
  select lines.cost_date, lines.line, lines.amount_usd, units.api_key_id, sum(units.units) as claim
  from int_anthropic_lines as lines
  left join int_anthropic_units as units
    on units.cost_date = lines.cost_date
    and units.workspace_id = lines.workspace_id
    and units.kind = lines.kind
    and (lines.kind = 'web_search' or units.model = coalesce(lines.model, 'unknown'))
    and (lines.service_tier is null or units.billed_tier = lines.service_tier)
    and (lines.context_window is null or units.context_window = lines.context_window)
    and units.units > 0
  group by 1, 2, 3, 4
),

totals as (
  select cost_date, line, amount_usd, api_key_id, claim,
    sum(claim) over (partition by cost_date, line) as all_claims,
    sum(claim) over (
      partition by cost_date, line order by nullif(api_key_id, 'no_api_key') nulls first
      rows between unbounded preceding and current row
    ) as claims_so_far
  from claims
)

select
  cost_date,
  line,
  api_key_id,
  -- each share ends where the next begins and the last one at the amount: nothing gets lost
  if(
    claim is null or claims_so_far = all_claims, amount_usd,
    cast(cast(amount_usd as float64) * claims_so_far / all_claims as numeric)
  ) - if(
    claim is null, 0,
    cast(cast(amount_usd as float64) * (claims_so_far - claim) / all_claims as numeric)
  ) as amount_usd
from totals
