"""The IO manager: Dagster's side of the door. What an asset returns replaces exactly the run's partitions."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

import dagster as dg
import pandas as pd
import pyarrow as pa
from dagster._core.storage.db_io_manager import DbClient, DbIOManager, DbTypeHandler, TableSlice

from ai_usage_assets.days import Days
from ai_usage_assets.schema.ledger import FCT_RESTATEMENTS
from ai_usage_assets.schema.model import Table
from ai_usage_assets.schema.registry import BY_NAME
from ai_usage_assets.warehouse import statements
from ai_usage_assets.warehouse.protocol import (
    Chunk,
    Chunks,
    DayStats,
    Engine,
    Job,
    Select,
    Session,
    TableRef,
    View,
    Written,
)
from ai_usage_assets.warehouse.writing import Rows, create_view, ensure, replace

DAYS_PER_CHUNK = 31
"""A failure late in a long range keeps every chunk before it."""


class EngineClient(DbClient[Session]):
    """What DbIOManager wants of a client. A write is one statement, so deleting a slice by itself is nothing."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @staticmethod
    def delete_table_slice(context: dg.OutputContext, table_slice: TableSlice, connection: Session) -> None:
        pass

    @staticmethod
    def ensure_schema_exists(context: dg.OutputContext, table_slice: TableSlice, connection: Session) -> None:
        pass

    @staticmethod
    def get_select_statement(table_slice: TableSlice) -> str:
        return statements.rows_of(BY_NAME[table_slice.table], table_slice.table, None)

    @contextmanager
    def connect(self, context: Any, table_slice: TableSlice) -> Iterator[Session]:  # type: ignore[override]
        with self._engine.session() as session:
            yield session


class TableHandler(DbTypeHandler[Any]):
    """Reads; writing goes by chunks through WarehouseIOManager."""

    supported_types: Sequence[type[object]] = (TableRef, View, Select, Chunks, pd.DataFrame, pa.Table)

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def handle_output(
        self, context: dg.OutputContext, table_slice: TableSlice, obj: object, connection: Session
    ) -> Mapping[str, Any]:
        raise NotImplementedError

    def load_input(self, context: dg.InputContext, table_slice: TableSlice, connection: Session) -> object:
        table, days = BY_NAME[table_slice.table], window(context)
        if issubclass(context.dagster_type.typing_type, TableRef):
            return TableRef(table.name, days)
        ensure(self._engine, connection, [table])
        rows = connection.fetch(statements.rows_of(table, table.name, days))
        return rows.to_pandas() if issubclass(context.dagster_type.typing_type, pd.DataFrame) else rows


class WarehouseIOManager(DbIOManager):
    """Writes DataFrames, Arrow tables, chunks of them and SELECTs; reads references, DataFrames and Arrow tables."""

    def __init__(self, engine: Engine, database: str, dataset: str) -> None:
        super().__init__(
            type_handlers=[TableHandler(engine)],
            db_client=EngineClient(engine),
            database=database,
            schema=dataset,
            io_manager_name=type(self).__name__,
        )
        self.engine = engine

    def handle_output(self, context: dg.OutputContext, obj: object) -> Iterator[Any]:  # type: ignore[override]
        """Replace the run's days, chunk by chunk, and say per partition what landed.

        Raises:
            WarehouseError: nothing of the chunk at hand was written; earlier chunks are kept and recorded.
        """
        self._check_supported_type(type(obj))  # type: ignore[no-untyped-call]
        table, days = BY_NAME[context.asset_key.path[-1]], window(context)
        job = job_of(context)
        total = Tally()
        for part, rows in chunked(obj, days):
            if isinstance(rows, View):
                written = create_view(self.engine, table, rows, job)
            else:
                written = replace(self.engine, table, rows, part, job.part(str(part)) if part else job)
            if written.restated:
                context.log.warning(
                    f"{table.name}: {written.restated} totals of {part} were published before and are others now; "
                    f"see {FCT_RESTATEMENTS.name}"
                )
            total.add(written)
            more_than_one = part and days and len(part) < len(days)
            for key, stats in per_partition(written):
                details = self._details(table, written, stats)
                if key is None:
                    context.add_output_metadata(details)
                    continue
                context.step_context.add_asset_metadata(details, context.asset_key, key)
                if more_than_one:
                    context.log_event(
                        dg.AssetMaterialization(context.asset_key, partition=key, metadata=details)
                    )
            if more_than_one:
                context.log.info(f"{table.name}: {part} published, {total.rows} rows so far")
                yield from ()
        context.log.info(
            f"{table.name}: {total.rows} rows in {days or 'the whole table'}, {total.seconds:.1f} s"
        )
        context.add_output_metadata(
            {"window": str(days) if days else "whole table", "seconds": round(total.seconds, 3)}
        )

    def _details(self, table: Table, written: Written, stats: DayStats) -> dict[str, Any]:
        return {
            "dagster/row_count": stats.rows,
            "dagster/table_name": self.engine.qualified(table.name),
            "bytes": stats.bytes,
            "job_id": written.job_id,
            **{name: dg.MetadataValue.float(value) for name, value in stats.totals.items()},
        }


class Tally:
    """Rows and seconds over the chunks of one write."""

    def __init__(self) -> None:
        self.rows, self.seconds = 0, 0.0

    def add(self, written: Written) -> None:
        self.rows += sum(stats.rows for stats in written.stats.values())
        self.seconds += written.seconds


def per_partition(written: Written) -> Iterator[tuple[str | None, DayStats]]:
    """What landed, per partition key; a day without rows landed too."""
    nothing = DayStats(0, 0, {})
    if written.days is None:
        yield None, written.stats.get(None, nothing)
        return
    for day in written.days:
        yield day.isoformat(), written.stats.get(day, nothing)


def chunked(obj: object, days: Days | None) -> Iterator[tuple[Days | None, Rows]]:
    """The write in pieces of bounded length; a Chunks decides its own, and must cover the run's days in order."""
    if isinstance(obj, Chunks):
        expected = days.first if days else None
        for chunk in obj.chunks:
            _refuse_gap(chunk, expected, days)
            expected = chunk.days.end
            yield chunk.days, chunk.rows
        if days and expected != days.end:
            raise ValueError(f"the chunks end before {days.last}: the next day due is {expected}")
    elif days and isinstance(obj, Select):
        for part in days.chunks(DAYS_PER_CHUNK):
            yield part, obj
    else:
        yield days, obj


def _refuse_gap(chunk: Chunk, expected: date | None, days: Days | None) -> None:
    if days is None or chunk.days.first != expected or chunk.days.last > days.last:
        raise ValueError(f"a chunk of {chunk.days} does not continue the run's {days}: {expected} is due")


def window(context: dg.OutputContext | dg.InputContext) -> Days | None:
    """The run's days; None for a table without partitions."""
    if not context.has_asset_partitions:
        return None
    keys = context.asset_partition_key_range
    return Days(date.fromisoformat(keys.start), date.fromisoformat(keys.end))


def job_of(context: dg.OutputContext) -> Job:
    step = context.step_context
    labels = {"asset": context.asset_key.path[-1], "run": context.run_id}
    if context.has_asset_partitions:
        labels["partition"] = context.asset_partition_key_range.start
    return Job(context.run_id, context.step_key, step.previous_attempt_count, labels=labels)
