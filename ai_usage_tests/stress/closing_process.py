"""A process that closes a month and reports its progress, so that another process can kill it."""

import os
import signal
import time
from collections.abc import Mapping
from datetime import datetime
from multiprocessing.connection import Connection
from unittest.mock import patch

import dagster as dg
from dagster._core.storage.tags import PARTITION_NAME_TAG

from ai_usage_assets.defs.closing.definitions import build_monthly_defs
from ai_usage_assets.settings import Settings
from ai_usage_assets.warehouse.duckdb.engine import DuckDBSession
from ai_usage_tests.stress.writer_process import reported, started, wait_for

QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


def child(env: Mapping[str, str], month: str, now: datetime, pause_at: str, connection: Connection) -> None:
    """Materialize a partition of closed_months, as Dagster's UI does. With `pause_at`, wait at this report to be killed."""
    with patch.dict(os.environ, env), dg.DagsterInstance.ephemeral() as instance:
        job = build_monthly_defs(Settings.from_env(env), lambda: now).resolve_implicit_global_asset_job_def()
        with reported(DuckDBSession, connection, pause_at):
            job.execute_in_process(
                instance=instance,
                asset_selection=[dg.AssetKey("closed_months")],
                tags={PARTITION_NAME_TAG: month},
                run_config=QUIET,
            )


def killed_close(
    env: Mapping[str, str], month: str, now: datetime, at: str, seconds: float | None = None
) -> int:
    """Kill a process that closes a month when it reports that it `begins`, `publishes` or `published`.

    Without `seconds`, the process waits there. With them, it goes on, and is killed that many seconds later.
    Returns its exit code, which is -9 if it did not end first.
    """
    with started(child, dict(env), month, now, at if seconds is None else "") as (process, connection):
        if at != "begins":
            wait_for(connection, at.encode())
        time.sleep(seconds or 0.0)
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        return int(process.exitcode)
