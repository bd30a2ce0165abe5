"""What the IO manager records of a step that ends before all of its days are written."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.errors import DagsterExecutionInterruptedError

from ai_usage_assets.days import Days
from ai_usage_assets.defs.io_manager import WarehouseIOManager
from ai_usage_assets.defs.partitions import range_tags
from ai_usage_assets.defs.records import materializations
from ai_usage_assets.schema.tables.cursor import RAW_CURSOR_EVENTS
from ai_usage_assets.warehouse.chunks import Chunk, Chunks
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from ai_usage_tests.support.sample_calls import calls

FIRST, SECOND, THIRD = date(2026, 11, 1), date(2026, 11, 2), date(2026, 11, 3)
DAILY = dg.DailyPartitionsDefinition(str(FIRST), end_offset=1)


@pytest.mark.parametrize("ending", [DagsterExecutionInterruptedError, KeyboardInterrupt, ConnectionError])
def test_days_that_were_published_before_a_step_ends_early_are_recorded(
    tmp_path: Path, instance: dg.DagsterInstance, ending: type[BaseException]
) -> None:
    def windows() -> Iterator[Chunk]:
        yield Chunk(Days.one(FIRST), {RAW_CURSOR_EVENTS: calls(FIRST)})
        yield Chunk(Days.one(SECOND), {RAW_CURSOR_EVENTS: calls(SECOND, SECOND)})
        raise ending

    @dg.asset(name=RAW_CURSOR_EVENTS.name, partitions_def=DAILY, io_manager_key="warehouse")
    def events() -> Chunks:
        # the next window is always there, so that no wait for it stores a record
        return Chunks(windows(), lambda: True)

    resources = {"warehouse": WarehouseIOManager(DuckDBEngine(tmp_path / "ai_usage.duckdb"))}
    # what is not an Exception would end pytest
    with suppress(DagsterExecutionInterruptedError, KeyboardInterrupt):
        dg.materialize(
            [events],
            instance=instance,
            resources=resources,
            tags=range_tags(Days(FIRST, THIRD)),
            raise_on_error=False,
        )

    recorded = materializations(instance, RAW_CURSOR_EVENTS.name, Days(FIRST, THIRD))
    assert {day: written.rows for day, written in recorded.items()} == {FIRST: 1, SECOND: 2}
