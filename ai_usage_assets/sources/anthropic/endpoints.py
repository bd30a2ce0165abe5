"""Anthropic's daily endpoints: one function for each, from the client's records to the rows of its tables."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from ai_usage_assets.days import Days
from ai_usage_assets.schema.model import Table
from ai_usage_assets.schema.tables.anthropic import (
    RAW_ANTHROPIC_ACCOUNT_USAGE,
    RAW_ANTHROPIC_COST,
    RAW_ANTHROPIC_USAGE,
)
from ai_usage_assets.schema.tables.anthropic_analytics import (
    RAW_ANTHROPIC_ANALYTICS_COST,
    RAW_ANTHROPIC_ANALYTICS_USAGE,
)
from ai_usage_assets.sources.anthropic import analytics_rows, claude_code, rows
from ai_usage_assets.sources.anthropic.account_rows import account_rows
from ai_usage_assets.sources.anthropic.analytics import earliest_day
from ai_usage_assets.sources.columnar import concat
from ai_usage_assets.sources.endpoint import Endpoint
from ai_usage_assets.sources.source import ANTHROPIC

if TYPE_CHECKING:
    import pyarrow as pa

    from ai_usage_assets.sources.anthropic.client import AnthropicAdmin

Record = TypeVar("Record")


def fetch_usage(client: "AnthropicAdmin", days: Days, fetched_at: datetime) -> "Sequence[pa.Table]":
    return [rows.usage_rows(client.messages_usage(days), fetched_at)]


def fetch_account_usage(client: "AnthropicAdmin", days: Days, fetched_at: datetime) -> "Sequence[pa.Table]":
    return [account_rows(client.account_usage(days), fetched_at)]


def fetch_cost(client: "AnthropicAdmin", days: Days, fetched_at: datetime) -> "Sequence[pa.Table]":
    return [rows.cost_rows(client.cost_report(days), fetched_at)]


def fetch_claude_code(client: "AnthropicAdmin", days: Days, fetched_at: datetime) -> "Sequence[pa.Table]":
    return claude_code.fetch(client.claude_code, days, fetched_at)


def fetch_analytics_cost(client: "AnthropicAdmin", days: Days, fetched_at: datetime) -> "Sequence[pa.Table]":
    table, to_rows = RAW_ANTHROPIC_ANALYTICS_COST, analytics_rows.cost_rows
    return [_analytics(table, client.analytics_cost, to_rows, days, fetched_at)]


def fetch_analytics_usage(client: "AnthropicAdmin", days: Days, fetched_at: datetime) -> "Sequence[pa.Table]":
    table, to_rows = RAW_ANTHROPIC_ANALYTICS_USAGE, analytics_rows.usage_rows
    return [_analytics(table, client.analytics_usage, to_rows, days, fetched_at)]


def _analytics(
    table: Table,
    request: Callable[[Days], Iterable[Record]],
    to_rows: "Callable[[Iterable[Record], datetime], pa.Table]",
    days: Days,
    fetched_at: datetime,
) -> "pa.Table":
    """Rows of the days that the endpoint accepts; without such a day nothing is requested."""
    earliest = earliest_day(fetched_at)
    if days.last < earliest:
        return concat(table, [])
    return to_rows(request(Days(max(days.first, earliest), days.last)), fetched_at)


USAGE = Endpoint(
    "raw_anthropic_usage",
    (RAW_ANTHROPIC_USAGE,),
    "/v1/organizations/usage_report/messages",
    ANTHROPIC.max_days,
    fetch_usage,
)
ACCOUNT_USAGE = Endpoint(
    "raw_anthropic_account_usage",
    (RAW_ANTHROPIC_ACCOUNT_USAGE,),
    "account_usage",
    ANTHROPIC.max_days,
    fetch_account_usage,
)
COST = Endpoint(
    "raw_anthropic_cost",
    (RAW_ANTHROPIC_COST,),
    "/v1/organizations/cost_report",
    ANTHROPIC.max_days,
    fetch_cost,
)
CLAUDE_CODE = Endpoint(
    "raw_claude_code",
    claude_code.TABLES,
    "/v1/organizations/usage_report/claude_code",
    claude_code.MAX_DAYS,
    fetch_claude_code,
    claude_code.refuse_unfinished,
)
ANALYTICS_COST = Endpoint(
    "raw_anthropic_analytics_cost",
    (RAW_ANTHROPIC_ANALYTICS_COST,),
    "/v1/organizations/analytics/cost",
    ANTHROPIC.max_days,
    fetch_analytics_cost,
)
ANALYTICS_USAGE = Endpoint(
    "raw_anthropic_analytics_usage",
    (RAW_ANTHROPIC_ANALYTICS_USAGE,),
    "/v1/organizations/analytics/usage",
    ANTHROPIC.max_days,
    fetch_analytics_usage,
)
ENDPOINTS = (USAGE, ACCOUNT_USAGE, COST, CLAUDE_CODE, ANALYTICS_COST, ANALYTICS_USAGE)
