-- One row is a part of a cost line: UTC day, line, model, tier, window and API key (NULL if no usage matches).
-- From the lines (int_anthropic_lines), by the tokens or searches of the same kind (int_anthropic_units).
-- Caveat: all tokens of a line have one price here. US geography and fast mode change the split, not the sum.
with
matches as (
  select lines.cost_date, lines.line, units.api_key_id, units.model as used_model,
    units.service_tier as used_tier, units.context_window as used_window, sum(units.units) as tokens
  from int_anthropic_lines as lines
  join int_anthropic_units as units
    on units.cost_date = lines.cost_date
    and units.workspace_id = lines.workspace_id
    and units.kind = lines.kind
    and (lines.kind = 'web_search' or units.model = coalesce(lines.model, 'unknown'))
    and (lines.service_tier is null or units.billed_tier = lines.service_tier)
    and (lines.context_window is null or units.context_window = lines.context_window)
    and units.units > 0
  group by 1, 2, 3, 4, 5, 6
),

key_tokens as (
  select lines.cost_date, lines.line, lines.amount_usd, matches.api_key_id, matches.used_model, matches.used_tier,
    matches.used_window, matches.tokens
  from int_anthropic_lines as lines
  left join matches on matches.cost_date = lines.cost_date and matches.line = lines.line
),

running_totals as (
  select cost_date, line, amount_usd, api_key_id, used_model, used_tier, used_window, tokens,
    sum(tokens) over (partition by cost_date, line) as total_tokens,
    sum(tokens) over (
      partition by cost_date, line order by nullif(api_key_id, 'no_api_key') nulls first,
        used_model nulls first, used_tier nulls first, used_window nulls first
      rows between unbounded preceding and current row
    ) as running_tokens
  from key_tokens
)

select
  cost_date,
  line,
  api_key_id,
  used_model,
  used_tier,
  used_window,
  -- each share ends where the next one begins, and the last one at the amount, so the shares sum to it
  if(
    tokens is null or running_tokens = total_tokens, amount_usd,
    cast(cast(amount_usd as float64) * running_tokens / total_tokens as numeric)
  ) - if(
    tokens is null, 0,
    cast(cast(amount_usd as float64) * (running_tokens - tokens) / total_tokens as numeric)
  ) as amount_usd
from running_totals
