"""The reconciliation rules: for each fact and platform, which of its totals equals which total of a raw table."""

from dataclasses import dataclass

from ai_usage_assets.schema.model import Table
from ai_usage_assets.schema.tables.anthropic import (
    RAW_ANTHROPIC_COST,
    RAW_ANTHROPIC_USAGE,
    RAW_CLAUDE_CODE_MODELS,
    RAW_CLAUDE_CODE_USAGE,
)
from ai_usage_assets.schema.tables.curated import FCT_COST_DAILY, FCT_USAGE_DAILY
from ai_usage_assets.schema.tables.cursor import RAW_CURSOR_EVENTS, RAW_CURSOR_USAGE
from ai_usage_assets.schema.tables.detail_facts import (
    FCT_ACTIVITY_DAILY,
    FCT_ANTHROPIC_TOKENS_DAILY,
    FCT_CURSOR_REQUESTS_DAILY,
    FCT_SEATS_DAILY,
)


@dataclass(frozen=True)
class ReconciliationRule:
    """Per day, the sum of `measure` in the fact on one platform equals the sum of an expression in the source.

    A sum is compared at the decimals of the fact's column. The cost of seats is not in any raw table, so it is left out
    of the sum of fct_cost_daily; the check `seat_cost_matches_invoice` covers it.
    """

    fact: Table
    platform: str
    measure: str
    source: Table
    expression: str
    where: str = "true"
    query: str | None = None
    """An intermediate query over the source, which is summed instead of the source itself."""

    @property
    def relation(self) -> str:
        """The name that the statement reads from."""
        return self.query or self.source.name


