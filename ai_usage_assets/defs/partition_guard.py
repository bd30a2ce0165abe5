"""The partition guard: a run is refused before its first step if its days cannot be fetched.

The IO manager depends on it, and every asset is written through the IO manager. With steps in one process the guard
acts before any step; with a process for each step it acts before that step's own work.
"""

import contextlib
from datetime import date
from typing import Any

import dagster as dg
from pydantic import Field

from ai_usage_assets.days import Clock, Days
from ai_usage_assets.defs.partitions import days_tagged, refuse_days
from ai_usage_assets.schema.registry import DAILY


class PartitionGuard(dg.ConfigurableResource[Any]):
    """Refuses a run that selects a day that is not over, or a day before the start date."""

    start_date: str = Field(description="The first day that can be fetched, like 2026-10-31.")
    clock: dg.ResourceDependency[Clock]

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:
        """Look at the run's days.

        Raises:
            InvalidDaysError: when a run begins; nothing was requested or written.
        """
        days = _days_of_declared_tables(context.run) if context.run else None
        if days:
            refuse_days(days, date.fromisoformat(self.start_date), self.clock())


def _days_of_declared_tables(run: dg.DagsterRun) -> Days | None:
    """The days that a run of this project's tables selects; None for a run of other assets alone."""
    declared = {dg.AssetKey(table.name) for table in DAILY}
    # without a selection, a run is of all assets of its job
    if run.asset_selection and not run.asset_selection & declared:
        return None
    with contextlib.suppress(ValueError):
        return days_tagged(run.tags)
    # the partitions of other assets need not be days
    return None
