"""Anthropic's analytics answers as rows."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ai_usage_assets.schema.tables.anthropic_analytics import (
    RAW_ANTHROPIC_ANALYTICS_COST,
    RAW_ANTHROPIC_ANALYTICS_USAGE,
)
from ai_usage_assets.sources.anthropic.analytics_records import AnalyticsActor, AnalyticsCost, AnalyticsUsage
from ai_usage_assets.sources.anthropic.rows import DEFAULT_WORKSPACE
from ai_usage_assets.sources.columnar import dollars, known_sum, summed, total

if TYPE_CHECKING:
    import pyarrow as pa


NOBODY = AnalyticsActor()

DIMENSIONS: Mapping[str, Callable[[Any], Hashable]] = {
    "ingest_date": lambda r: r.day,
    "actor_type": lambda r: (r.group.actor or NOBODY).type,
    "actor_id": lambda r: (r.group.actor or NOBODY).id,
    "api_key_id": lambda r: r.group.api_key_id,
    "workspace_id": lambda r: r.group.workspace_id or DEFAULT_WORKSPACE,
    "model": lambda r: r.group.model,
    "starting_at": lambda r: r.starting_at,
    "ending_at": lambda r: r.ending_at,
}
TOKENS: Mapping[str, Callable[[AnalyticsUsage], int | None]] = {
    "uncached_input_tokens": lambda r: r.usage.uncached_input_tokens,
    "output_tokens": lambda r: r.usage.output_tokens,
    "cache_read_input_tokens": lambda r: r.usage.cache_read_input_tokens,
    "cache_creation_tokens": lambda r: (
        r.usage.cache_creation.ephemeral_5m_input_tokens + r.usage.cache_creation.ephemeral_1h_input_tokens
    ),
    "cache_creation_5m_tokens": lambda r: r.usage.cache_creation.ephemeral_5m_input_tokens,
    "cache_creation_1h_tokens": lambda r: r.usage.cache_creation.ephemeral_1h_input_tokens,
    "web_search_requests": lambda r: r.usage.server_tool_use.web_search_requests,
    "requests": lambda r: r.usage.requests,
}


def cost_rows(rows: Iterable[AnalyticsCost], fetched_at: datetime) -> "pa.Table":
    """raw_anthropic_analytics_cost, of analytics/cost: cents become dollars.

    Identities that the vendor cannot name have a row each, alike in every dimension: they are one row with their sum.
    """
    return summed(
        RAW_ANTHROPIC_ANALYTICS_COST,
        rows,
        dimensions={
            **DIMENSIONS,
            "token_type": lambda r: r.group.token_type,
            "cost_type": lambda r: r.group.cost_type,
            "currency": lambda r: r.cost.currency,
        },
        measures={
            **ATTRIBUTES,
            "amount_usd": lambda alike: dollars(total(r.cost.amount for r in alike)),
            "list_amount_usd": lambda alike: _known_dollars(r.cost.list_amount for r in alike),
            "requests": known_sum(lambda r: r.cost.requests),
        },
        fetched_at=fetched_at,
    )


def usage_rows(rows: Iterable[AnalyticsUsage], fetched_at: datetime) -> "pa.Table":
    """raw_anthropic_analytics_usage, of analytics/usage; rows alike in every dimension are summed."""
    return summed(
        RAW_ANTHROPIC_ANALYTICS_USAGE,
        rows,
        dimensions=DIMENSIONS,
        measures={**ATTRIBUTES, **{name: known_sum(read) for name, read in TOKENS.items()}},
        fetched_at=fetched_at,
    )


def _first_known(read: Callable[[Any], Any]) -> Callable[[Sequence[Any]], Any]:
    return lambda alike: next((value for row in alike if (value := read(row)) is not None), None)


def _known_dollars(amounts: Iterable[Decimal | None]) -> Decimal | None:
    known = [amount for amount in amounts if amount is not None]
    return dollars(total(known)) if known else None


ATTRIBUTES: Mapping[str, Callable[[Sequence[Any]], Any]] = {
    "actor_email": _first_known(lambda r: (r.group.actor or NOBODY).email_address),
    "actor_is_deleted": _first_known(lambda r: (r.group.actor or NOBODY).deleted),
    "data_refreshed_at": _first_known(lambda r: r.data_refreshed_at),
}
