"""Running the real graph against the sandbox, in process: what several tests share."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfile
from typing import Any
from unittest.mock import patch

import dagster as dg
from dagster._core.storage.tags import ASSET_PARTITION_RANGE_END_TAG, ASSET_PARTITION_RANGE_START_TAG

from ai_usage_assets.days import Clock, Days, utc_now
from ai_usage_assets.definitions import build_defs
from ai_usage_assets.defs.resources import Settings
from ai_usage_assets.demo.__main__ import INSTANCE
from ai_usage_assets.demo.sandbox.server import Sandbox
from ai_usage_assets.warehouse.bigquery.engine import BigQueryEngine
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from ai_usage_assets.warehouse.engine import Engine


def environment(sandbox: Sandbox, engine: Engine, folder: Path) -> dict[str, str]:
    """What a user would export for this sandbox and this engine."""
    where = {"AI_USAGE_DUCKDB_PATH": str(folder / "ai_usage.duckdb")}
    if isinstance(engine, BigQueryEngine):
        project, dataset, _ = engine.qualified("t").split(".")
        where = {
            "BIGQUERY_PROJECT": project,
            "BIGQUERY_DATASET": dataset,
            "BIGQUERY_EMULATOR_HOST": engine.emulator_host or "",
        }
    return {
        "ANTHROPIC_ADMIN_API_KEY": sandbox.anthropic_key,
        "ANTHROPIC_ADMIN_BASE_URL": sandbox.url,
        "CURSOR_ADMIN_API_KEY": sandbox.cursor_key,
        "CURSOR_ADMIN_BASE_URL": sandbox.url,
        "CURSOR_REQUESTS_PER_MINUTE": "6000",
        "AI_USAGE_START_DATE": "2025-01-01",
        "AI_USAGE_IDENTITY_DIR": str(folder / "identity"),
        **where,
    }


def headless(sandbox: Sandbox, folder: Path, *words: str, **more: str) -> dict[str, Any]:
    """`dagster asset materialize` as the README writes it, for subprocess, on a DAGSTER_HOME below the folder."""
    (folder / "home").mkdir(exist_ok=True)
    env = environment(sandbox, DuckDBEngine(folder / "ai_usage.duckdb"), folder)
    env |= {"DAGSTER_HOME": str(folder / "home"), "DAGSTER_DISABLE_TELEMETRY": "1", **more}
    dagster = str(Path(sys.executable).parent / "dagster")
    asked = [dagster, "asset", "materialize", "-m", "ai_usage_assets.definitions", *words]
    return {"args": asked, "cwd": folder, "env": {**os.environ, **env}, "text": True}


@contextmanager
def shipped_instance(home: Path) -> Iterator[dg.DagsterInstance]:
    """Dagster's instance in this folder, set up by the dagster.yaml that is shipped."""
    home.mkdir(exist_ok=True)
    copyfile(INSTANCE, home / "dagster.yaml")
    # the event log sets the size of a batch for its process; the tests after this one have Dagster's own
    told = {"DAGSTER_HOME": str(home), "DAGSTER_EVENT_BATCH_SIZE": "1000"}
    with patch.dict(os.environ, told), dg.DagsterInstance.from_config(str(home)) as instance:
        yield instance


@contextmanager
def exported(env: dict[str, str], clock: Clock = utc_now) -> Iterator[dg.Definitions]:
    """The code location as it loads with these variables."""
    with patch.dict(os.environ, env):
        yield build_defs(Settings.from_env(env), clock)


def materialise(
    env: dict[str, str],
    days: Days,
    select: str = "*",
    instance: dg.DagsterInstance | None = None,
    clock: Clock = utc_now,
    tags: Mapping[str, str] | None = None,
) -> dg.ExecuteInProcessResult:
    """One run over the days; a failed step does not raise, so that a test can look at it."""
    with exported(env, clock) as defs:
        tags = {
            **(tags or {}),
            ASSET_PARTITION_RANGE_START_TAG: str(days.first),
            ASSET_PARTITION_RANGE_END_TAG: str(days.last),
        }
        job = defs.resolve_implicit_global_asset_job_def()
        chosen = None if select == "*" else [dg.AssetKey(name) for name in select.split(",")]
        return job.execute_in_process(
            instance=instance or dg.DagsterInstance.ephemeral(),
            tags=tags,
            raise_on_error=False,
            asset_selection=chosen,
        )


def refusals(result: dg.ExecuteInProcessResult) -> dict[str, str]:
    """What each failed step said: the sentence right below Dagster's own, which is the one for people."""
    said = {}
    for event in result.filter_events(lambda event: event.is_step_failure):
        error: Any = event.step_failure_data.error
        said[str(event.step_key)] = error.cause.message if error.cause else error.message
    return said


def run_refusal(result: dg.ExecuteInProcessResult) -> str:
    """What stopped a run before its first step."""
    assert not result.filter_events(lambda event: event.is_step_start)
    [stopped] = result.filter_events(lambda event: event.is_resource_init_failure)
    error: Any = stopped.engine_event_data.error
    while error.cause:
        error = error.cause
    return str(error.message).split(": ", 1)[1]


def failed_checks(result: dg.ExecuteInProcessResult) -> list[str]:
    return [
        f"{e.asset_key.path[-1]}:{e.check_name}" for e in result.get_asset_check_evaluations() if not e.passed
    ]
