"""What must add up: for each fact and platform, which sum of it equals which sum of which raw table."""

from dataclasses import dataclass

from ai_usage_assets.schema.curated import FCT_COST_DAILY, FCT_USAGE_DAILY
from ai_usage_assets.schema.model import Table
from ai_usage_assets.schema.raw import RAW_ANTHROPIC_USAGE, RAW_CURSOR_EVENTS, RAW_CURSOR_USAGE


@dataclass(frozen=True)
class Balance:
    """Per day, the fact's sum of `measure` on a platform equals the source's sum of an expression."""

    fact: Table
    platform: str
    measure: str
    source: Table
    expression: str
    where: str = "true"
    decimals: int | None = None


ALL_INPUT = "coalesce(uncached_input_tokens, 0) + coalesce(cache_read_input_tokens, 0) + coalesce(cache_creation_tokens, 0)"
CURSOR_INPUT = "coalesce(input_tokens, 0) + coalesce(cache_write_tokens, 0) + coalesce(cache_read_tokens, 0)"
# answers of before 2026 lack both fields
CHARGEABLE = "coalesce(is_chargeable, lower(trim(kind)) = 'usage-based')"
CHARGED = "coalesce(charged_usd, model_cost_usd + coalesce(cursor_token_fee_usd, 0))"

BALANCES = (
    Balance(FCT_USAGE_DAILY, "anthropic", "input_tokens", RAW_ANTHROPIC_USAGE, ALL_INPUT),
    Balance(FCT_USAGE_DAILY, "anthropic", "output_tokens", RAW_ANTHROPIC_USAGE, "output_tokens"),
    Balance(FCT_USAGE_DAILY, "cursor", "input_tokens", RAW_CURSOR_EVENTS, CURSOR_INPUT),
    Balance(FCT_USAGE_DAILY, "cursor", "output_tokens", RAW_CURSOR_EVENTS, "output_tokens"),
    Balance(FCT_USAGE_DAILY, "cursor", "loc_added", RAW_CURSOR_USAGE, "total_lines_added"),
    Balance(FCT_USAGE_DAILY, "cursor", "loc_accepted", RAW_CURSOR_USAGE, "accepted_lines_added"),
    Balance(FCT_USAGE_DAILY, "cursor", "accepts", RAW_CURSOR_USAGE, "total_accepts"),
    Balance(FCT_USAGE_DAILY, "cursor", "rejects", RAW_CURSOR_USAGE, "total_rejects"),
    Balance(FCT_COST_DAILY, "cursor", "cost_usd", RAW_CURSOR_EVENTS, CHARGED, CHARGEABLE, decimals=4),
)
