"""Each column of a curated table names the columns that its values are made of, and only those."""

import pytest

from ai_usage_assets.curated.column_lineage import derived, lineage
from ai_usage_assets.schema.registry import BY_NAME
from ai_usage_assets.warehouse.column_lineage import column_lineage

LINEAGE = lineage()
KEYLESS = {
    f"{table}.{column}"
    for table in ("raw_anthropic_usage", "raw_anthropic_account_usage")
    for column in (
        "uncached_input_tokens",
        "output_tokens",
        "cache_read_input_tokens",
        "cache_creation_5m_tokens",
        "cache_creation_1h_tokens",
        "web_search_requests",
    )
} | {"raw_anthropic_usage.cache_creation_tokens"}
"""One column of kinds: which of them a value is of is a condition, and no origin."""
KNOWN = {
    # through three branches of a union and the common table expressions before it
    "fct_usage_daily.input_tokens": {
        "raw_anthropic_usage.uncached_input_tokens",
        "raw_anthropic_usage.cache_read_input_tokens",
        "raw_anthropic_usage.cache_creation_tokens",
        *KEYLESS,
        "raw_claude_code_models.input_tokens",
        "raw_claude_code_models.cache_read_tokens",
        "raw_claude_code_models.cache_creation_tokens",
        "raw_cursor_events.input_tokens",
        "raw_cursor_events.cache_read_tokens",
        "raw_cursor_events.cache_write_tokens",
    },
    "fct_usage_daily.output_tokens": {
        "raw_anthropic_usage.output_tokens",
        *KEYLESS,
        "raw_claude_code_models.output_tokens",
        "raw_cursor_events.output_tokens",
    },
    "fct_usage_daily.sessions": {"raw_claude_code_usage.sessions"},
    "fct_usage_daily.platform": set(),
    "fct_cost_daily.workspace_id": {
        "raw_anthropic_cost.workspace_id",
        "raw_anthropic_analytics_cost.workspace_id",
        "raw_anthropic_analytics_usage.workspace_id",
    },
    "fct_cost_daily.model": {
        "raw_anthropic_cost.model",
        "raw_anthropic_analytics_cost.model",
        "raw_cursor_events.model",
    },
    "dim_users.first_name": {
        "identity_people.first_name",
        "raw_anthropic_users.name",
        "raw_cursor_members.name",
        "raw_cursor_events.service_account_name",
    },
    # what a table reads of its own past is no edge of the graph
    "dim_users.created_at": set(),
    "agg_monthly_finance.cost_usd": {"fct_cost_daily.cost_usd"},
    "agg_monthly_finance.department": {"dim_user_history.department"},
    "agg_user_summary.acceptance_rate": {"fct_usage_daily.accepts", "fct_usage_daily.rejects"},
    "agg_included_value.included_value_usd": {"fct_cursor_requests_daily.included_value_usd"},
}


def test_what_is_kept_is_what_the_sql_says() -> None:
    assert derived() == LINEAGE, "run: .venv/bin/python -m ai_usage_assets.curated.column_lineage"


@pytest.mark.parametrize("column", KNOWN)
def test_a_column_comes_from_the_columns_that_a_reader_of_the_sql_would_name(column: str) -> None:
    table, name = column.split(".")
    assert set(LINEAGE[table][name]) == KNOWN[column]


@pytest.mark.parametrize("table", LINEAGE)
def test_every_column_is_there_and_every_origin_is_a_declared_column(table: str) -> None:
    assert list(LINEAGE[table]) == list(BY_NAME[table].column_names)
    for origin in {origin for origins in LINEAGE[table].values() for origin in origins}:
        parent, _, name = origin.partition(".")
        assert name in BY_NAME[parent].by_name


def test_what_only_decides_which_value_is_taken_is_no_origin() -> None:
    sql = """
      select if(is_current, name, 'gone') as name,
        case status when 'active' then 1 else 0 end as listed,
        sum(1) over (partition by workspace_id order by created_at) as place
      from raw_anthropic_api_keys
    """
    found = column_lineage(sql, [BY_NAME["raw_anthropic_api_keys"]])
    assert found == {"name": ["raw_anthropic_api_keys.name"], "listed": [], "place": []}
