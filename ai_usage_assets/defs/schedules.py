"""What has no event to follow: once a week each vendor's days that can still move are read again, with all after them."""

from datetime import timedelta

import dagster as dg
from dagster._core.storage.tags import ASSET_PARTITION_RANGE_END_TAG, ASSET_PARTITION_RANGE_START_TAG

from ai_usage_assets.days import Days, last_closed
from ai_usage_assets.schema.model import Layer
from ai_usage_assets.schema.registry import TABLES
from ai_usage_assets.settings import Settings
from ai_usage_assets.sources.source import SOURCES, Source

WINDOW_DAYS = 31
"""Anthropic revises for thirty days. Cursor revises within its billing cycle, which is a month: 31 days always reach
its first day, and asking Cursor for it would put a vendor's answer between the clock and the run."""

AFTER = {Layer.IDENTITY, Layer.CURATED, Layer.VIEW}


def definitions(settings: Settings) -> dg.Definitions:
    """A schedule for each vendor that has a key."""
    read = [source for source in SOURCES if source.name in settings.vendors]
    return dg.Definitions(schedules=[weekly(source, settings) for source in read])


def weekly(source: Source, settings: Settings) -> dg.ScheduleDefinition:
    vendor, start_date = source.name, settings.start_date
    of_vendor = [table for table in TABLES if table.vendor == vendor and settings.fetches(table)]
    tables = [table.name for table in TABLES if table in of_vendor or table.layer in AFTER]
    job = dg.define_asset_job(
        f"reread_{vendor}",
        selection=dg.AssetSelection.assets(*tables),
        description=(
            f"{vendor}'s raw tables and registers, the identity files, and every curated table after them."
        ),
    )

    @dg.schedule(
        job=job,
        name=f"reread_{vendor}_weekly",
        cron_schedule=source.refresh_cron,
        execution_timezone="UTC",
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=f"The last {WINDOW_DAYS} closed days, in one run: whatever was revised and went unnoticed.",
    )
    def reread(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        newest = last_closed(context.scheduled_execution_time)
        if newest < start_date:
            return dg.SkipReason(f"No day since {start_date}, where the tables begin, is over.")
        days = Days(max(start_date, newest - timedelta(days=WINDOW_DAYS - 1)), newest)
        return dg.RunRequest(
            tags={
                ASSET_PARTITION_RANGE_START_TAG: str(days.first),
                ASSET_PARTITION_RANGE_END_TAG: str(days.last),
            }
        )

    return reread
