"""What Dagster's own record says of an asset's days and of runs. The warehouse is not asked: the daemon may not see it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import dagster as dg
from dagster._core.execution.backfill import BulkActionsFilter, BulkActionStatus
from dagster._core.storage.dagster_run import NOT_FINISHED_STATUSES

from ai_usage_assets.days import Days

REASON_TAG = "ai_usage/reason"
REQUEST_TAG = "ai_usage/request"
"""Which days were asked for, whatever the attempt; a run that Dagster retries has it as well."""

UNFINISHED_BACKFILLS = [BulkActionStatus.REQUESTED, BulkActionStatus.CANCELING, BulkActionStatus.FAILING]


@dataclass(frozen=True)
class Publication:
    """What was recorded when a day was written last."""

    id: int
    rows: int | None
    """None if it was recorded by hand: then nothing can be compared."""
    totals: dict[str, float]


def present(instance: dg.DagsterInstance, asset: str) -> set[date]:
    return {date.fromisoformat(key) for key in instance.get_materialized_partitions(dg.AssetKey(asset))}


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
        rows = said.get("dagster/row_count")
        found[date.fromisoformat(str(materialization.partition))] = Publication(
            record.storage_id,
            rows if isinstance(rows, int) else None,
            {name: value for name, value in said.items() if isinstance(value, float)},
        )
    return found


def in_flight(instance: dg.DagsterInstance, assets: Collection[str]) -> str | None:
    """The run or backfill, whoever started it, that may write one of these assets just now, as a person would name it.

    A run without a selection is a whole job, so it may.
    """
    keys = {dg.AssetKey(asset) for asset in assets}
    for run in instance.get_runs(filters=dg.RunsFilter(statuses=NOT_FINISHED_STATUSES)):
        if run.asset_selection is None or run.asset_selection & keys:
            return f"run {run.run_id[:8]} ({run.status.value.lower()})"
    for backfill in instance.get_backfills(filters=BulkActionsFilter(statuses=UNFINISHED_BACKFILLS)):
        if backfill.asset_selection is None or keys & set(backfill.asset_selection):
            return f"backfill {backfill.backfill_id}"
    return None


def runs_for(instance: dg.DagsterInstance, request: str) -> int:
    """How many runs a request has had."""
    return instance.get_runs_count(dg.RunsFilter(tags={REQUEST_TAG: request}))
