"""Which days a check looks at (the run's, or all of them when it is run by itself), and in whose name it asks."""

from collections.abc import Mapping
from datetime import date

import dagster as dg

from ai_usage_assets.days import Days
from ai_usage_assets.defs.partitions import days_tagged
from ai_usage_assets.schema.model import Table
from ai_usage_assets.warehouse.engine import WriteContext

ALL = Days(date(2000, 1, 1), date(2099, 12, 31))


def days_of_run(tags: Mapping[str, str]) -> Days:
    """The days that the run's tags name."""
    return days_tagged(tags) or ALL


def asking(context: dg.AssetCheckExecutionContext, table: Table, name: str) -> WriteContext:
    """Who asks: a check's statements carry the labels of the asset that they are about."""
    days = days_of_run(context.run.tags)
    labels = {"asset": table.name, "run": context.run.run_id}
    if table.partition and days != ALL:
        labels["partition"] = str(days)
    return WriteContext(context.run.run_id, f"{table.name}-{name}", labels=labels)
