"""Anthropic's analytics answers as rows."""

from collections.abc import Collection, Hashable, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from ai_usage_assets.schema.tables.anthropic_analytics import (
    RAW_ANTHROPIC_ANALYTICS_COST,
    RAW_ANTHROPIC_ANALYTICS_USAGE,
)
from ai_usage_assets.sources.anthropic.analytics_records import (
    AnalyticsActor,
    AnalyticsCost,
    AnalyticsRow,
    AnalyticsUsage,
)
from ai_usage_assets.sources.anthropic.rows import DEFAULT_WORKSPACE
from ai_usage_assets.sources.columnar import (
    build,
    dollars,
    group_by_key,
    key_columns,
    known_dollars,
    known_sum,
    total,
)

if TYPE_CHECKING:
    import pyarrow as pa

T = TypeVar("T")

NO_ACTOR = AnalyticsActor()
"""Stands for the actor of a row that names none."""

USAGE_KEY = (
    *("ingest_date", "actor_type", "actor_id", "api_key_id", "workspace_id", "model"),
    *("starting_at", "ending_at"),
)
COST_KEY = (*USAGE_KEY, "token_type", "cost_type", "currency")


def cost_rows(rows: Iterable[AnalyticsCost], fetched_at: datetime) -> "pa.Table":
    """raw_anthropic_analytics_cost, from analytics/cost: cents become dollars.

    The vendor sends a row for each identity that it cannot name. Such rows have the same key, and they become one row
    with their sum.
    """
    groups = group_by_key(
        ((*_key(row), row.group.token_type, row.group.cost_type, row.cost.currency), row) for row in rows
    )
    duplicates = groups.values()
    return build(
        RAW_ANTHROPIC_ANALYTICS_COST,
        {
            **key_columns(COST_KEY, groups),
            **_attributes(duplicates),
            "amount_usd": [dollars(total(row.cost.amount for row in same)) for same in duplicates],
            "list_amount_usd": [known_dollars(row.cost.list_amount for row in same) for same in duplicates],
            "requests": [known_sum(row.cost.requests for row in same) for same in duplicates],
            "fetched_at": [fetched_at] * len(groups),
        },
    )


def usage_rows(rows: Iterable[AnalyticsUsage], fetched_at: datetime) -> "pa.Table":
    """raw_anthropic_analytics_usage, from analytics/usage; rows with the same key become one row with their sum."""
    groups = group_by_key((_key(row), row) for row in rows)
    usages = [[row.usage for row in same] for same in groups.values()]
    written_5m = [sum(usage.cache_creation.ephemeral_5m_input_tokens for usage in same) for same in usages]
    written_1h = [sum(usage.cache_creation.ephemeral_1h_input_tokens for usage in same) for same in usages]
    return build(
        RAW_ANTHROPIC_ANALYTICS_USAGE,
        {
            **key_columns(USAGE_KEY, groups),
            **_attributes(groups.values()),
            "uncached_input_tokens": [sum(usage.uncached_input_tokens for usage in same) for same in usages],
            "output_tokens": [sum(usage.output_tokens for usage in same) for same in usages],
            "cache_read_input_tokens": [
                sum(usage.cache_read_input_tokens for usage in same) for same in usages
            ],
            "cache_creation_tokens": [sum(both) for both in zip(written_5m, written_1h, strict=True)],
            "cache_creation_5m_tokens": written_5m,
            "cache_creation_1h_tokens": written_1h,
            "web_search_requests": [
                sum(usage.server_tool_use.web_search_requests for usage in same) for same in usages
            ],
            "requests": [known_sum(usage.requests for usage in same) for same in usages],
            "fetched_at": [fetched_at] * len(groups),
        },
    )


def _key(row: AnalyticsRow) -> tuple[Hashable, ...]:
    group, actor = row.group, row.group.actor or NO_ACTOR
    return (
        *(row.day, actor.type, actor.id, group.api_key_id),
        *(group.workspace_id or DEFAULT_WORKSPACE, group.model, row.starting_at, row.ending_at),
    )


def _attributes(duplicates: Collection[Sequence[AnalyticsRow]]) -> dict[str, list[Any]]:
    """What is not part of the key: the first known value of the rows with the same key."""
    actors = [[row.group.actor or NO_ACTOR for row in same] for same in duplicates]
    return {
        "actor_email": [_first_known(actor.email_address for actor in same) for same in actors],
        "actor_is_deleted": [_first_known(actor.deleted for actor in same) for same in actors],
        "data_refreshed_at": [_first_known(row.data_refreshed_at for row in same) for same in duplicates],
    }


def _first_known(values: Iterable[T | None]) -> T | None:
    return next((value for value in values if value is not None), None)
