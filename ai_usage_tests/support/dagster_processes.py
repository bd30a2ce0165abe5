"""Dagster's own processes, as a user starts them: a command line, `dagster dev`, the daemon, and their DAGSTER_HOME."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import copyfile
from typing import Any
from unittest.mock import patch

import dagster as dg

from ai_usage_assets.demo.sandbox.server import Sandbox
from ai_usage_assets.ops.records import CONFIGURATION
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from ai_usage_tests.support.harness import environment

ROOT = Path(__file__).parents[2]
END_SECONDS = 20.0
START = [sys.executable, "-m", "ai_usage_assets.start"]


def executable(name: str) -> str:
    """The path of a command of this Python environment."""
    return str(Path(sys.executable).parent / name)


def materialize_command(sandbox: Sandbox, folder: Path, *words: str, **env: str) -> dict[str, Any]:
    """Arguments for `subprocess`: the command of docs/backfills.md, started in the folder."""
    variables = environment(sandbox, DuckDBEngine(folder / "ai_usage.duckdb"), folder)
    variables |= {"DAGSTER_HOME": "", "PYTHONPATH": str(ROOT), **env}
    command = [*START, "dagster", "asset", "materialize", "-m", "ai_usage_assets.definitions", *words]
    return {"args": command, "cwd": folder, "env": {**os.environ, **variables}, "text": True}


@contextmanager
def shipped_instance(home: Path) -> Iterator[dg.DagsterInstance]:
    """Dagster's instance in this folder, configured by the dagster.yaml that is shipped."""
    home.mkdir(parents=True, exist_ok=True)
    copyfile(CONFIGURATION, home / "dagster.yaml")
    # the event log sets the size of a batch for its process; the tests after this one have Dagster's default
    variables = {"DAGSTER_HOME": str(home), "DAGSTER_EVENT_BATCH_SIZE": "1000"}
    with patch.dict(os.environ, variables), dg.DagsterInstance.from_config(str(home)) as instance:
        yield instance


@contextmanager
def started(
    command: list[str],
    folder: Path,
    env: Mapping[str, str],
    log: Path,
    inherited: Mapping[str, str] = os.environ,
) -> Iterator[subprocess.Popen[bytes]]:
    """A process with a process group of its own, which ends with the block. Its output goes to the log.

    It runs in `folder`, where no .env changes its environment.
    """
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**inherited, **env},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process; a child that outlives it is killed with the process group."""
    process.send_signal(signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(END_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
