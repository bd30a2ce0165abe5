"""Dagster's `dg` command finds the project and its definitions."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (["check", "defs"], "All definitions loaded successfully."),
        (["list", "defs", "--json"], '"raw_cursor_usage"'),
    ],
)
def test_dg_reads_the_definitions(command: list[str], expected: str, tmp_path: Path) -> None:
    env = {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "PYTHONPATH": str(ROOT),
        "HOME": str(tmp_path),
        "DAGSTER_HOME": str(tmp_path),
        "DAGSTER_DISABLE_TELEMETRY": "1",
        "AI_USAGE_DUCKDB_PATH": str(tmp_path / "w.duckdb"),
    }
    (tmp_path / "dagster.yaml").touch()
    done = subprocess.run(
        [str(Path(sys.executable).parent / "dg"), *command],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert expected in done.stdout
