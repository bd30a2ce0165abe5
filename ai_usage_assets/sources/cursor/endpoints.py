"""Cursor's daily endpoints: one function for each, from the client's pages to the rows of its table."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from ai_usage_assets.days import Days
from ai_usage_assets.schema.tables.cursor import RAW_CURSOR_EVENTS, RAW_CURSOR_USAGE
from ai_usage_assets.sources.cursor import rows
from ai_usage_assets.sources.endpoint import MAX_RECORDS, Endpoint
from ai_usage_assets.sources.source import CURSOR
from ai_usage_assets.spool import FetchedRows

if TYPE_CHECKING:
    from ai_usage_assets.sources.cursor.client import CursorAdmin


def fetch_daily_usage(client: "CursorAdmin", days: Days, fetched_at: datetime) -> Sequence[FetchedRows]:
    return [client.daily_usage(days).read(lambda pages: rows.daily_usage_rows(pages, fetched_at))]


def fetch_events(client: "CursorAdmin", days: Days, fetched_at: datetime) -> Sequence[FetchedRows]:
    most = MAX_RECORDS if len(days) > 1 else None
    return [client.usage_events(days).read(lambda pages: rows.event_rows(pages, fetched_at), most)]


DAILY_USAGE = Endpoint(
    "raw_cursor_usage", (RAW_CURSOR_USAGE,), "/teams/daily-usage-data", CURSOR.max_days, fetch_daily_usage
)
EVENTS = Endpoint(
    "raw_cursor_events", (RAW_CURSOR_EVENTS,), "/teams/filtered-usage-events", CURSOR.max_days, fetch_events
)
ENDPOINTS = (DAILY_USAGE, EVENTS)
