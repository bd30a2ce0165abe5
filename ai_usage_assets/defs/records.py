"""What Dagster recorded of an asset's days and of runs. The warehouse is not read: the daemon may not reach it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import dagster as dg
from dagster._core.storage.dagster_run import NOT_FINISHED_STATUSES
from dagster._core.storage.tags import RUN_KEY_TAG

from ai_usage_assets.days import Days
from ai_usage_assets.defs.materializations import ANSWER_ROWS, KEPT

REASON_TAG = "ai_usage/reason"
REQUEST_TAG = "ai_usage/request"
"""Which days were requested, whatever the attempt; a run that Dagster retries has it too."""


@dataclass(frozen=True)
class Materialization:
    """What the vendor reported of a day when it was last written. A day that kept its rows holds something else."""

    id: int
    rows: int | None
    """None if a person reported the materialization: then nothing can be compared."""
    totals: dict[str, float]


def materialized_days(instance: dg.DagsterInstance, asset: str) -> set[date]:
    return {date.fromisoformat(key) for key in instance.get_materialized_partitions(dg.AssetKey(asset))}


def is_materialized(instance: dg.DagsterInstance, asset: str) -> bool:
    """Whether a table without partitions was ever written."""
    return instance.get_latest_materialization_event(dg.AssetKey(asset)) is not None


def materialization_ids(
    instance: dg.DagsterInstance, asset: str, days: Collection[date] | None = None
) -> dict[date, int]:
    """Per day, of these or of all, the storage id of its newest materialization; a later one has a larger id."""
    found = instance.get_latest_storage_id_by_partition(
        dg.AssetKey(asset),
        dg.DagsterEventType.ASSET_MATERIALIZATION,
        None if days is None else {day.isoformat() for day in days},
    )
    return {date.fromisoformat(key): id_ for key, id_ in found.items()}


def newest_records(
    instance: dg.DagsterInstance, asset: str, days: Collection[date]
) -> dict[date, dg.EventLogRecord]:
    """Per day, the record of its newest materialization. Days that were never materialized are left out."""
    ids = list(materialization_ids(instance, asset, days).values()) if days else []
    if not ids:
        return {}
    found = instance.fetch_materializations(
        dg.AssetRecordsFilter(dg.AssetKey(asset), storage_ids=ids), limit=len(ids)
    )
    return {date.fromisoformat(str(record.partition_key)): record for record in found.records}


def materializations(instance: dg.DagsterInstance, asset: str, days: Days) -> dict[date, Materialization]:
    """What was recorded last of each of these days that has a record."""
    found = {}
    for day, record in newest_records(instance, asset, list(days)).items():
        materialization = record.asset_materialization
        assert materialization
        metadata = {name: value.value for name, value in materialization.metadata.items()}
        is_kept = metadata.get(KEPT) is True
        rows = metadata.get(ANSWER_ROWS if is_kept else "dagster/row_count")
        found[day] = Materialization(
            record.storage_id,
            rows if isinstance(rows, int) else None,
            {name: value for name, value in metadata.items() if isinstance(value, float) and not is_kept},
        )
    return found


def active_run(
    instance: dg.DagsterInstance, assets: Collection[str], repository: dg.RepositoryDefinition
) -> str | None:
    """The run or backfill that may be writing one of these assets, as a person would name it; None if there is none."""
    from dagster._core.execution.backfill import BulkActionsFilter, BulkActionStatus

    keys = {dg.AssetKey(asset) for asset in assets}
    for run in instance.get_runs(filters=dg.RunsFilter(statuses=NOT_FINISHED_STATUSES)):
        if keys & set(selected(run, repository)):
            return f"run {run.run_id[:8]} ({run.status.value.lower()})"
    unfinished = [BulkActionStatus.REQUESTED, BulkActionStatus.CANCELING, BulkActionStatus.FAILING]
    for backfill in instance.get_backfills(filters=BulkActionsFilter(statuses=unfinished)):
        if backfill.asset_selection is None or keys & set(backfill.asset_selection):
            return f"backfill {backfill.backfill_id}"
    return None


def selected(run: dg.DagsterRun, repository: dg.RepositoryDefinition) -> Collection[dg.AssetKey]:
    """The assets that a run may write. Without a selection these are all of its job; other locations' jobs write none of ours."""
    if run.asset_selection is not None:
        return run.asset_selection
    if not repository.has_job(run.job_name):
        return set()
    return set(repository.get_job(run.job_name).asset_layer.selected_asset_keys)


def next_attempt(instance: dg.DagsterInstance, request: str) -> int:
    """One more than the highest attempt of a stored run: earlier runs may have been deleted."""
    runs = instance.get_runs(filters=dg.RunsFilter(tags={REQUEST_TAG: request}))
    made = [run.tags.get(RUN_KEY_TAG, "").rpartition(":")[2] for run in runs]
    return 1 + max((int(number) for number in made if number.isdecimal()), default=len(runs) - 1)
