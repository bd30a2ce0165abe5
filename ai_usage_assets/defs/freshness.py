"""How late each vendor may be, and what that makes of every table: Dagster's policies, and the lags of our own check."""

from datetime import timedelta

import dagster as dg

from ai_usage_assets.schema.model import Layer, Table
from ai_usage_assets.sources.source import SOURCES

LAG = {source.name: source.freshness_lag for source in SOURCES}
"""From the end of a UTC day until it must be loaded, by vendor."""

A_DAY = timedelta(days=1)
A_WEEK = timedelta(days=7)


def policy(table: Table) -> dg.FreshnessPolicy:
    """What Dagster's own clock holds against the newest materialisation, of whatever day.

    A table that is fed daily is late when a second day is due; what changes only with a file, or with a view's
    definition, is written by the weekly re-read at the latest.
    """
    if table.layer in {Layer.IDENTITY, Layer.VIEW}:
        return dg.FreshnessPolicy.time_window(fail_window=A_WEEK + 2 * A_DAY, warn_window=A_WEEK + A_DAY)
    lag = LAG[table.vendor] if table.vendor else max(LAG.values())
    return dg.FreshnessPolicy.time_window(fail_window=2 * A_DAY + lag, warn_window=A_DAY + lag)
