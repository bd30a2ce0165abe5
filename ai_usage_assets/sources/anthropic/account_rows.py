"""Anthropic's usage by account as rows: the usage of persons and service accounts without an API key."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from ai_usage_assets.schema.tables.anthropic import RAW_ANTHROPIC_ACCOUNT_USAGE
from ai_usage_assets.sources.anthropic.records import AccountBucket
from ai_usage_assets.sources.anthropic.rows import DEFAULT_WORKSPACE, UNKNOWN_MODEL, token_columns
from ai_usage_assets.sources.columnar import build

if TYPE_CHECKING:
    import pyarrow as pa


def account_rows(buckets: Iterable[AccountBucket], fetched_at: datetime) -> "pa.Table":
    """raw_anthropic_account_usage, from daily buckets of usage_report/messages grouped by account.

    A result without an account is usage with an API key, or usage that is unattributed. It is left out here, because
    raw_anthropic_usage has it.
    """
    pairs = [
        (bucket, usage)
        for bucket in buckets
        for usage in bucket.results
        if usage.account_id or usage.service_account_id
    ]
    return build(
        RAW_ANTHROPIC_ACCOUNT_USAGE,
        {
            "ingest_date": [bucket.day for bucket, _ in pairs],
            "fetched_at": [fetched_at] * len(pairs),
            "account_id": [usage.account_id for _, usage in pairs],
            "service_account_id": [usage.service_account_id for _, usage in pairs],
            "workspace_id": [usage.workspace_id or DEFAULT_WORKSPACE for _, usage in pairs],
            "model": [usage.model or UNKNOWN_MODEL for _, usage in pairs],
            "service_tier": [usage.service_tier for _, usage in pairs],
            **token_columns([usage for _, usage in pairs]),
            "starting_at": [bucket.starting_at for bucket, _ in pairs],
            "ending_at": [bucket.ending_at for bucket, _ in pairs],
        },
    )
