"""What a run is told before its first step: its days are refused if they cannot be had, by whatever door it came.

Every asset is written through the IO manager, so a run is stopped where that is made: with steps in one process
before any step, and with a process for each before that step's own work.
"""

from datetime import date
from typing import Any

import dagster as dg

from ai_usage_assets.days import Clock
from ai_usage_assets.defs.partitions import days_tagged, refuse_days


def admitting(warehouse: Any, start_date: date, clock: Clock) -> dg.IOManagerDefinition:
    """The IO manager for runs whose days are over and not before the start date.

    Raises:
        DaysRefused: when a run begins, with nothing asked or written.
    """

    def made(context: dg.InitResourceContext) -> Any:
        days = days_tagged(context.run.tags) if context.run else None
        if days:
            refuse_days(days, start_date, clock())
        return warehouse.create_io_manager(context)

    return dg.IOManagerDefinition(resource_fn=made, description=type(warehouse).__doc__)


def limited(instance: dg.DagsterInstance, pool: str) -> bool:
    """Whether this instance sets a limit to the pool; without a dagster.yaml that does, pools limit nothing."""
    storage = instance.event_log_storage
    if not storage.supports_global_concurrency_limits:
        return False
    by_default = storage.get_pool_config().default_pool_limit is not None
    return by_default or any(limit.name == pool for limit in storage.get_pool_limits())
