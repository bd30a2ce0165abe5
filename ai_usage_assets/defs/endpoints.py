"""The vendors' daily answers: which tables each fills, how many days it takes at a time, and how it becomes rows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from ai_usage_assets.days import Days
from ai_usage_assets.defs import raw_anthropic_analytics as analytics
from ai_usage_assets.schema.model import Table
from ai_usage_assets.schema.tables import anthropic_account_usage as account_usage
from ai_usage_assets.schema.tables import raw
from ai_usage_assets.schema.tables.anthropic_analytics import (
    RAW_ANTHROPIC_ANALYTICS_COST,
    RAW_ANTHROPIC_ANALYTICS_USAGE,
)
from ai_usage_assets.sources.anthropic import account_rows as anthropic_accounts
from ai_usage_assets.sources.anthropic import analytics_rows, claude_code
from ai_usage_assets.sources.anthropic import records as anthropic_records
from ai_usage_assets.sources.anthropic import rows as anthropic
from ai_usage_assets.sources.cursor import records as cursor_records
from ai_usage_assets.sources.cursor import rows as cursor

if TYPE_CHECKING:
    import pyarrow as pa


Fetch: TypeAlias = Callable[[Any, Days, datetime], "Sequence[pa.Table]"]
"""The vendor's client, the days, and when it was asked: the rows of each table."""


@dataclass(frozen=True)
class Endpoint:
    """One answer of a vendor; what fills several tables is fetched, and fails, as one."""

    step: str
    tables: tuple[Table, ...]
    path: str
    """What the client counts its requests under."""
    most_days: int
    fetch: Fetch
    refuse: Callable[[Days, datetime], None] | None = None
    """Raises if the run's days cannot be had yet, before anything is asked."""

    @property
    def vendor(self) -> str:
        return self.tables[0].vendor or ""


ENDPOINTS = (
    Endpoint(
        "raw_anthropic_usage",
        (raw.RAW_ANTHROPIC_USAGE,),
        "/v1/organizations/usage_report/messages",
        anthropic_records.MAX_DAYS,
        lambda client, days, at: [anthropic.usage_rows(client.messages_usage(days), at)],
    ),
    Endpoint(
        "raw_anthropic_account_usage",
        (account_usage.RAW_ANTHROPIC_ACCOUNT_USAGE,),
        "account_usage",
        anthropic_records.MAX_DAYS,
        lambda client, days, at: [anthropic_accounts.account_rows(client.account_usage(days), at)],
    ),
    Endpoint(
        "raw_anthropic_cost",
        (raw.RAW_ANTHROPIC_COST,),
        "/v1/organizations/cost_report",
        anthropic_records.MAX_DAYS,
        lambda client, days, at: [anthropic.cost_rows(client.cost_report(days), at)],
    ),
    Endpoint(
        "raw_claude_code",
        claude_code.TABLES,
        "/v1/organizations/usage_report/claude_code",
        claude_code.MOST_DAYS,
        lambda client, days, at: claude_code.fetch(client.claude_code, days, at),
        claude_code.refuse_withheld,
    ),
    Endpoint(
        "raw_anthropic_analytics_cost",
        (RAW_ANTHROPIC_ANALYTICS_COST,),
        "/v1/organizations/analytics/cost",
        anthropic_records.MAX_DAYS,
        lambda client, days, at: analytics.fetch(
            RAW_ANTHROPIC_ANALYTICS_COST, client.analytics_cost, analytics_rows.cost_rows, days, at
        ),
    ),
    Endpoint(
        "raw_anthropic_analytics_usage",
        (RAW_ANTHROPIC_ANALYTICS_USAGE,),
        "/v1/organizations/analytics/usage",
        anthropic_records.MAX_DAYS,
        lambda client, days, at: analytics.fetch(
            RAW_ANTHROPIC_ANALYTICS_USAGE, client.analytics_usage, analytics_rows.usage_rows, days, at
        ),
    ),
    Endpoint(
        "raw_cursor_usage",
        (raw.RAW_CURSOR_USAGE,),
        "/teams/daily-usage-data",
        cursor_records.MAX_DAYS,
        lambda client, days, at: [
            client.daily_usage(days).read(lambda pages: cursor.daily_usage_rows(pages, at))
        ],
    ),
    Endpoint(
        "raw_cursor_events",
        (raw.RAW_CURSOR_EVENTS,),
        "/teams/filtered-usage-events",
        cursor_records.MAX_DAYS,
        lambda client, days, at: [client.usage_events(days).read(lambda pages: cursor.event_rows(pages, at))],
    ),
)
