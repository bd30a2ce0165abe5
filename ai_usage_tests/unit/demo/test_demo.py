"""The demo: its command line, the files that it needs beside its modules, and its report."""

import os
import re
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ai_usage_assets.days import Days
from ai_usage_assets.demo.__main__ import WORKSPACE, final_days
from ai_usage_assets.demo.report import report
from ai_usage_assets.demo.sandbox.company.company import Company
from ai_usage_assets.demo.sandbox.server import Sandbox
from ai_usage_assets.settings import Settings

ROOT = Path(__file__).parents[3]


def demo(*arguments: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ai_usage_assets.demo", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def test_the_packaged_workspace_equals_the_checkouts() -> None:
    assert WORKSPACE.read_text(encoding="utf-8") == (ROOT / "workspace.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("days", ["0", "-1", "366", "1.5", "²", "a month"])
def test_a_number_of_days_out_of_range_is_refused(days: str) -> None:
    done = demo(f"--days={days}")
    assert done.returncode == 2
    assert "must be a whole number from 1 to 365" in done.stderr


@pytest.mark.parametrize(
    ("now", "newest"),
    [
        (datetime(2026, 11, 26, 0, 30, tzinfo=UTC), date(2026, 11, 24)),
        (datetime(2026, 11, 26, 1, 0, tzinfo=UTC), date(2026, 11, 25)),
        (datetime(2026, 11, 26, 23, 59, tzinfo=UTC), date(2026, 11, 25)),
    ],
)
def test_the_demo_ends_with_the_newest_day_that_is_final(now: datetime, newest: date) -> None:
    days = final_days(3, now)
    assert (len(days), days.last) == (3, newest)


@pytest.mark.slow
def test_the_demo_reconciles_and_a_total_that_differs_is_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done = demo("--days=1", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "All 10 totals are equal." in done.stdout
    assert "asset checks passed." in done.stdout

    day = re.search(r"for 1 day, (\S+):", done.stdout)
    assert day is not None
    days = Days.one(date.fromisoformat(day[1]))
    company = Company()
    company.restate(days.first, "anthropic", 2.0)
    settings = Settings.from_env({"AI_USAGE_DUCKDB_PATH": str(tmp_path / ".local/demo/ai_usage.duckdb")})
    assert not report(settings, Sandbox(company, None, strict_limits=False), days, seconds=1.0)
    assert re.search(r"\d OF 10 TOTALS DIFFER\.", capsys.readouterr().out)
