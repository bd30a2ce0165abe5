"""Rows of raw_cursor_events."""

from datetime import UTC, date, datetime

import pyarrow as pa

from ai_usage_assets.sources.cursor.records import UsageEvent
from ai_usage_assets.sources.cursor.rows import event_rows
from ai_usage_assets.sources.http.decode import EpochMillis


def calls(*days: date) -> pa.Table:
    """A call without an e-mail at noon (UTC) of each day, as often as the day is given."""
    noons = [EpochMillis(day.year, day.month, day.day, 12, tzinfo=UTC) for day in days]
    return event_rows([[UsageEvent(timestamp=noon, kind="Included") for noon in noons]], datetime.now(UTC))
