"""What must add up: for each fact and platform, which sum of it equals which sums of which raw tables."""

from dataclasses import dataclass

from ai_usage_assets.schema.model import Table
from ai_usage_assets.schema.tables.curated import FCT_COST_DAILY, FCT_USAGE_DAILY
from ai_usage_assets.schema.tables.raw import (
    RAW_ANTHROPIC_COST,
    RAW_ANTHROPIC_USAGE,
    RAW_CLAUDE_CODE_MODELS,
    RAW_CLAUDE_CODE_USAGE,
    RAW_CURSOR_EVENTS,
    RAW_CURSOR_USAGE,
)


@dataclass(frozen=True)
class Balance:
    """Per day, the fact's sum of `measure` on a platform equals the source's sum of an expression.

    Money is compared at four decimals, which is what the fact keeps. What a seat costs is no metered charge, and
    is not part of the fact's sum here: `invoices` compares it with seats x price.
    """

    fact: Table
    platform: str
    measure: str
    source: Table
    expression: str
    where: str = "true"
    query: str | None = None
    """The intermediate query over the source that is summed instead of the source itself."""

    @property
    def read(self) -> str:
        return self.query or self.source.name


ALL_INPUT = "coalesce(uncached_input_tokens, 0) + coalesce(cache_read_input_tokens, 0) + coalesce(cache_creation_tokens, 0)"
CURSOR_INPUT = "coalesce(input_tokens, 0) + coalesce(cache_write_tokens, 0) + coalesce(cache_read_tokens, 0)"
CODE_INPUT = "coalesce(input_tokens, 0) + coalesce(cache_creation_tokens, 0) + coalesce(cache_read_tokens, 0)"
SUBSCRIPTION = "customer_type = 'subscription'"
BALANCES = (
    Balance(FCT_USAGE_DAILY, "anthropic", "input_tokens", RAW_ANTHROPIC_USAGE, ALL_INPUT),
    Balance(FCT_USAGE_DAILY, "anthropic", "output_tokens", RAW_ANTHROPIC_USAGE, "output_tokens"),
    Balance(FCT_USAGE_DAILY, "claude_code", "input_tokens", RAW_CLAUDE_CODE_MODELS, CODE_INPUT, SUBSCRIPTION),
    Balance(
        FCT_USAGE_DAILY, "claude_code", "output_tokens", RAW_CLAUDE_CODE_MODELS, "output_tokens", SUBSCRIPTION
    ),
    Balance(FCT_USAGE_DAILY, "claude_code", "sessions", RAW_CLAUDE_CODE_USAGE, "sessions"),
    Balance(FCT_USAGE_DAILY, "claude_code", "loc_added", RAW_CLAUDE_CODE_USAGE, "lines_added"),
    Balance(FCT_USAGE_DAILY, "claude_code", "accepts", RAW_CLAUDE_CODE_USAGE, "tool_accepts"),
    Balance(FCT_USAGE_DAILY, "claude_code", "rejects", RAW_CLAUDE_CODE_USAGE, "tool_rejects"),
    Balance(FCT_USAGE_DAILY, "cursor", "input_tokens", RAW_CURSOR_EVENTS, CURSOR_INPUT),
    Balance(FCT_USAGE_DAILY, "cursor", "output_tokens", RAW_CURSOR_EVENTS, "output_tokens"),
    Balance(FCT_USAGE_DAILY, "cursor", "loc_added", RAW_CURSOR_USAGE, "total_lines_added"),
    Balance(FCT_USAGE_DAILY, "cursor", "loc_accepted", RAW_CURSOR_USAGE, "accepted_lines_added"),
    Balance(FCT_USAGE_DAILY, "cursor", "accepts", RAW_CURSOR_USAGE, "total_accepts"),
    Balance(FCT_USAGE_DAILY, "cursor", "rejects", RAW_CURSOR_USAGE, "total_rejects"),
    Balance(FCT_COST_DAILY, "anthropic", "cost_usd", RAW_ANTHROPIC_COST, "amount_usd"),
    Balance(
        FCT_COST_DAILY,
        "cursor",
        "cost_usd",
        RAW_CURSOR_EVENTS,
        "amount_usd",
        "is_charged",
        "int_cursor_events",
    ),
)
