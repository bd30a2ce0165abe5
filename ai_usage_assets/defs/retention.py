"""The schedule that clears old addresses: it exists if AI_USAGE_PERSONAL_RETENTION_DAYS is set."""

import dagster as dg

from ai_usage_assets.days import Clock
from ai_usage_assets.defs.sensors.alerts.message import RETENTION
from ai_usage_assets.defs.warehouse import WarehouseResource
from ai_usage_assets.schema.tables.pseudonyms import PSEUDONYMS
from ai_usage_assets.settings import Settings, pseudonym_key

CRON = "30 3 * * *"


def definitions(settings: Settings, clock: Clock) -> dg.Definitions:
    """A job of one op, and its schedule."""
    days = settings.personal_retention_days
    if days is None:
        return dg.Definitions()
    job = clearing(days, clock)
    schedule = dg.ScheduleDefinition(
        name="personal_retention",
        job=job,
        cron_schedule=CRON,
        execution_timezone="UTC",
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=f"Every night, addresses and names of more than {days} days ago become pseudonyms.",
    )
    return dg.Definitions(jobs=[job], schedules=[schedule])


def clearing(days: int, clock: Clock) -> dg.JobDefinition:
    """The job that clears addresses of more than so many days ago."""

    @dg.op(
        description="Puts pseudonyms in place of the addresses of old days in the raw tables, and drops old names."
    )
    def replace_old_addresses(context: dg.OpExecutionContext, warehouse: WarehouseResource) -> None:
        from ai_usage_assets.warehouse.engine import WriteContext
        from ai_usage_assets.warehouse.pseudonyms import Pseudonyms
        from ai_usage_assets.warehouse.retention import clear_old

        key = pseudonym_key()
        assert key
        labels = {"asset": PSEUDONYMS.name, "run": context.run_id}
        attempt = WriteContext(context.run_id, "retention", context.retry_number, labels=labels)
        cleared = clear_old(warehouse.engine, Pseudonyms(key.encode()), days, clock().date(), attempt)
        context.log.info(str(cleared))

    @dg.job(
        name=RETENTION,
        description=f"Clears the addresses and names of more than {days} days ago (docs/privacy.md).",
    )
    def job() -> None:
        replace_old_addresses()

    return job
