"""Several processes open the records of a new home at once, and all of them, and the ones after them, can use it."""

import os
import subprocess
import sys
from pathlib import Path
from shutil import copyfile

import pytest

from ai_usage_assets.ops.records import CONFIGURATION
from ai_usage_tests.support.dagster_processes import ROOT

PROCESSES, HOMES, TIMEOUT_SECONDS = 3, 8, 300


@pytest.mark.slow  # three processes import Dagster
def test_processes_that_open_a_new_home_at_once_all_succeed(tmp_path: Path) -> None:
    homes = [tmp_path / str(number) for number in range(HOMES)]
    for home in homes:
        home.mkdir()
        copyfile(CONFIGURATION, home / "dagster.yaml")
    command = [sys.executable, "-m", "ai_usage_tests.support.open_records", *map(str, homes)]
    opening = [
        subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(PROCESSES)
    ]
    try:
        for _ in homes:
            for process in opening:
                assert process.stdout
                process.stdout.readline()
            for process in opening:
                assert process.stdin
                if process.poll() is None:
                    process.stdin.write("go\n")
                    process.stdin.flush()
        ended = [process.communicate(timeout=TIMEOUT_SECONDS) for process in opening]
    finally:
        for process in opening:
            process.kill()
    assert [process.returncode for process in opening] == [0] * PROCESSES, [
        stderr[-600:] for _, stderr in ended
    ]
