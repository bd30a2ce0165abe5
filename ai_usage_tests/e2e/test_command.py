"""`ai-usage` as a process: behind a pipe that is closed, and with a Ctrl-C in the middle of a load."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from ai_usage_assets.demo.sandbox.company.company import Company
from ai_usage_assets.demo.sandbox.server import running
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from ai_usage_tests.support.dagster_processes import ROOT
from ai_usage_tests.support.hang import MAX_SECONDS
from ai_usage_tests.support.harness import NOW, environment

CLEAN = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
COMMAND = [sys.executable, "-m", "ai_usage_assets.cli"]
DAYS = ["--from", "2026-11-16", "--to", "2026-11-18"]


def started(folder: Path, env: dict[str, str], *arguments: str) -> "subprocess.Popen[str]":
    """A process whose Ctrl-C works, whatever the shell of the tests has set."""
    return subprocess.Popen(
        [*COMMAND, *arguments], cwd=folder, env={**CLEAN, "PYTHONPATH": str(ROOT), **env}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509
    )  # fmt: skip


def test_a_load_is_interrupted_and_the_message_says_what_is_left(tmp_path: Path) -> None:
    with running(Company(people=12), now=NOW) as sandbox:
        env = environment(sandbox, DuckDBEngine(tmp_path / "ai_usage.duckdb"), tmp_path)
        with started(tmp_path, env, "fetch", *DAYS) as process:
            assert process.stdout
            for line in process.stdout:
                # the lines come as the tables do, also into a pipe
                if line.startswith("raw_anthropic_usage "):
                    process.send_signal(signal.SIGINT)
                    break
            rest, errors = process.communicate(timeout=MAX_SECONDS)
    assert process.returncode == 130
    assert "Traceback" not in rest + errors
    records, interrupted, advice = errors.splitlines()
    assert records == f"Dagster's records are in {tmp_path}/.local/dagster."
    assert interrupted.startswith(
        "Interrupted. Written days are kept. Not loaded for all of 2026-11-16...2026-11-18: "
    )
    assert "raw_anthropic_usage," not in interrupted
    assert advice == "To load the rest: ai-usage fetch --from 2026-11-16 --to 2026-11-18"


def test_a_pipe_that_is_closed_ends_the_command_quietly(tmp_path: Path) -> None:
    with started(tmp_path, {"PYTHONUNBUFFERED": "1"}, "doctor") as process:
        assert process.stdout
        first = process.stdout.readline()
        process.stdout.close()
        assert process.stderr
        assert process.stderr.read() == ""
    assert first == "ok    settings              They can be used. Days are loaded from 2025-01-01 on.\n"
    assert process.returncode == 1
