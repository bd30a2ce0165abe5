"""Our event log writes what Dagster's own sqlite storage would have written, in the same files."""

import sqlite3
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.storage.tags import ASSET_PARTITION_RANGE_END_TAG, ASSET_PARTITION_RANGE_START_TAG

from ai_usage_assets.ops.event_log import BatchingSqliteEventLogStorage

OURS = """
telemetry: {enabled: false}
event_log_storage:
  module: ai_usage_assets.ops.event_log
  class: BatchingSqliteEventLogStorage
  config:
    dagster_home: {env: DAGSTER_HOME}
"""
STOCK = "telemetry: {enabled: false}\n"
DAYS = dg.DailyPartitionsDefinition("2026-10-01", end_date="2026-11-01")
RANGE = {ASSET_PARTITION_RANGE_START_TAG: "2026-10-02", ASSET_PARTITION_RANGE_END_TAG: "2026-10-11"}


class PerDay(dg.IOManager):
    def handle_output(self, context: dg.OutputContext, obj: object) -> None:
        for key in context.asset_partition_keys:
            context.step_context.add_asset_metadata(
                {"dagster/row_count": int(key[-2:])}, context.asset_key, key
            )

    def load_input(self, context: dg.InputContext) -> None:
        return None


def definitions() -> dg.Definitions:
    @dg.asset(partitions_def=DAYS, tags={"team": "finance"})
    def raw() -> dg.MaterializeResult[int]:
        return dg.MaterializeResult(value=1, tags={"seen": "yes"})

    @dg.asset(partitions_def=DAYS, deps=[raw])
    def fact() -> int:
        return 1

    @dg.asset_check(asset=fact)
    def sums() -> dg.AssetCheckResult:
        return dg.AssetCheckResult(passed=True, metadata={"rows": 3})

    @dg.asset(partitions_def=DAYS)
    def refused() -> int:
        raise dg.Failure("planned, and never materialised")

    return dg.Definitions(
        assets=[raw, fact, refused], asset_checks=[sums], resources={"io_manager": PerDay()}
    )


@pytest.fixture
def home(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    # our storage sets it, and the tests after this one have Dagster's own
    monkeypatch.setenv("DAGSTER_EVENT_BATCH_SIZE", "1000")
    return tmp_path


def run(home: Path, settings: str) -> dg.DagsterInstance:
    home.mkdir(exist_ok=True)
    (home / "dagster.yaml").write_text(settings)
    instance = dg.DagsterInstance.from_config(str(home))
    job = definitions().resolve_implicit_global_asset_job_def()
    job.execute_in_process(instance=instance, tags=RANGE, raise_on_error=False)
    return instance


def rows(home: Path, file: str) -> dict[str, list[Any]]:
    """Every table of a file, without what differs from run to run: ids, times, and texts that hold them."""
    with sqlite3.connect(home / "history" / "runs" / file) as connection:
        told = {
            "event_logs": "id, dagster_event_type, step_key, asset_key, partition",
            "asset_keys": "id, asset_key, last_materialization IS NULL, last_run_id IS NULL, tags",
            "asset_event_tags": "asset_key, key, iif(key LIKE '%data_version%', '', value), event_id",
            "asset_check_executions": (
                "asset_key, check_name, partition, execution_status, materialization_event_storage_id, "
                "evaluation_event_storage_id, evaluation_event IS NULL, run_id IS NULL"
            ),
        }
        found = {
            table: connection.execute(f"SELECT {columns} FROM {table} ORDER BY 1, 2, 3").fetchall()
            for table, columns in told.items()
        }
    connection.close()
    return found


def test_the_rows_are_those_of_dagsters_own_storage(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(home / "ours"))
    with run(home / "ours", OURS) as ours:
        assert isinstance(ours.event_log_storage, BatchingSqliteEventLogStorage)
        [run_of_ours] = ours.get_runs()
    monkeypatch.delenv("DAGSTER_EVENT_BATCH_SIZE")
    with run(home / "stock", STOCK) as stock:
        [run_of_stock] = stock.get_runs()
    assert rows(home / "ours", "index.db") == rows(home / "stock", "index.db")
    told = rows(home / "ours", f"{run_of_ours.run_id}.db")
    assert len(told["event_logs"]) > 40
    assert told == rows(home / "stock", f"{run_of_stock.run_id}.db")


def test_what_the_ui_asks_is_answered_alike(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def answers(instance: dg.DagsterInstance) -> list[Any]:
        key = dg.AssetKey("fact")
        latest = instance.get_latest_materialization_event(key)
        records = instance.fetch_materializations(key, limit=100).records
        return [
            sorted(instance.get_materialized_partitions(key)),
            latest.asset_materialization.partition if latest and latest.asset_materialization else None,
            [
                (r.partition_key, str(r.asset_materialization.metadata))
                for r in records
                if r.asset_materialization
            ],
            [r.asset_entry.last_materialization_storage_id for r in instance.get_asset_records([key])],
            [
                c.status
                for c in instance.event_log_storage.get_asset_check_execution_history(
                    dg.AssetCheckKey(key, "sums"), limit=5
                )
            ],
        ]

    monkeypatch.setenv("DAGSTER_HOME", str(home / "ours"))
    with run(home / "ours", OURS) as ours, run(home / "stock", STOCK) as stock:
        found = answers(ours)
        assert found == answers(stock)
    assert found[0] == [f"2026-10-{day:02}" for day in range(2, 12)]


def test_a_batch_that_breaks_off_leaves_nothing_half_told(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with run(home, OURS) as instance:
        storage: Any = instance.event_log_storage
        [done] = instance.get_runs()
        before = rows(home, "index.db"), rows(home, f"{done.run_id}.db")
        events = instance.all_logs(done.run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION)
        assert events
        # the last step of a batch, after every row was inserted
        monkeypatch.setattr(storage, "_store_asset_event", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            storage.store_event_batch(events)
        assert (rows(home, "index.db"), rows(home, f"{done.run_id}.db")) == before


def test_a_home_changes_between_the_two_at_any_time(home: Path) -> None:
    for settings in (STOCK, OURS, STOCK):
        with run(home, settings) as instance:
            assert len(instance.get_materialized_partitions(dg.AssetKey("raw"))) == 10
    with run(home, OURS) as instance:
        assert len(instance.get_runs()) == 4
        assert len(instance.fetch_materializations(dg.AssetKey("raw"), limit=100).records) == 40


def test_a_wiped_log_is_empty_and_usable(home: Path) -> None:
    with run(home, OURS) as instance:
        instance.wipe()
        assert not instance.get_materialized_partitions(dg.AssetKey("raw"))
        job = definitions().resolve_implicit_global_asset_job_def()
        job.execute_in_process(instance=instance, tags=RANGE, raise_on_error=False)
        assert len(instance.get_materialized_partitions(dg.AssetKey("raw"))) == 10


def test_commit_waits_for_no_disk_and_the_log_is_written_ahead(home: Path) -> None:
    run(home, OURS)
    with BatchingSqliteEventLogStorage(str(home / "history" / "runs")).index_connection() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("synchronous", "journal_mode")
        }
    # 1 is NORMAL
    assert pragmas == {"synchronous": 1, "journal_mode": "wal"}
