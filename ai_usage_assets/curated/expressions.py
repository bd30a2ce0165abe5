"""Expressions that several statements share. A statement writes one like a function of a column: `model_family(model)`."""

import re

EXPRESSIONS = {
    # claude-5.5-sonnet, claude-sonnet-5-5 and its ids with a date all become claude-sonnet-5-5
    "model_family": r"""if(
    lower({0}) like '%claude-%',
    regexp_replace(
      regexp_replace(
        replace(lower({0}), '.', '-'),
        r'^.*claude-(\d{{1,2}}(?:-\d{{1,2}})?)-([a-z]+).*$', r'claude-\2-\1'
      ),
      r'^.*claude-([a-z]+)-(\d{{1,2}}(?:-[1-9]\d?)?)(?:[^0-9a-z].*)?$', r'claude-\1-\2'
    ),
    lower({0})
  )""",
    # responses of Cursor before 2026 do not say whether a person was active
    "is_active_row": """coalesce(
      {0}.is_active,
      {0}.total_lines_added > 0 or {0}.total_accepts > 0
        or {0}.subscription_included_reqs > 0 or {0}.usage_based_reqs > 0
    )""",
    # who holds a seat and has not used it in 30 days, in a row of fct_seats_daily
    "is_idle_seat": "{0}.user_email != 'unattributed' and {0}.last_active_date is null",
    # timestamp() of a day depends on the session's time zone in DuckDB
    "utc_midnight": "cast(concat(cast({0} as string), ' 00:00:00+00') as timestamp)",
    # why no person is known for a row of fct_cost_daily; the statement joins its key as `api_keys`
    "unattributed_reason": """case
    when {0}.user_email != 'unattributed' then null
    when {0}.allocation = 'unmatched' then 'no_matching_usage'
    when {0}.allocation = 'seat' then 'unused_seat'
    when {0}.allocation = 'event' then 'call_without_person'
    when {0}.api_key_id is null then 'no_key'
    else coalesce(api_keys.no_owner_reason, 'no_owner_on_the_day')
  end""",
}
CALL = re.compile(rf"\b({'|'.join(EXPRESSIONS)})\(([\w.]+)\)")


def with_expressions(sql: str) -> str:
    """The statement with each call of a shared expression written out."""
    return CALL.sub(lambda call: EXPRESSIONS[call[1]].format(call[2]), sql)
