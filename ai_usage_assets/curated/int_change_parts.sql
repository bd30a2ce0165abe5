-- One row is a month and platform: the parts of the change of its metered dollars, per day of both months.
-- From what changed by model (int_change_cells) and by month (int_change_months): log-mean Divisia weights (LMDI-I).
-- Caveat: the parts are floats, and the price is the rest of them. A cell in one month alone is new or gone.
with
factors as (
  select
    compared.month,
    compared.platform,
    compared.scale,
    if(this_month.people > 0 and earlier.people > 0, ln(this_month.people / earlier.people), 0) as people,
    if(
      this_month.tokens > 0 and earlier.tokens > 0, ln(this_month.tokens / (earlier.tokens * compared.scale)), 0
    ) as tokens,
    ln(this_month.usd_factor / earlier.usd_factor) as restated_usd,
    ln(this_month.token_factor / earlier.token_factor) as restated_tokens
  from int_compared_months as compared
  join int_change_months as this_month on this_month.month = compared.month and this_month.platform = compared.platform
  join int_change_months as earlier on earlier.month = compared.earlier_month and earlier.platform = compared.platform
),

weighted as (
  select
    month,
    platform,
    cost_usd - earlier_usd as change_usd,
    cost_usd * earlier_usd > 0 as is_in_both,
    cost_usd * earlier_usd > 0 and tokens > 0 and earlier_tokens > 0 as has_tokens,
    case
      when not cost_usd * earlier_usd > 0 then 0
      when abs(cost_usd / earlier_usd - 1) < 1e-9 then cost_usd
      else (cost_usd - earlier_usd) / ln(cost_usd / earlier_usd)
    end as weight,
    if(tokens > 0 and earlier_tokens > 0, ln(tokens / earlier_tokens), 0) as more_tokens,
    if(cost_usd * earlier_usd > 0, ln(cost_usd / earlier_usd), 0) as more_usd
  from int_change_cells
)

select
  weighted.month,
  weighted.platform,
  sum(weighted.weight * factors.people) as people_usd,
  sum(weighted.weight * if(
    weighted.has_tokens,
    factors.tokens - factors.people - factors.restated_tokens,
    weighted.more_usd - factors.people - factors.restated_usd
  )) as use_usd,
  sum(if(weighted.has_tokens, weighted.weight * (weighted.more_tokens - factors.tokens), 0)) as mix_usd,
  sum(weighted.weight * factors.restated_usd) as restated_usd,
  sum(if(weighted.is_in_both, 0, weighted.change_usd)) as new_and_gone_usd
from weighted
join factors on factors.month = weighted.month and factors.platform = weighted.platform
group by 1, 2
