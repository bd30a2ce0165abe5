-- One row is a UTC day, person or service account, model and kind of call, with the flags that Cursor gives a call.
-- From the events of Cursor (int_cursor_events).
-- Caveat: included_value_usd is not a cost. cost_usd has only what is charged in addition to the plan.
select
  ingest_date as usage_date,
  user_email,
  max(actor_type) as actor_type,
  model,
  model_family(model) as model_family,
  kind,
  charge_kind,
  is_chargeable,
  is_charged,
  is_headless,
  is_cloud_agent,
  is_automation,
  is_max_mode,
  count(ingest_date) as requests,
  sum(request_units) as request_units,
  sum(input_tokens) as uncached_input_tokens,
  sum(cache_read_tokens) as cache_read_tokens,
  sum(cache_write_tokens) as cache_write_tokens,
  sum(output_tokens) as output_tokens,
  sum(if(is_charged, amount_usd, null)) as cost_usd,
  sum(if(is_included, amount_usd, null)) as included_value_usd,
  current_timestamp() as processed_at
from int_cursor_events
group by ingest_date, user_email, model, kind, charge_kind, is_chargeable, is_charged, is_headless,
  is_cloud_agent, is_automation, is_max_mode
