"""Schedules: once a week the days that a vendor may still revise are read again, with the tables after them."""

from datetime import timedelta

import dagster as dg

from ai_usage_assets.days import Days, last_closed
from ai_usage_assets.defs.partitions import range_tags
from ai_usage_assets.schema.model import Layer
from ai_usage_assets.schema.registry import TABLES
from ai_usage_assets.settings import Settings
from ai_usage_assets.sources.source import SOURCES, Source

WINDOW_DAYS = 31
"""Anthropic revises for thirty days. Cursor revises within its billing cycle, which is a month: 31 days always reach
its first day, and the schedule needs no answer of Cursor to start."""

AFTER = {Layer.IDENTITY, Layer.CURATED}
"""Views are as new as their tables. Each creation audits the rows of all days."""


def definitions(settings: Settings) -> dg.Definitions:
    """A schedule for each vendor that has a key."""
    read = [source for source in SOURCES if source.name in settings.vendors]
    return dg.Definitions(schedules=[weekly(source, settings) for source in read])


def weekly(source: Source, settings: Settings) -> dg.ScheduleDefinition:
    vendor, start_date = source.name, settings.start_date
    of_vendor = [table for table in TABLES if table.vendor == vendor and settings.fetches(table)]
    tables = [table.name for table in TABLES if table in of_vendor or table.layer in AFTER]
    job = dg.define_asset_job(
        f"refresh_{vendor}",
        selection=dg.AssetSelection.assets(*tables),
        description=(f"{vendor}'s raw tables, the identity files, the dimensions and the facts."),
    )

    @dg.schedule(
        job=job,
        name=f"refresh_{vendor}_weekly",
        cron_schedule=source.refresh_cron,
        execution_timezone="UTC",
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=f"The last {WINDOW_DAYS} closed days in one run: it finds revisions that the sensor did not notice.",
    )
    def refresh(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        newest = last_closed(context.scheduled_execution_time)
        if newest < start_date:
            return dg.SkipReason(f"The first day, {start_date}, is not over.")
        days = Days(max(start_date, newest - timedelta(days=WINDOW_DAYS - 1)), newest)
        return dg.RunRequest(tags=range_tags(days))

    return refresh
