"""Anthropic's answers as rows. A null is given its meaning here: `default`, `no_api_key`, `unknown`."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ai_usage_assets.schema.tables.anthropic import (
    RAW_ANTHROPIC_API_KEYS,
    RAW_ANTHROPIC_COST,
    RAW_ANTHROPIC_USAGE,
    RAW_ANTHROPIC_USERS,
)
from ai_usage_assets.sources.anthropic.records import (
    ApiKey,
    CostBucket,
    CostLine,
    MessagesTokens,
    MessagesUsage,
    UsageBucket,
    User,
)
from ai_usage_assets.sources.columnar import always, build, dollars, seen, summed, total

if TYPE_CHECKING:
    import pyarrow as pa


DEFAULT_WORKSPACE = "default"
NO_API_KEY = "no_api_key"
UNKNOWN_MODEL = "unknown"


TOKENS: Mapping[str, Callable[[tuple[Any, MessagesTokens]], int]] = {
    "uncached_input_tokens": lambda p: p[1].uncached_input_tokens,
    "output_tokens": lambda p: p[1].output_tokens,
    "cache_read_input_tokens": lambda p: p[1].cache_read_input_tokens,
    "cache_creation_tokens": lambda p: (
        p[1].cache_creation.ephemeral_5m_input_tokens + p[1].cache_creation.ephemeral_1h_input_tokens
    ),
    "cache_creation_5m_tokens": lambda p: p[1].cache_creation.ephemeral_5m_input_tokens,
    "cache_creation_1h_tokens": lambda p: p[1].cache_creation.ephemeral_1h_input_tokens,
    "web_search_requests": lambda p: p[1].server_tool_use.web_search_requests,
}
"""How each token column is read from a bucket and one of its results."""


def usage_rows(buckets: Iterable[UsageBucket], fetched_at: datetime) -> "pa.Table":
    """raw_anthropic_usage, of daily buckets of usage_report/messages."""
    pairs: list[tuple[UsageBucket, MessagesUsage]] = [(b, result) for b in buckets for result in b.results]
    return build(
        RAW_ANTHROPIC_USAGE,
        pairs,
        {
            "ingest_date": lambda p: p[0].day,
            "fetched_at": always(fetched_at),
            "api_key_id": lambda p: p[1].api_key_id or NO_API_KEY,
            "workspace_id": lambda p: p[1].workspace_id or DEFAULT_WORKSPACE,
            "model": lambda p: p[1].model or UNKNOWN_MODEL,
            **TOKENS,
            "service_tier": lambda p: p[1].service_tier,
            "context_window": lambda p: p[1].context_window,
            "starting_at": lambda p: p[0].starting_at,
            "ending_at": lambda p: p[0].ending_at,
        },
    )


def cost_rows(buckets: Iterable[CostBucket], fetched_at: datetime) -> "pa.Table":
    """raw_anthropic_cost, of daily buckets of cost_report: cents become dollars.

    Lines alike in every dimension, the description too, are one row with their sum. Nothing says that the vendor
    sends such, and both would be money: to refuse the day would hold all of it back, to keep one would lose the other.
    """
    pairs: list[tuple[CostBucket, CostLine]] = [(b, line) for b in buckets for line in b.results]
    return summed(
        RAW_ANTHROPIC_COST,
        pairs,
        dimensions={
            "ingest_date": lambda p: p[0].day,
            "workspace_id": lambda p: p[1].workspace_id or DEFAULT_WORKSPACE,
            "cost_type": lambda p: p[1].cost_type,
            "token_type": lambda p: p[1].token_type,
            "model": lambda p: p[1].model,
            "service_tier": lambda p: p[1].service_tier,
            "context_window": lambda p: p[1].context_window,
            "inference_geo": lambda p: p[1].inference_geo,
            "description": lambda p: p[1].description,
            "currency": lambda p: p[1].currency,
            "starting_at": lambda p: p[0].starting_at,
            "ending_at": lambda p: p[0].ending_at,
        },
        measures={"amount_usd": lambda alike: dollars(total(line.amount for _, line in alike))},
        fetched_at=fetched_at,
    )


def user_rows(users: Iterable[User], fetched_at: datetime) -> "pa.Table":
    """raw_anthropic_users, of organizations/users."""
    return build(
        RAW_ANTHROPIC_USERS,
        list(users),
        {
            "user_id": lambda u: u.id,
            "email": lambda u: u.email,
            "name": lambda u: u.name,
            "role": lambda u: u.role,
            "added_at": lambda u: u.added_at,
            **seen(fetched_at),
        },
    )


def api_key_rows(keys: Iterable[ApiKey], fetched_at: datetime) -> "pa.Table":
    """raw_anthropic_api_keys, of organizations/api_keys."""
    return build(
        RAW_ANTHROPIC_API_KEYS,
        list(keys),
        {
            "api_key_id": lambda k: k.id,
            "name": lambda k: k.name,
            "status": lambda k: k.status,
            "workspace_id": lambda k: k.workspace_id or DEFAULT_WORKSPACE,
            "created_by_id": lambda k: k.created_by.id if k.created_by else None,
            "created_by_type": lambda k: k.created_by.type if k.created_by else None,
            "principal_id": lambda k: k.principal.id if k.principal else None,
            "principal_type": lambda k: k.principal.type if k.principal else None,
            "partial_key_hint": lambda k: k.partial_key_hint,
            "created_at": lambda k: k.created_at,
            "expires_at": lambda k: k.expires_at,
            **seen(fetched_at),
        },
    )
