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


@dataclass(frozen=True)
class ReconciliationRule:
    """Per day, the sum of `measure` in the fact on one platform equals the sum of an expression in the source.

    Money is compared at four decimals, because the fact keeps four. The cost of seats is not in any raw table, so it is
    left out of the fact's sum; the check `seat_cost_matches_invoice` covers it.
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
)
