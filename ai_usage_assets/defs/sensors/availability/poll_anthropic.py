"""The poll of Anthropic: tokens and cost of each day, without groups."""

from datetime import date
from typing import TYPE_CHECKING

from ai_usage_assets.days import Days
from ai_usage_assets.defs.sensors.availability.polls import (
    FETCHED_AT,
    Digests,
    PollResult,
    Recorded,
    Totals,
    days_with_data,
    restated,
    sums,
)
from ai_usage_assets.schema.tables.anthropic import RAW_ANTHROPIC_COST, RAW_ANTHROPIC_USAGE
from ai_usage_assets.sources.anthropic import rows

if TYPE_CHECKING:
    from ai_usage_assets.sources.anthropic.client import AnthropicAdmin

LEADING = RAW_ANTHROPIC_USAGE.name
"""If a day of this asset is restated, the day is read again in every asset: all are made of the same calls."""


def poll(client: "AnthropicAdmin", days: Days, recorded: Recorded, turn: int) -> PollResult:
    """One request: the tokens of each day, and every second time its cost.

    If the cost is restated, the tokens are requested too: if both are, one run reads both.
    """
    usage, cost = RAW_ANTHROPIC_USAGE, RAW_ANTHROPIC_COST
    reported: dict[date, Totals] = {}
    found: dict[str, Digests] = {}
    if turn % 2:
        reported = sums(cost, rows.cost_rows(client.cost_report(days, groups=()), FETCHED_AT))
        found[cost.name] = restated(cost, reported, recorded(cost.name))
    if not turn % 2 or found[cost.name]:
        reported = sums(usage, rows.usage_rows(client.messages_usage(days, groups=()), FETCHED_AT))
        found[usage.name] = restated(usage, reported, recorded(usage.name))
    return PollResult(days_with_data(reported), found)
