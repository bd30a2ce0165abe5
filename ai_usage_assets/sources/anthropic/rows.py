"""Anthropic's answers as rows. A null of the vendor gets its meaning here: `default`, `no_api_key` or `unknown`."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from ai_usage_assets.schema.tables.anthropic import (
    RAW_ANTHROPIC_API_KEYS,
    RAW_ANTHROPIC_COST,
    RAW_ANTHROPIC_USAGE,
    RAW_ANTHROPIC_USERS,
)
from ai_usage_assets.sources.anthropic.records import (
    ApiKey,
    CostBucket,
    MessagesTokens,
    UsageBucket,
    User,
)
from ai_usage_assets.sources.columnar import (
    build,
    dollars,
    group_by_key,
    key_columns,
    snapshot_columns,
    total,
)

if TYPE_CHECKING:
    import pyarrow as pa

DEFAULT_WORKSPACE = "default"
NO_API_KEY = "no_api_key"
UNKNOWN_MODEL = "unknown"

COST_KEY = (
    *("ingest_date", "workspace_id", "cost_type", "token_type", "model", "service_tier"),
    *("context_window", "inference_geo", "description", "currency", "starting_at", "ending_at"),
)


def token_columns(usages: Sequence[MessagesTokens]) -> dict[str, list[int]]:
    """The columns of tokens and web searches, which usage by key and usage by account share."""
    written_5m = [usage.cache_creation.ephemeral_5m_input_tokens for usage in usages]
    written_1h = [usage.cache_creation.ephemeral_1h_input_tokens for usage in usages]
    return {
        "uncached_input_tokens": [usage.uncached_input_tokens for usage in usages],
        "output_tokens": [usage.output_tokens for usage in usages],
        "cache_read_input_tokens": [usage.cache_read_input_tokens for usage in usages],
        "cache_creation_tokens": [sum(both) for both in zip(written_5m, written_1h, strict=True)],
        "cache_creation_5m_tokens": written_5m,
        "cache_creation_1h_tokens": written_1h,
        "web_search_requests": [usage.server_tool_use.web_search_requests for usage in usages],
    }


def usage_rows(buckets: Iterable[UsageBucket], fetched_at: datetime) -> "pa.Table":
    """raw_anthropic_usage, from daily buckets of usage_report/messages."""
    pairs = [(bucket, usage) for bucket in buckets for usage in bucket.results]
    return build(
        RAW_ANTHROPIC_USAGE,
        {
            "ingest_date": [bucket.day for bucket, _ in pairs],
            "fetched_at": [fetched_at] * len(pairs),
            "api_key_id": [usage.api_key_id or NO_API_KEY for _, usage in pairs],
            "workspace_id": [usage.workspace_id or DEFAULT_WORKSPACE for _, usage in pairs],
            "model": [usage.model or UNKNOWN_MODEL for _, usage in pairs],
            **token_columns([usage for _, usage in pairs]),
            "service_tier": [usage.service_tier for _, usage in pairs],
            "context_window": [usage.context_window for _, usage in pairs],
            "starting_at": [bucket.starting_at for bucket, _ in pairs],
            "ending_at": [bucket.ending_at for bucket, _ in pairs],
        },
    )


def cost_rows(buckets: Iterable[CostBucket], fetched_at: datetime) -> "pa.Table":
    """raw_anthropic_cost, from daily buckets of cost_report: cents become dollars.

    Lines with the same key, which includes the description, become one row with their sum. The vendor does not say
    whether it sends such lines. Both lines would be money, so the row must hold both, and one odd pair of lines must
    not hold back the whole day.
    """
    groups = group_by_key(
        (
            (
                *(bucket.day, line.workspace_id or DEFAULT_WORKSPACE, line.cost_type, line.token_type),
                *(line.model, line.service_tier, line.context_window, line.inference_geo),
                *(line.description, line.currency, bucket.starting_at, bucket.ending_at),
            ),
            line.amount,
        )
        for bucket in buckets
        for line in bucket.results
    )
    return build(
        RAW_ANTHROPIC_COST,
        {
            **key_columns(COST_KEY, groups),
            "amount_usd": [dollars(total(amounts)) for amounts in groups.values()],
            "fetched_at": [fetched_at] * len(groups),
        },
    )


def user_rows(users: Iterable[User], fetched_at: datetime) -> "pa.Table":
    """raw_anthropic_users, from organizations/users."""
    listed = list(users)
    return build(
        RAW_ANTHROPIC_USERS,
        {
            "user_id": [user.id for user in listed],
            "email": [user.email for user in listed],
            "name": [user.name for user in listed],
            "role": [user.role for user in listed],
            "added_at": [user.added_at for user in listed],
            **snapshot_columns(fetched_at, len(listed)),
        },
    )


def api_key_rows(keys: Iterable[ApiKey], fetched_at: datetime) -> "pa.Table":
    """raw_anthropic_api_keys, from organizations/api_keys."""
    listed = list(keys)
    return build(
        RAW_ANTHROPIC_API_KEYS,
        {
            "api_key_id": [key.id for key in listed],
            "name": [key.name for key in listed],
            "status": [key.status for key in listed],
            "workspace_id": [key.workspace_id or DEFAULT_WORKSPACE for key in listed],
            "created_by_id": [key.created_by.id if key.created_by else None for key in listed],
            "created_by_type": [key.created_by.type if key.created_by else None for key in listed],
            "principal_id": [key.principal.id if key.principal else None for key in listed],
            "principal_type": [key.principal.type if key.principal else None for key in listed],
            "partial_key_hint": [key.partial_key_hint for key in listed],
            "created_at": [key.created_at for key in listed],
            "expires_at": [key.expires_at for key in listed],
            **snapshot_columns(fetched_at, len(listed)),
        },
    )