WRITTEN_5M = (
    "coalesce(cache_creation_tokens - coalesce(cache_creation_1h_tokens, 0), cache_creation_5m_tokens)"
)
ALL_INPUT = "coalesce(uncached_input_tokens, 0) + coalesce(cache_read_input_tokens, 0) + coalesce(cache_creation_tokens, 0)"
CURSOR_INPUT = "coalesce(input_tokens, 0) + coalesce(cache_write_tokens, 0) + coalesce(cache_read_tokens, 0)"
CODE_INPUT = "coalesce(input_tokens, 0) + coalesce(cache_creation_tokens, 0) + coalesce(cache_read_tokens, 0)"
SUBSCRIPTION = "customer_type = 'subscription'"
RULES = (
    ReconciliationRule(FCT_USAGE_DAILY, "anthropic", "input_tokens", RAW_ANTHROPIC_USAGE, ALL_INPUT),
    ReconciliationRule(FCT_USAGE_DAILY, "anthropic", "output_tokens", RAW_ANTHROPIC_USAGE, "output_tokens"),
    ReconciliationRule(
        FCT_USAGE_DAILY, "claude_code", "input_tokens", RAW_CLAUDE_CODE_MODELS, CODE_INPUT, SUBSCRIPTION
    ),
    ReconciliationRule(
        FCT_USAGE_DAILY, "claude_code", "output_tokens", RAW_CLAUDE_CODE_MODELS, "output_tokens", SUBSCRIPTION
    ),
    ReconciliationRule(FCT_USAGE_DAILY, "claude_code", "sessions", RAW_CLAUDE_CODE_USAGE, "sessions"),
    ReconciliationRule(FCT_USAGE_DAILY, "claude_code", "loc_added", RAW_CLAUDE_CODE_USAGE, "lines_added"),
    ReconciliationRule(FCT_USAGE_DAILY, "claude_code", "accepts", RAW_CLAUDE_CODE_USAGE, "tool_accepts"),
    ReconciliationRule(FCT_USAGE_DAILY, "claude_code", "rejects", RAW_CLAUDE_CODE_USAGE, "tool_rejects"),
    ReconciliationRule(FCT_USAGE_DAILY, "cursor", "input_tokens", RAW_CURSOR_EVENTS, CURSOR_INPUT),
    ReconciliationRule(FCT_USAGE_DAILY, "cursor", "output_tokens", RAW_CURSOR_EVENTS, "output_tokens"),
    ReconciliationRule(FCT_USAGE_DAILY, "cursor", "loc_added", RAW_CURSOR_USAGE, "total_lines_added"),
    ReconciliationRule(FCT_USAGE_DAILY, "cursor", "loc_accepted", RAW_CURSOR_USAGE, "accepted_lines_added"),
    ReconciliationRule(FCT_USAGE_DAILY, "cursor", "accepts", RAW_CURSOR_USAGE, "total_accepts"),
    ReconciliationRule(FCT_USAGE_DAILY, "cursor", "rejects", RAW_CURSOR_USAGE, "total_rejects"),
    ReconciliationRule(FCT_COST_DAILY, "anthropic", "cost_usd", RAW_ANTHROPIC_COST, "amount_usd"),
    ReconciliationRule(
        FCT_COST_DAILY,
        "cursor",
        "cost_usd",
        RAW_CURSOR_EVENTS,
        "amount_usd",
        "is_charged",
        "int_cursor_events",
    ),
    *(
        ReconciliationRule(FCT_ANTHROPIC_TOKENS_DAILY, "anthropic", measure, RAW_ANTHROPIC_USAGE, expression)
        for measure, expression in (
            ("uncached_input_tokens", "uncached_input_tokens"),
            ("cache_read_tokens", "cache_read_input_tokens"),
            ("cache_write_5m_tokens", WRITTEN_5M),
            ("cache_write_1h_tokens", "cache_creation_1h_tokens"),
            ("output_tokens", "output_tokens"),
            ("web_search_requests", "web_search_requests"),
        )
    ),
    ReconciliationRule(FCT_ANTHROPIC_TOKENS_DAILY, "anthropic", "cost_usd", RAW_ANTHROPIC_COST, "amount_usd"),
    *(
        ReconciliationRule(FCT_ACTIVITY_DAILY, "claude_code", measure, RAW_CLAUDE_CODE_USAGE, expression)
        for measure, expression in (
            ("sessions", "sessions"),
            ("lines_added", "lines_added"),
            ("lines_removed", "lines_removed"),
            ("accepts", "tool_accepts"),
            ("rejects", "tool_rejects"),
            ("commits", "commits"),
            ("pull_requests", "pull_requests"),
        )
    ),
    ReconciliationRule(FCT_ACTIVITY_DAILY, "claude_code", "input_tokens", RAW_CLAUDE_CODE_MODELS, CODE_INPUT),
    ReconciliationRule(
        FCT_ACTIVITY_DAILY, "claude_code", "output_tokens", RAW_CLAUDE_CODE_MODELS, "output_tokens"
    ),
    *(
        ReconciliationRule(FCT_ACTIVITY_DAILY, "cursor", measure, RAW_CURSOR_USAGE, expression)
        for measure, expression in (
            ("lines_added", "total_lines_added"),
            ("lines_removed", "total_lines_deleted"),
            ("lines_accepted", "accepted_lines_added"),
            ("accepts", "total_accepts"),
            ("rejects", "total_rejects"),
            ("applies", "total_applies"),
            ("tabs_shown", "total_tabs_shown"),
            ("tabs_accepted", "total_tabs_accepted"),
            ("composer_requests", "composer_requests"),
            ("chat_requests", "chat_requests"),
            ("agent_requests", "agent_requests"),
            ("cmdk_usages", "cmdk_usages"),
            ("bugbot_usages", "bugbot_usages"),
            ("api_key_requests", "api_key_reqs"),
        )
    ),
    *(
        ReconciliationRule(FCT_CURSOR_REQUESTS_DAILY, "cursor", measure, RAW_CURSOR_EVENTS, expression)
        for measure, expression in (
            ("requests", "1"),
            ("request_units", "request_units"),
            ("uncached_input_tokens", "input_tokens"),
            ("cache_read_tokens", "cache_read_tokens"),
            ("cache_write_tokens", "cache_write_tokens"),
            ("output_tokens", "output_tokens"),
        )
    ),
    ReconciliationRule(
        FCT_CURSOR_REQUESTS_DAILY,
        "cursor",
        "cost_usd",
        RAW_CURSOR_EVENTS,
        "amount_usd",
        "is_charged",
        "int_cursor_events",
    ),
    *(
        ReconciliationRule(
            FCT_SEATS_DAILY,
            platform,
            "cost_usd",
            FCT_COST_DAILY,
            "cost_usd",
            f"allocation = 'seat' and platform = '{platform}'",
        )
        for platform in ("anthropic", "claude_code", "cursor")
    ),
)
