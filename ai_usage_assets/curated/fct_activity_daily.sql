-- One row is a UTC day, platform, person, API key and customer type: what people did with Claude Code and Cursor.
-- From Claude Code's records (int_claude_code) and Cursor's activity (int_cursor_activity).
-- Caveat: the tokens are those of Claude Code's own records, also of API customers. Do not add them to other tokens.
with
parts as (
  select usage_date, 'claude_code' as platform, user_email, api_key_id, customer_type, actor_type,
    coalesce(sessions, 0) > 0 as is_active, sessions, lines_added, lines_removed,
    cast(null as int64) as lines_accepted, tool_accepts as accepts, tool_rejects as rejects, commits,
    pull_requests, raw_input_tokens as input_tokens, raw_output_tokens as output_tokens,
    cast(null as int64) as applies, cast(null as int64) as tabs_shown,
    cast(null as int64) as tabs_accepted, cast(null as int64) as composer_requests,
    cast(null as int64) as chat_requests, cast(null as int64) as agent_requests,
    cast(null as int64) as cmdk_usages, cast(null as int64) as bugbot_usages,
    cast(null as int64) as api_key_requests
  from int_claude_code
  union all
  select usage_date, 'cursor', user_email, cast(null as string), cast(null as string),
    if(user_email = 'unattributed', 'unknown', 'person'),
    is_active, null, total_lines_added, total_lines_deleted, accepted_lines_added, total_accepts,
    total_rejects, null, null, null, null, total_applies, total_tabs_shown, total_tabs_accepted,
    composer_requests, chat_requests, agent_requests, cmdk_usages, bugbot_usages, api_key_reqs
  from int_cursor_activity
)

select
  usage_date,
  platform,
  user_email,
  api_key_id,
  customer_type,
  max(actor_type) as actor_type,
  logical_or(is_active) as is_active,
  sum(sessions) as sessions,
  sum(lines_added) as lines_added,
  sum(lines_removed) as lines_removed,
  sum(lines_accepted) as lines_accepted,
  sum(accepts) as accepts,
  sum(rejects) as rejects,
  sum(commits) as commits,
  sum(pull_requests) as pull_requests,
  sum(input_tokens) as input_tokens,
  sum(output_tokens) as output_tokens,
  sum(applies) as applies,
  sum(tabs_shown) as tabs_shown,
  sum(tabs_accepted) as tabs_accepted,
  sum(composer_requests) as composer_requests,
  sum(chat_requests) as chat_requests,
  sum(agent_requests) as agent_requests,
  sum(cmdk_usages) as cmdk_usages,
  sum(bugbot_usages) as bugbot_usages,
  sum(api_key_requests) as api_key_requests,
  current_timestamp() as processed_at
from parts
group by usage_date, platform, user_email, api_key_id, customer_type
