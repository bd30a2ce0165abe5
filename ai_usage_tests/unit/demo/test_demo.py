"""The demo's command line, and the files that it needs beside its modules."""

import subprocess
import sys
from pathlib import Path

import pytest

from ai_usage_assets.demo.__main__ import INSTANCE, WORKSPACE

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("packaged", "original"),
    [(INSTANCE, ROOT / "deploy" / "dagster.yaml"), (WORKSPACE, ROOT / "workspace.yaml")],
    ids=lambda path: path.name,
)
def test_a_packaged_file_equals_the_one_that_a_deployment_copies(packaged: Path, original: Path) -> None:
    assert packaged.read_text(encoding="utf-8") == original.read_text(encoding="utf-8")


@pytest.mark.parametrize("days", ["0", "-1", "366", "1.5", "²", "a month"])
def test_a_number_of_days_out_of_range_is_refused(days: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ai_usage_assets.demo", f"--days={days}"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 2
    assert "must be a whole number from 1 to 365" in done.stderr
