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


def child(env: Mapping[str, str], month: str, now: datetime, connection: Connection) -> None:
    """Materialize a partition of closed_months, as Dagster's UI does."""
    with patch.dict(os.environ, env), dg.DagsterInstance.ephemeral() as instance:
        job = build_monthly_defs(Settings.from_env(env), lambda: now).resolve_implicit_global_asset_job_def()
        with reported(DuckDBSession, connection):
            job.execute_in_process(
                instance=instance,
                asset_selection=[dg.AssetKey("closed_months")],
                tags={PARTITION_NAME_TAG: month},
                run_config=QUIET,
            )


def killed_close(env: Mapping[str, str], month: str, now: datetime, after: str, seconds: float) -> int:
    """Kill a process that closes a month, some seconds after it reported that it `begins`, `publishes` or `published`.

    Returns its exit code, which is -9 if it did not end first.
    """
    with started(child, dict(env), month, now) as (process, connection):
        if after != "begins":
            wait_for(connection, after.encode())
        time.sleep(seconds)
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        return int(process.exitcode)
