"""The IO manager: Dagster's side of the door. What an asset returns replaces exactly the run's partitions."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import dagster as dg
import pandas as pd
import pyarrow as pa

from ai_usage_assets.days import Days, listed
from ai_usage_assets.defs import materializations as records
from ai_usage_assets.errors import AiUsageError
from ai_usage_assets.schema.model import Table
from ai_usage_assets.schema.registry import BY_NAME
from ai_usage_assets.schema.tables.restatements import FCT_RESTATEMENTS
from ai_usage_assets.warehouse import sql as statements
from ai_usage_assets.warehouse.chunks import Chunks, in_chunks
from ai_usage_assets.warehouse.engine import (
    AlreadyWritten,
    DayStats,
    Engine,
    Rows,
    Select,
    Unchanged,
    View,
    WriteContext,
    Written,
)
from ai_usage_assets.warehouse.ensure_tables import ensure
from ai_usage_assets.warehouse.override import HOW, REPLACE_WITH_NOTHING
from ai_usage_assets.warehouse.progress import Progress, per_partition
from ai_usage_assets.warehouse.write import create_view, replace

WRITTEN_TYPES = (pd.DataFrame, pa.Table, Select, Chunks, AlreadyWritten, Unchanged)
"""What an asset may return."""


class UnsupportedTypeError(AiUsageError):
    """An asset returns, or reads an input as, a type that the IO manager does not know."""

    def __init__(self, asset: dg.AssetKey, found: type, verb: str) -> None:
        super().__init__(
            f"asset {asset.to_user_string()} {verb} a value of type {found.__name__}. Nothing was written.",
            "Use a pandas.DataFrame or a pyarrow.Table.",
        )


class WarehouseIOManager(dg.IOManager):
    """Writes DataFrames, Arrow tables, chunks of them and SELECTs; reads DataFrames and Arrow tables."""

    def __init__(self, engine: Engine, *, replace_with_nothing: bool = False) -> None:
        self.engine = engine
        self._replace_with_nothing = replace_with_nothing

    def handle_output(self, context: dg.OutputContext, obj: Any) -> Iterator[Any]:  # type: ignore[override]
        """Replace the run's days, chunk by chunk, and say per partition what landed.

        Each chunk is recorded as it is published, by an event of its own that is stored at once: neither a failure
        nor a killed process takes it back. At the step's end Dagster records every day once more.

        Raises:
            WarehouseError: nothing of the chunk at hand was written; earlier chunks are kept and recorded.
        """
        if not isinstance(obj, WRITTEN_TYPES):
            raise UnsupportedTypeError(context.asset_key, type(obj), "returns")
        if isinstance(obj, AlreadyWritten):
            return
        table, days = BY_NAME[context.asset_key.path[-1]], window(context)
        if isinstance(obj, Unchanged):
            with self.engine.session(job_of(context, table)) as session:
                ensure(self.engine, session, [table])
            return
        progress = Progress(days)
        for chunk in in_chunks(table, obj, days):
            whole = chunk.days == days
            for each, rows in chunk.tables.items():
                written = self._write(context, each, rows, chunk.days, whole=whole)
                progress.add(written, is_main_table=each is table)
                asset = dg.AssetKey(each.name)
                details = {key: self._details(each, written, stats) for key, stats in per_partition(written)}
                records.remember(context, asset, details)
                if not whole:
                    # all are stored before the first is handed on to whoever follows the run
                    yield from list(records.store(context, asset, details))
            if not whole:
                context.log.info(f"{table.name}: {chunk.days} published; {progress}")
        context.log.info(
            f"{table.name}: {progress.rows} rows in {days or 'the whole table'}, {progress.write_seconds:.1f} s of writing"
        )

    def load_input(self, context: dg.InputContext) -> pd.DataFrame | pa.Table:
        """The rows of the table, or of the partitions that the run reads: a DataFrame unless Arrow is asked for."""
        wanted = context.dagster_type.typing_type
        if wanted not in (Any, pd.DataFrame, pa.Table):
            raise UnsupportedTypeError(context.asset_key, wanted, "is read as")
        table = BY_NAME[context.asset_key.path[-1]]
        with self.engine.session() as session:
            ensure(self.engine, session, [table])
            rows = session.fetch(statements.rows_of(table, table.name, window(context)))
        return rows if wanted is pa.Table else rows.to_pandas()

    def _write(
        self, context: dg.OutputContext, table: Table, rows: Rows, days: Days | None, *, whole: bool
    ) -> Written:
        job = job_of(context, table)
        if isinstance(rows, View):
            return create_view(self.engine, table, rows, job)
        written = replace(
            self.engine,
            table,
            rows,
            days,
            job if whole else job.part(str(days)),
            replace_with_nothing=self._replace_with_nothing or is_tagged(context),
        )
        for reason in dict.fromkeys(kept.reason for kept in written.kept.values()):
            kept_days = [day for day, kept in written.kept.items() if kept.reason == reason]
            context.log.warning(
                f"{table.name}: {listed(kept_days)} kept, because {reason} for these days and the vendor may not have "
                f"them any longer. To replace them by what the answer holds, {HOW}."
            )
        if written.restated or written.moved_people:
            context.log.warning(
                f"{table.name}: {written.restated} totals of {days} were published before and are others now, and "
                f"{written.moved_people} people's sums changed because something moved between people; "
                f"see {FCT_RESTATEMENTS.name}"
            )
            # nothing else would show in the graph that the ledger has moved
            context.log_event(
                dg.AssetMaterialization(
                    FCT_RESTATEMENTS.name,
                    metadata={
                        "restated_totals": written.restated,
                        "moved_people": written.moved_people,
                        "table": table.name,
                        "window": str(days),
                    },
                )
            )
        return written

    def _details(self, table: Table, written: Written, stats: DayStats) -> dict[str, Any]:
        return {
            "dagster/row_count": stats.rows,
            "dagster/table_name": self.engine.qualified(table.name),
            "window": str(written.days) if written.days else "whole table",
            "seconds": round(written.seconds, 3),
            "bytes": stats.bytes,
            "job_id": written.job_id,
            **records.kept(stats.kept),
            **{name: dg.MetadataValue.float(value) for name, value in stats.totals.items()},
        }


def window(context: dg.OutputContext | dg.InputContext) -> Days | None:
    """The run's days; None for a table without partitions."""
    if not context.has_asset_partitions:
        return None
    keys = context.asset_partition_key_range
    return Days(date.fromisoformat(keys.start), date.fromisoformat(keys.end))


def is_tagged(context: dg.OutputContext) -> bool:
    """Whether whoever started the run wants an answer believed that holds nothing."""
    return context.step_context.run_tags.get(REPLACE_WITH_NOTHING) == "true"


def job_of(context: dg.OutputContext, table: Table) -> WriteContext:
    step = context.step_context
    labels = {"asset": table.name, "run": context.run_id}
    if context.has_asset_partitions:
        labels["partition"] = str(window(context))
    return WriteContext(context.run_id, context.step_key, step.previous_attempt_count, labels=labels)
