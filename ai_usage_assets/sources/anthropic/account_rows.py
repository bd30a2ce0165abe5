"""Anthropic usage by account as rows: only what a person or a service account did without an API key."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from ai_usage_assets.schema.tables.anthropic import RAW_ANTHROPIC_ACCOUNT_USAGE
from ai_usage_assets.sources.anthropic.records import AccountBucket, AccountUsage
from ai_usage_assets.sources.anthropic.rows import DEFAULT_WORKSPACE, TOKENS, UNKNOWN_MODEL
from ai_usage_assets.sources.columnar import always, build

if TYPE_CHECKING:
    import pyarrow as pa


def account_rows(buckets: Iterable[AccountBucket], fetched_at: datetime) -> "pa.Table":
    """raw_anthropic_account_usage, of daily buckets of usage_report/messages grouped by account.

    A result that names no account is traffic with an API key, or of nobody: raw_anthropic_usage has it.
    """
    pairs: list[tuple[AccountBucket, AccountUsage]] = [
        (bucket, result)
        for bucket in buckets
        for result in bucket.results
        if result.account_id or result.service_account_id
    ]
    return build(
        RAW_ANTHROPIC_ACCOUNT_USAGE,
        pairs,
        {
            "ingest_date": lambda p: p[0].day,
            "fetched_at": always(fetched_at),
            "account_id": lambda p: p[1].account_id,
            "service_account_id": lambda p: p[1].service_account_id,
            "workspace_id": lambda p: p[1].workspace_id or DEFAULT_WORKSPACE,
            "model": lambda p: p[1].model or UNKNOWN_MODEL,
            "service_tier": lambda p: p[1].service_tier,
            **TOKENS,
            "starting_at": lambda p: p[0].starting_at,
            "ending_at": lambda p: p[0].ending_at,
        },
    )
