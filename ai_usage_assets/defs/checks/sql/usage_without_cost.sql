-- One row is a day, and for usage without cost the workspace with the model.
-- part: Anthropic's tokens of a workspace and model that has no cost line on that day. whole: all its tokens.
-- Priority tiers are left out: they are paid by contract and have no cost lines.
select
  used.ingest_date as day,
  if(billed.model is null, concat(used.workspace_id, ' ', used.model), null) as subject,
  sum(if(billed.model is null, used.tokens, 0)) as part,
  sum(used.tokens) as whole
from (
  select
    ingest_date,
    workspace_id,
    model,
    sum(
      coalesce(uncached_input_tokens, 0) + coalesce(cache_read_input_tokens, 0) + coalesce(cache_creation_tokens, 0)
      + coalesce(output_tokens, 0)
    ) as tokens
  from raw_anthropic_usage
  where ingest_date >= @first_day and ingest_date < @end_day
    and not coalesce(service_tier like 'priority%', false)
  group by 1, 2, 3
) as used
left join (
  select distinct ingest_date, workspace_id, coalesce(model, 'unknown') as model
  from raw_anthropic_cost
  where ingest_date >= @first_day and ingest_date < @end_day and cost_type = 'tokens'
) as billed
  on billed.ingest_date = used.ingest_date
  and billed.workspace_id = used.workspace_id
  and billed.model = used.model
group by 1, 2
