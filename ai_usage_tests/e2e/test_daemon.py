"""Dagster's own daemon and the code location: three new raw days lead to three runs, and not to one run a day."""

import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import dagster as dg

from ai_usage_assets.days import Days
from ai_usage_assets.demo.sandbox.server import running
from ai_usage_assets.schema.model import Layer
from ai_usage_assets.schema.registry import layer
from ai_usage_tests.support.dagster_processes import ROOT, executable, started
from ai_usage_tests.support.hang import MAX_SECONDS
from ai_usage_tests.support.harness import Harness

THREE = Days(date(2026, 10, 5), date(2026, 10, 7))
DAEMON = [executable("dagster-daemon"), "run", "-m", "ai_usage_tests.support.automation_code_location"]
RAW = {"raw_anthropic_usage", "raw_cursor_events"}
DIMENSIONS = {"dim_users", "dim_user_history", "dim_api_keys"}
FACTS = {"fct_usage_daily", "fct_cost_daily", "fct_anthropic_tokens_daily", "fct_cursor_requests_daily"}
VIEWS = {view.name for view in layer(Layer.VIEW)} - {"agg_missing_days", "agg_monthly_rates"}
"""All but the views of which no table is written here: load_log has no asset, and no identity file is loaded."""
EXPECTED = RAW | DIMENSIONS | FACTS | VIEWS


def wait_until(met: Callable[[], bool], folder: Path) -> None:
    until = time.monotonic() + MAX_SECONDS
    while not met():
        log = (folder / "daemon.log").read_text(encoding="utf-8", errors="replace")
        assert time.monotonic() < until, log[-3000:]
        time.sleep(1)


def test_three_raw_days_are_followed_by_three_runs(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "dagster.yaml").write_text("telemetry:\n  enabled: false\n", encoding="utf-8")
    with running() as sandbox, dg.DagsterInstance.from_config(str(home)) as instance:
        harness = Harness(sandbox, tmp_path, instance=instance, now=None)
        env = harness.env | {"DAGSTER_HOME": str(home), "PYTHONPATH": str(ROOT)}
        with started(DAEMON, tmp_path, env, tmp_path / "daemon.log"):
            # the sensor does not follow raw days from before its first tick
            wait_until(lambda: ticks(instance) > 0, tmp_path)
            assert harness.materialize(",".join(RAW), THREE).success

            wait_until(
                lambda: set().union(*written(instance)) == EXPECTED and not in_progress(instance), tmp_path
            )
            seen = ticks(instance)
            wait_until(lambda: ticks(instance) > seen + 1, tmp_path)

        runs = written(instance)
        tables = [tables for run in runs if (tables := run - VIEWS)]
        # the raw days, then the dimensions in one run, then the facts in one run
        assert tables == [RAW, DIMENSIONS, FACTS]
        # how many runs create the views depends on the tick that sees their tables; none is created twice
        assert sorted(name for run in runs for name in run & VIEWS) == sorted(VIEWS)
        assert len(instance.get_backfills()) == 1
        assert instance.get_materialized_partitions(dg.AssetKey("fct_cost_daily")) == {str(d) for d in THREE}
        assert [run for run in instance.get_runs() if run.status == dg.DagsterRunStatus.FAILURE] == []
        # the daemon may have ended while it started the hourly run of checks
        assert {run.status for run in instance.get_runs() if run.asset_selection} == {
            dg.DagsterRunStatus.SUCCESS
        }


def ticks(instance: dg.DagsterInstance) -> int:
    """How often the sensor was evaluated."""
    states = (
        state for state in instance.all_instigator_state() if state.instigator_name == "curated_automation"
    )
    return sum(len(instance.get_ticks(state.instigator_origin_id, state.selector_id)) for state in states)


def written(instance: dg.DagsterInstance) -> list[set[str]]:
    """The assets of each run, oldest run first. The hourly runs of checks alone are left out."""
    runs = reversed(instance.get_runs())
    return [{key.path[-1] for key in run.asset_selection} for run in runs if run.asset_selection]


def in_progress(instance: dg.DagsterInstance) -> bool:
    return any(not run.is_finished for run in instance.get_runs())
