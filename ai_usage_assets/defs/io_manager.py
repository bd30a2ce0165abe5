"""The IO manager: it writes what an asset returns, and reads what an asset depends on.

What an asset returns replaces the rows of the run's partitions, in one atomic write. Assets that `schema/` declares are
checked against their declaration; any other asset may return a DataFrame or an Arrow table too. What belongs elsewhere:
how a table is written (the package `warehouse`), which table an asset is kept in (`asset_tables.py`), and how the rows of
an input are read (`asset_rows.py`).
"""

from collections.abc import Iterator
from dataclasses import replace as replace_fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg
import pyarrow as pa

from ai_usage_assets.days import Days, listed
from ai_usage_assets.defs import materializations as records
from ai_usage_assets.defs.asset_rows import as_frame, is_frame, refuse_missing, rows_in
from ai_usage_assets.defs.asset_tables import (
    Location,
    input_days,
    locate,
    partition_column,
    selected_columns,
    selected_days,
    stats_by_partition,
)
from ai_usage_assets.errors import AssetTableError, UnsupportedTypeError
from ai_usage_assets.forgotten import Forgotten
from ai_usage_assets.schema.model import Column, Layer, Table, Type
from ai_usage_assets.schema.tables.restatements import FCT_RESTATEMENTS
from ai_usage_assets.spool import SpooledRows
from ai_usage_assets.warehouse import undeclared
from ai_usage_assets.warehouse.chunks import Chunks, in_chunks
from ai_usage_assets.warehouse.engine import (
    AlreadyWritten,
    DayStats,
    Engine,
    Rows,
    Select,
    Session,
    Unchanged,
    View,
    WriteContext,
    Written,
)
from ai_usage_assets.warehouse.ensure_tables import ensure_tables
from ai_usage_assets.warehouse.forgotten import cleaned
from ai_usage_assets.warehouse.override import OVERRIDE_HINT, REPLACE_WITH_NOTHING
from ai_usage_assets.warehouse.personal import LANDED
from ai_usage_assets.warehouse.progress import Progress, per_partition
from ai_usage_assets.warehouse.pseudonyms import Pseudonyms, addresses_in, refuse_without_key
from ai_usage_assets.warehouse.schema_drift import StoredTable
from ai_usage_assets.warehouse.write import create_view, replace

if TYPE_CHECKING:
    import pandas as pd

WRITTEN_TYPES = (pa.Table, SpooledRows, Select, Chunks, AlreadyWritten, Unchanged)
"""What a declared asset may return, besides a DataFrame."""


