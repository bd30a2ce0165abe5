"""The one partitioning: UTC days from the start date to the newest one that is over."""

from datetime import date

import dagster as dg

from ai_usage_assets.days import Days


def daily(start_date: date) -> dg.DailyPartitionsDefinition:
    return dg.DailyPartitionsDefinition(start_date=start_date.isoformat(), timezone="UTC")


def days_of(context: dg.AssetExecutionContext) -> Days:
    """The run's days, one or a range."""
    keys = context.partition_key_range
    return Days(date.fromisoformat(keys.start), date.fromisoformat(keys.end))
