"""Use without the UI: the command that docs/backfills.md gives, in a new folder."""

import subprocess
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import dagster as dg
import pytest

from ai_usage_assets.days import ONE_DAY, Days, last_closed
from ai_usage_assets.demo.sandbox.server import Sandbox, running
from ai_usage_assets.ops.records import DEFAULT_HOME
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from ai_usage_tests.support.dagster_processes import materialize_command, shipped_instance
from ai_usage_tests.support.hang import MAX_SECONDS
from ai_usage_tests.support.harness import NOW

OCTOBER = Days(date(2026, 10, 1), date(2026, 10, 31))


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running(now=NOW) as sandbox:
        yield sandbox


def run_command(sandbox: Sandbox, folder: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    arguments = materialize_command(sandbox, folder, *words, **more)
    return subprocess.run(**arguments, capture_output=True, timeout=MAX_SECONDS, check=False)


def test_the_readmes_command_materializes_a_range_of_everything(sandbox: Sandbox, tmp_path: Path) -> None:
    done = run_command(sandbox, tmp_path, "--select", "*", "--partition-range", "2026-10-01...2026-10-31")
    assert done.returncode == 0, done.stderr[-2000:]
    with DuckDBEngine(tmp_path / "ai_usage.duckdb").session() as session:
        (found,) = session.fetch(
            "select sum(output_tokens) as output from fct_usage_daily "
            "where platform = 'anthropic' and usage_date >= date '2000-01-01'"
        ).to_pylist()
    truth = sandbox.company.totals(OCTOBER).values()
    assert found["output"] == sum(t.anthropic.output_tokens for t in truth)
    with shipped_instance(tmp_path / DEFAULT_HOME) as instance:
        assert len(instance.get_materialized_partitions(dg.AssetKey("fct_usage_daily"))) == 31
    assert "No limit is set for the pool" not in done.stderr


def test_a_users_own_configuration_without_limits_is_used_and_the_log_says_so_once(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    home = tmp_path / "own"
    home.mkdir()
    (home / "dagster.yaml").write_text("telemetry:\n  enabled: false\n", encoding="utf-8")
    words = ("--select", "raw_cursor_members,raw_anthropic_users")
    done = run_command(sandbox, tmp_path, *words, DAGSTER_HOME=str(home))
    assert done.returncode == 0, done.stderr[-2000:]
    assert f"{home}/dagster.yaml was left as it is." in done.stderr
    for pool in ("anthropic", "cursor"):
        assert done.stderr.count(f"No limit is set for the pool {pool}") == 1
    assert not (tmp_path / DEFAULT_HOME).exists()


def test_a_refused_key_is_one_sentence_and_an_exit_code(sandbox: Sandbox, tmp_path: Path) -> None:
    words = ("--select", "raw_cursor_members")
    done = run_command(sandbox, tmp_path, *words, CURSOR_ADMIN_API_KEY="not-the-key")
    assert done.returncode != 0
    assert "CURSOR_ADMIN_API_KEY" in done.stderr
    assert "not-the-key" not in done.stderr + done.stdout


def test_a_start_date_in_the_future_is_one_sentence_and_an_exit_code(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    done = run_command(sandbox, tmp_path, "--select", "*", AI_USAGE_START_DATE="2999-01-01")
    assert done.returncode != 0
    assert "AI_USAGE_START_DATE is 2999-01-01" in done.stderr
    assert not (tmp_path / "ai_usage.duckdb").exists()


def test_a_range_into_a_day_that_is_not_over_names_the_last_closed_day(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    sandbox.requests.clear()
    before = last_closed(datetime.now(UTC))
    range_ = f"2026-10-01...{before + 2 * ONE_DAY}"
    done = run_command(sandbox, tmp_path, "--select", "*", "--partition-range", range_)
    assert done.returncode != 0
    # midnight may pass during the run
    messages = {f"the last closed day is {day} (UTC)" for day in (before, last_closed(datetime.now(UTC)))}
    assert any(message in done.stderr for message in messages)
    assert not sandbox.requests
    assert not (tmp_path / "ai_usage.duckdb").exists()
