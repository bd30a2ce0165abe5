"""The text of a digest that is due: its figures are read now, with the checks that fail."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

import dagster as dg
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus

from ai_usage_assets.defs.closing.proposal import IS_UNCHANGED
from ai_usage_assets.defs.report import NAME as REPORT
from ai_usage_assets.defs.sensors.alerts.message import DIGEST
from ai_usage_assets.defs.sensors.digest.due import Digest
from ai_usage_assets.defs.sensors.digest.record import run_id
from ai_usage_assets.digest import read, text
from ai_usage_assets.schema.tables.closed_months import CLOSED_MONTHS
from ai_usage_assets.settings import Settings
from ai_usage_assets.warehouse.engine import Engine, WriteContext

COMPLETED = {AssetCheckExecutionRecordStatus.SUCCEEDED, AssetCheckExecutionRecordStatus.FAILED}


def text_of(
    context: dg.SensorEvaluationContext, engine: Engine, settings: Settings, digest: Digest, now: datetime
) -> str:
    """The message of a digest that is due."""
    job = WriteContext(run_id(digest.name), DIGEST, labels={"asset": DIGEST, "run": run_id(digest.name)})
    checks = failing_checks(context.instance, check_keys(context.repository_def))
    link = f"{settings.ui_url}/assets/{REPORT}" if settings.ui_url else None
    if digest.is_of_close:
        closed = read.close_figures(engine, job, digest.days)
        return text.of_close(replace(closed, tasks=replace(closed.tasks, failing_checks=checks)), link)
    week = read.week_figures(engine, job, digest.days, settings.start_date, now)
    return text.of_week(replace(week, tasks=replace(week.tasks, failing_checks=checks)), link)


def check_keys(repository: dg.RepositoryDefinition | None) -> list[dg.AssetCheckKey]:
    """The checks of the daily assets, and the one of closed months that is about figures."""
    daily = repository.asset_graph.asset_check_keys if repository else ()
    return [*daily, dg.AssetCheckKey(dg.AssetKey(CLOSED_MONTHS.name), IS_UNCHANGED)]


def failing_checks(instance: dg.DagsterInstance, keys: Iterable[dg.AssetCheckKey]) -> tuple[str, ...]:
    """The checks whose newest result did not pass, each with its table or with the number of its tables."""
    failing: dict[str, list[str]] = {}
    for key in sorted(keys):
        records = instance.event_log_storage.get_asset_check_execution_history(key, limit=1, status=COMPLETED)
        if records and (evaluation := records[0].evaluation) and not evaluation.passed:
            failing.setdefault(key.name, []).append(key.asset_key.path[-1])
    return tuple(
        f"{name} ({tables[0] if len(tables) == 1 else f'{len(tables)} tables'})"
        for name, tables in sorted(failing.items())
    )
