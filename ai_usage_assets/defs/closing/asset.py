"""`closed_months`: materializing a partition closes the month. Nothing in this project materializes it by itself."""

import dagster as dg

from ai_usage_assets.curated.select import select
from ai_usage_assets.days import Clock, Days
from ai_usage_assets.defs.asset_functions import Context, asset_of
from ai_usage_assets.defs.closing.readiness import Obstacle, obstacles, tables_needed
from ai_usage_assets.defs.partitions import days_of
from ai_usage_assets.defs.warehouse import WarehouseResource
from ai_usage_assets.errors import AiUsageError
from ai_usage_assets.schema.registry import BY_NAME
from ai_usage_assets.schema.tables.closed_months import CLOSED_MONTHS
from ai_usage_assets.settings import Settings
from ai_usage_assets.warehouse.engine import Engine, Select, Session, WriteContext
from ai_usage_assets.warehouse.ensure_tables import ensure_tables
from ai_usage_assets.warehouse.sql import day as literal
from ai_usage_assets.warehouse.sql import for_window

REOPEN = "ai_usage/reopen"
"""The tag of a run that closes a month again. Its value is `true`."""


class MonthNotClosedError(AiUsageError):
    """A month that cannot be closed: why, and what to do. Nothing was written."""


class MonthClose(dg.ConfigurableResource["MonthClose"]):
    """What a month must have before it can be closed."""

    fetched: list[str]
    """The tables that this deployment fetches."""
    clock: dg.ResourceDependency[Clock]

    def obstacles(self, engine: Engine, month: Days, job: WriteContext | None = None) -> list[Obstacle]:
        """Every reason why the month cannot be closed now."""
        with engine.session(job) as session:
            ensure_tables(engine, session, tables_needed())
            return obstacles(session, month, self.clock(), [BY_NAME[name] for name in self.fetched])


def resource(settings: Settings, clock: Clock) -> MonthClose:
    fetched = [table.name for table in BY_NAME.values() if table.vendor and settings.fetches(table)]
    return MonthClose(fetched=fetched, clock=clock)


@asset_of(CLOSED_MONTHS, backfill_policy=dg.BackfillPolicy.multi_run(max_partitions_per_run=1))
def closed_months(context: Context, warehouse: WarehouseResource, month_close: MonthClose) -> Select:
    """The month's figures, frozen."""
    month, engine = days_of(context), warehouse.engine
    name = f"{month.first:%Y-%m}"
    with engine.session() as session:
        ensure_tables(engine, session, [CLOSED_MONTHS])
        revision = newest_revision(session, month)
    if revision and context.run.tags.get(REOPEN) != "true":
        raise MonthNotClosedError(
            f"{name} is closed already (revision {revision}). Nothing was written.",
            "What changed since is in agg_adjustments, and the next month that is closed books it. To replace the "
            f"published figures instead, run `ai-usage close {name} --reopen`, or give the run the tag {REOPEN} = true: that "
            f"adds revision {revision + 1}.",
        )
    in_the_way = month_close.obstacles(engine, month)
    if in_the_way:
        reasons = " ".join(f"({number}) {each}" for number, each in enumerate(in_the_way, 1))
        raise MonthNotClosedError(f"{name} cannot be closed, and nothing was written: {reasons}")
    with engine.session() as session:
        ensure_tables(engine, session, select(CLOSED_MONTHS).inputs)
        is_empty = count_of_rows(session, month) == 0
    if is_empty:
        raise MonthNotClosedError(
            f"{name} has no cost, no tokens and no changes of earlier months. Nothing was written.",
            "Such a month needs no close.",
        )
    return select(CLOSED_MONTHS)


def count_of_rows(session: Session, month: Days) -> int:
    """How many rows the close of the month would write."""
    sheet = for_window(select(CLOSED_MONTHS).sql, month)
    found = session.fetch(f"select count(*) as row_count from (\n{sheet}\n) as sheet")
    return int(found.to_pylist()[0]["row_count"])


def newest_revision(session: Session, month: Days) -> int:
    """The newest revision of the month; 0 if it is not closed."""
    sql = f"select max(revision) as revision from `{CLOSED_MONTHS.name}` where month = {literal(month.first)}"
    return int(session.fetch(sql).to_pylist()[0]["revision"] or 0)
