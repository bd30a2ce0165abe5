"""How late each table may be: Dagster's freshness policies, and the lags of the check `newest_closed_day_is_loaded`."""

from datetime import timedelta

import dagster as dg

from ai_usage_assets.schema.model import Layer, Table
from ai_usage_assets.sources.source import SOURCES

LAG = {source.name: source.freshness_lag for source in SOURCES}
"""From the end of a UTC day until it must be loaded, by vendor."""

A_DAY = timedelta(days=1)
A_WEEK = timedelta(days=7)


def policy(table: Table) -> dg.FreshnessPolicy | None:
    """Dagster compares its clock with the newest materialization, of whatever day.

    A table that is written daily is late when a second day is due. What changes only with a file is written by the weekly
    refresh at the latest. A view is as new as its tables, and a month is closed by a person: they have no policy.
    """
    if table.layer in {Layer.VIEW, Layer.CLOSED}:
        return None
    if table.layer is Layer.IDENTITY:
        return dg.FreshnessPolicy.time_window(fail_window=A_WEEK + 2 * A_DAY, warn_window=A_WEEK + A_DAY)
    lag = LAG[table.vendor] if table.vendor else max(LAG.values())
    return dg.FreshnessPolicy.time_window(fail_window=2 * A_DAY + lag, warn_window=A_DAY + lag)
