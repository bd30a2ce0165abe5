"""`dagster dev` as a person starts it, over weeks of the sandbox's data; it ends with its whole process group."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx

from ai_usage_assets.days import Days, last_closed
from ai_usage_assets.demo.sandbox.company.identity import write as write_identity
from ai_usage_assets.demo.sandbox.server import Sandbox, running
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from ai_usage_assets.warehouse.sql import within
from ai_usage_tests.support.graph import environment, materialise, shipped_instance

ROOT = Path(__file__).parents[3]
LANDED = 40
"""Days: more than the vendors' windows of restatement, so that no sensor asks for the oldest of them again."""
STARTS_WITHIN = 180.0
ENDS_WITHIN = 20.0


@dataclass(frozen=True)
class Served:
    """What the tests hold: where the UI is, what it shows, and what is true."""

    url: str
    log: Path
    sandbox: Sandbox
    engine: DuckDBEngine
    days: Days

    def ask(self, query: str, **variables: Any) -> Any:
        """The data of a GraphQL answer."""
        asked = {"query": query, "variables": variables}
        answer = httpx.post(f"{self.url}/graphql", json=asked, timeout=60).json()
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    def lose(self, table: str, days: Days) -> None:
        """Delete days behind Dagster's back: what is there afterwards was brought by a run."""
        with self.engine.session() as session:
            session.execute(f"delete from {table} where {within('ingest_date', days)}")

    def total(self, table: str, column: str, days: Days) -> int:
        """What the warehouse holds now."""
        with self.engine.session() as session:
            sql = f"select sum({column}) as total from {table} where {within('ingest_date', days)}"
            return int(session.fetch(sql).to_pylist()[0]["total"] or 0)


@contextmanager
def served(folder: Path) -> Iterator[Served]:
    """Land the weeks, then serve them."""
    newest = last_closed(datetime.now(UTC))
    days = Days(newest - timedelta(days=LANDED - 1), newest)
    engine = DuckDBEngine(folder / "ai_usage.duckdb")
    home = folder / "home"
    with running() as sandbox:
        write_identity(sandbox.company, folder / "identity")
        env = environment(sandbox, engine, folder) | {
            "AI_USAGE_START_DATE": str(days.first),
            "DAGSTER_HOME": str(home),
            "DAGSTER_DISABLE_TELEMETRY": "1",
            "PYTHONPATH": str(ROOT),
        }
        with patch.dict(os.environ, env), shipped_instance(home) as instance:
            assert materialise(env, days, instance=instance).success
        port = free_port()
        log = folder / "dagster-dev.log"
        with dagster_dev(folder, env, port, log):
            yield Served(f"http://127.0.0.1:{port}", log, sandbox, engine, days)


@contextmanager
def dagster_dev(folder: Path, env: dict[str, str], port: int, log: Path) -> Iterator[None]:
    """Up when it answers for the code location; run where no .env overrules the environment."""
    command = [str(Path(sys.executable).parent / "dagster"), "dev", "-w", str(ROOT / "workspace.yaml")]
    command += ["--host", "127.0.0.1", "--port", str(port)]
    with log.open("w") as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **env},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            answers(process, port, log)
            yield
        finally:
            end(process)


def answers(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        try:
            httpx.get(f"http://127.0.0.1:{port}/server_info", timeout=5).raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.5)
        else:
            return
    raise AssertionError(f"dagster dev did not come up:\n{log.read_text(encoding='utf-8')[-3000:]}")


def end(process: subprocess.Popen[bytes]) -> None:
    """A child that outlives the one asked to end goes with its group."""
    process.send_signal(signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(ENDS_WITHIN)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
