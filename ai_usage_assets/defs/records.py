"""What Dagster's own record says of an asset's days and of runs. The warehouse is not asked: the daemon may not see it."""

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
"""Which days were asked for, whatever the attempt; a run that Dagster retries has it as well."""


@dataclass(frozen=True)
class Publication:
    """What the vendor said of a day when it was written last. Of a day that kept its rows this is not what is there."""

    id: int
    rows: int | None
    """None if it was recorded by hand: then nothing can be compared."""
    totals: dict[str, float]


def present(instance: dg.DagsterInstance, asset: str) -> set[date]:
    return {date.fromisoformat(key) for key in instance.get_materialized_partitions(dg.AssetKey(asset))}


def landed(instance: dg.DagsterInstance, asset: str) -> bool:
    """Whether a table without days was ever written."""
    return instance.get_latest_materialization_event(dg.AssetKey(asset)) is not None


def publication_ids(instance: dg.DagsterInstance, asset: str, days: Collection[date]) -> dict[date, int]:
    """The newest materialization of each of these days that has one."""
    found = instance.get_latest_storage_id_by_partition(
        dg.AssetKey(asset),
        dg.DagsterEventType.ASSET_MATERIALIZATION,
        {day.isoformat() for day in days},
    )
    return {date.fromisoformat(key): id_ for key, id_ in found.items()}


def publications(instance: dg.DagsterInstance, asset: str, days: Days) -> dict[date, Publication]:
    """What was recorded last of each of these days that has a record."""
    ids = publication_ids(instance, asset, list(days))
    if not ids:
        return {}
    records = instance.fetch_materializations(
        dg.AssetRecordsFilter(dg.AssetKey(asset), storage_ids=list(ids.values())), limit=len(ids)
    ).records
    found = {}
    for record in records:
        materialization = record.asset_materialization
        assert materialization
        said = {name: value.value for name, value in materialization.metadata.items()}
        is_kept = said.get(KEPT) is True
        rows = said.get(ANSWER_ROWS if is_kept else "dagster/row_count")
        found[date.fromisoformat(str(materialization.partition))] = Publication(
            record.storage_id,
            rows if isinstance(rows, int) else None,
            {name: value for name, value in said.items() if isinstance(value, float) and not is_kept},
        )
    return found


def in_flight(
    instance: dg.DagsterInstance, assets: Collection[str], repository: dg.RepositoryDefinition
) -> str | None:
    """The run or backfill, whoever started it, that may write one of these assets just now, as a person would name it."""
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
    """What a run may write. One without a selection is a whole job; other code locations' jobs write nothing of ours."""
    if run.asset_selection is not None:
        return run.asset_selection
    if not repository.has_job(run.job_name):
        return set()
    return set(repository.get_job(run.job_name).asset_layer.selected_asset_keys)


def next_attempt(instance: dg.DagsterInstance, request: str) -> int:
    """One more than the highest that a stored run has in its key: somebody may have deleted earlier ones."""
    runs = instance.get_runs(filters=dg.RunsFilter(tags={REQUEST_TAG: request}))
    made = [run.tags.get(RUN_KEY_TAG, "").rpartition(":")[2] for run in runs]
    return 1 + max((int(number) for number in made if number.isdecimal()), default=len(runs) - 1)
