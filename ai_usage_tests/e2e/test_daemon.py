"""The real daemon over the real code location: three raw days that land are followed by three runs, not by one a day."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import dagster as dg

from ai_usage_assets.days import Days
from ai_usage_assets.demo.sandbox.server import running
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from ai_usage_tests.support.graph import environment, materialise

THREE = Days(date(2026, 10, 5), date(2026, 10, 7))
RAW = {"raw_anthropic_usage", "raw_cursor_events"}
SECONDS = 300
"""A bound, for a machine with much else to do."""
ROOT = Path(__file__).parents[2]


@contextmanager
def daemon(env: dict[str, str], folder: Path) -> Iterator[None]:
    """`dagster-daemon run`, with a code server of its own; ended with its whole process group."""
    command = [
        str(Path(sys.executable).parent / "dagster-daemon"),
        "run",
        "-m",
        "ai_usage_tests.support.automation_code_location",
    ]
    with (folder / "daemon.log").open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **env},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(timeout=30)


def wait_until(met: Callable[[], bool], folder: Path) -> None:
    until = time.monotonic() + SECONDS
    while not met():
        log = (folder / "daemon.log").read_text(encoding="utf-8", errors="replace")
        assert time.monotonic() < until, log[-3000:]
        time.sleep(1)


def test_three_raw_days_are_followed_by_three_runs(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "dagster.yaml").write_text("telemetry:\n  enabled: false\n", encoding="utf-8")
    with running() as sandbox, dg.DagsterInstance.from_config(str(home)) as instance:
        env = environment(sandbox, DuckDBEngine(tmp_path / "ai_usage.duckdb"), tmp_path)
        env |= {"DAGSTER_HOME": str(home), "PYTHONPATH": str(ROOT)}
        with daemon(env, tmp_path):
            # raw days from before the first tick are not followed
            wait_until(lambda: ticks(instance) > 0, tmp_path)
            assert materialise(env, THREE, ",".join(RAW), instance).success

            wait_until(lambda: len(written(instance)) == 4 and not in_progress(instance), tmp_path)
            seen = ticks(instance)
            wait_until(lambda: ticks(instance) > seen + 1, tmp_path)

        assert written(instance) == [
            RAW,
            # none of them has days, so they share a run
            {"dim_users", "dim_api_keys", "agg_included_value"},
            {"fct_usage_daily", "fct_cost_daily"},
            {"agg_monthly_finance", "agg_user_summary"},
        ]
        assert len(instance.get_backfills()) == 1
        assert instance.get_materialized_partitions(dg.AssetKey("fct_cost_daily")) == {str(d) for d in THREE}
        assert {run.status for run in instance.get_runs()} == {dg.DagsterRunStatus.SUCCESS}


def ticks(instance: dg.DagsterInstance) -> int:
    """How often the sensor has looked."""
    states = (
        state for state in instance.all_instigator_state() if state.instigator_name == "curated_follow_raw"
    )
    return sum(len(instance.get_ticks(state.instigator_origin_id, state.selector_id)) for state in states)


def written(instance: dg.DagsterInstance) -> list[set[str]]:
    """What each run was to write, oldest first; checks that the hour asks for run by themselves."""
    runs = reversed(instance.get_runs())
    return [{key.path[-1] for key in run.asset_selection} for run in runs if run.asset_selection]


def in_progress(instance: dg.DagsterInstance) -> bool:
    return any(not run.is_finished for run in instance.get_runs())