class WarehouseIOManager(dg.IOManager):
    """Writes DataFrames, Arrow tables, chunks of them and SELECTs; reads DataFrames and Arrow tables."""

    def __init__(
        self,
        engine: Engine,
        *,
        replace_with_nothing: bool = False,
        pseudonym_key: str | None = None,
        identity_dir: str | None = None,
    ) -> None:
        self.engine = engine
        self._replace_with_nothing = replace_with_nothing
        self._identity_dir = Path(identity_dir) if identity_dir else None
        self._pseudonyms = Pseudonyms(pseudonym_key.encode()) if pseudonym_key else None
        self._may_publish_addresses = False

    def handle_output(self, context: dg.OutputContext, obj: Any) -> Iterator[Any]:  # type: ignore[override]
        """Replace the run's days, chunk by chunk, and say per partition what landed.

        At the step's end Dagster records every day. A chunk is recorded before it, by events of its own, if the step
        fails, waits for its next chunk, or has gone on for some seconds: a killed process loses these and one write's.

        Raises:
            WarehouseError: nothing of the chunk at hand was written; earlier chunks are kept and recorded.
        """
        if not context.has_asset_key:
            raise AssetTableError(
                f"the output {context.name} of {context.step_key} is not an asset, so it has no table.",
                "Give the output another IO manager, such as dg.FilesystemIOManager().",
            )
        if isinstance(obj, AlreadyWritten):
            return
        location = self._locate(context, context)
        table = location.declared
        if not (is_frame(obj) or isinstance(obj, WRITTEN_TYPES if table else pa.Table)):
            raise UnsupportedTypeError(context.asset_key.to_user_string(), type(obj), "returns")
        if table is None:
            self._write_undeclared(context, location, obj)
            return
        days = selected_days(context)
        if isinstance(obj, Unchanged):
            with self.engine.session(write_context(context, table, days)) as session:
                ensure_tables(self.engine, session, [table])
            return
        yield from self._write_chunks(context, table, obj, days)

    def _write_chunks(
        self, context: dg.OutputContext, table: Table, obj: Any, days: Days | None
    ) -> Iterator[Any]:
        progress, unrecorded = Progress(days), records.Unrecorded(context)
        try:
            for chunk in in_chunks(table, obj, days, self.engine):
                whole = chunk.days == days
                for each, rows in chunk.tables.items():
                    written = self._write(context, each, rows, chunk.days, whole=whole)
                    progress.add(written, is_main_table=each is table)
                    unrecorded.add(dg.AssetKey(each.name), self._details(context, each, written, days))
                if not whole:
                    if unrecorded.is_due or (isinstance(obj, Chunks) and not obj.is_next_ready()):
                        yield from unrecorded.store()
                    context.log.info(f"{table.name}: {chunk.days} published; {progress}")
        except BaseException:
            unrecorded.store()
            raise
        context.log.info(
            f"{table.name}: {progress.rows} rows in {days or 'the whole table'}, {progress.write_seconds:.1f} s of writing"
        )

    def _details(
        self, context: dg.OutputContext, table: Table, written: Written, days: Days | None
    ) -> records.ByPartition:
        """The metadata of the materializations of a write."""
        is_by_day = table.is_daily or not days
        partitions = per_partition(written) if is_by_day else stats_by_partition(context, written)
        return {key: details_of(self.engine, table, written, stats) for key, stats in partitions}

    def load_input(self, context: dg.InputContext) -> "pd.DataFrame | pa.Table":
        """The rows of the table, or of the partitions that the run reads.

        Returns:
            A DataFrame, or an Arrow table if the input's type is one, with the columns that the input's metadata
            `columns` names. Whole numbers are `Int64` and truth values `boolean`, so that NULLs stay NULLs.

        Nothing is created or changed: the table is read as it is.

        Raises:
            AssetTableError: the table or a column does not exist.
        """
        import pandas as pd

        wanted = context.dagster_type.typing_type
        if wanted not in (Any, pd.DataFrame, pa.Table):
            raise UnsupportedTypeError(context.asset_key.to_user_string(), wanted, "is read as")
        location = self._locate(context, context.upstream_output)
        engine = self._engine_of(location)
        with engine.session() as session:
            found = self._existing(session, context, location)
            table = location.declared or self._table_as_it_is(context, location, found)
            day, days = input_days(context)
            is_empty = not day and context.has_asset_partitions and not context.asset_partition_keys
            if day:
                table = replace_fields(table, partition=day)
            elif table.partition and not is_empty:
                days = selected_days(context)
            columns = selected_columns(context, table.column_names)
            refuse_missing(location, columns, found)
            rows = rows_in(session, table, days, columns, is_empty=is_empty)
        if wanted is pa.Table:
            return rows
        return as_frame(rows)

    def _locate(
        self,
        context: dg.OutputContext | dg.InputContext,
        definition: dg.OutputContext | None,
    ) -> Location:
        metadata = (definition.definition_metadata if definition else None) or {}
        return locate(context.asset_key, metadata, self.engine.dataset)

    def _engine_of(self, location: Location) -> Engine:
        is_own = location.dataset == self.engine.dataset
        return self.engine if is_own else self.engine.in_dataset(location.dataset)

    def _existing(self, session: Session, context: dg.InputContext, location: Location) -> StoredTable:
        found = session.stored_table(location.name)
        if found is None:
            raise AssetTableError(
                f"the table {location.dataset}.{location.name} of the asset {context.asset_key.to_user_string()} does "
                "not exist.",
                "Materialize the asset first.",
            )
        return found

    def _table_as_it_is(self, context: dg.InputContext, location: Location, found: StoredTable) -> Table:
        upstream = context.upstream_output
        metadata = (upstream.definition_metadata if upstream else None) or {}
        partition = partition_column(context.asset_key, metadata) if context.has_asset_partitions else None
        columns = tuple(Column(name, Type(type_), "") for name, (type_, _) in found.shape.items())
        return Table(location.name, Layer.OTHER, "", "", columns, key=(), partition=partition)

    def _write_undeclared(
        self, context: dg.OutputContext, location: Location, rows: "pd.DataFrame | pa.Table"
    ) -> None:
        """Replace the rows of the run's partitions in a table that is declared by its rows."""
        engine, days, key = self._engine_of(location), selected_days(context), context.asset_key
        partition = partition_column(key, context.definition_metadata or {}) if days else None
        with engine.session() as session:
            found = session.stored_table(location.name)
        table = undeclared.declare(location.name, key.to_user_string(), rows, found, partition)
        written = replace(
            engine, table, undeclared.typed(table, rows), days, write_context(context, table, days)
        )
        details = {
            partition_key: details_of(engine, table, written, stats)
            for partition_key, stats in stats_by_partition(context, written)
        }
        records.remember(context, key, details)
        row_count = sum(stats.rows for stats in written.stats.values())
        context.log.info(
            f"{engine.qualified(table.name)}: {row_count} rows in {days or 'the whole table'}, "
            f"{written.seconds:.1f} s of writing"
        )

    def _write(
        self, context: dg.OutputContext, table: Table, rows: Rows, days: Days | None, *, whole: bool
    ) -> Written:
        job = write_context(context, table, selected_days(context))
        if self._pseudonyms and isinstance(rows, Select):
            rows = self._pseudonyms.applied(table, rows)
        has_addresses = addresses_in(table, rows) if isinstance(rows, Select) else table is LANDED
        if not self._pseudonyms and has_addresses and not self._may_publish_addresses:
            refuse_without_key(self.engine)
            # one look for a run
            self._may_publish_addresses = True
        if self._identity_dir and isinstance(rows, (pa.Table, SpooledRows)):
            rows = cleaned(table, rows, Forgotten.read(self._identity_dir))
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
                f"them any longer. To replace them by what the answer holds, {OVERRIDE_HINT}."
            )
        if written.restated_totals or written.restated_people:
            context.log.warning(
                f"{table.name}: {written.restated_totals} totals of {days} were published before and are others now, and "
                f"{written.restated_people} people's sums changed because something moved between people; "
                f"see {FCT_RESTATEMENTS.name}"
            )
            # nothing else in the graph would show that fct_restatements has new rows
            context.log_event(
                dg.AssetMaterialization(
                    FCT_RESTATEMENTS.name,
                    metadata={
                        "restated_totals": written.restated_totals,
                        "moved_people": written.restated_people,
                        "table": table.name,
                        "window": str(days),
                    },
                )
            )
        return written


def details_of(engine: Engine, table: Table, written: Written, stats: DayStats) -> dict[str, Any]:
    """The metadata of one partition's materialization."""
    return {
        "dagster/row_count": stats.rows,
        "dagster/table_name": engine.qualified(table.name),
        "window": str(written.days) if written.days else "whole table",
        "seconds": round(written.seconds, 3),
        "bytes": stats.bytes,
        "job_id": written.job_id,
        **records.kept(stats.kept),
        **{name: dg.MetadataValue.float(value) for name, value in stats.totals.items()},
    }


def is_tagged(context: dg.OutputContext) -> bool:
    """Whether whoever started the run wants an answer believed that holds nothing."""
    return context.step_context.run_tags.get(REPLACE_WITH_NOTHING) == "true"


def write_context(context: dg.OutputContext, table: Table, days: Days | None) -> WriteContext:
    """Which run and step write, for the ids and labels of jobs."""
    step = context.step_context
    labels = {"asset": table.name, "run": context.run_id}
    if days:
        labels["partition"] = str(days)
    return WriteContext(context.run_id, context.step_key, step.previous_attempt_count, labels=labels)
