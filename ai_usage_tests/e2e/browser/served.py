"""`dagster dev` as a person starts it, over weeks of the sandbox's data; it ends with its whole process group."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from ai_usage_assets.days import Days, last_closed
from ai_usage_assets.demo.sandbox.company.identity import write as write_identity
from ai_usage_assets.demo.sandbox.server import running
from ai_usage_assets.warehouse.sql import within
from ai_usage_tests.support.dagster_processes import ROOT, START, free_port, shipped_instance, started
from ai_usage_tests.support.hang import MAX_SECONDS
from ai_usage_tests.support.harness import Harness, step_errors

LOADED_DAYS = 40
"""More than the days that vendors restate, so that no sensor requests the oldest of them again."""


@dataclass(frozen=True)
class Served:
    """The address of the UI, the harness behind it, and the days that it begins with."""

    url: str
    log: Path
    harness: Harness
    days: Days

    def query(self, query: str, **variables: Any) -> Any:
        """The data of a GraphQL response."""
        body = {"query": query, "variables": variables}
        response = httpx.post(f"{self.url}/graphql", json=body, timeout=60).json()
        assert "errors" not in response, response["errors"]
        return response["data"]

    def delete(self, table: str, days: Days) -> None:
        """Delete days without a run, so that rows which are there later were written by a run."""
        self.harness.execute(f"delete from {table} where {within('ingest_date', days)}")

    def total(self, table: str, column: str, days: Days) -> int:
        """The sum of a column over the days, in the warehouse."""
        [row] = self.harness.fetch(
            f"select sum({column}) as total from {table} where {within('ingest_date', days)}"
        )
        return int(row["total"] or 0)


@contextmanager
def served(folder: Path) -> Iterator[Served]:
    """Load LOADED_DAYS of every table, then start `dagster dev` over them."""
    # Claude Code's report of a day is final an hour after midnight
    newest = last_closed(datetime.now(UTC) - timedelta(hours=1))
    days = Days(newest - timedelta(days=LOADED_DAYS - 1), newest)
    home, port, log = folder / "home", free_port(), folder / "dagster-dev.log"
    command = [*START, "dagster", "dev", "-w", str(ROOT / "workspace.yaml")]
    command += ["--host", "127.0.0.1", "--port", str(port)]
    with running() as sandbox:
        write_identity(sandbox.company, folder / "identity")
        with shipped_instance(home) as instance:
            harness = Harness(
                sandbox,
                folder,
                instance=instance,
                now=None,
                env={"AI_USAGE_START_DATE": str(days.first), "AI_USAGE_REPORT_DIR": str(folder / "reports")},
            )
            harness.env |= {
                "DAGSTER_HOME": str(home),
                "DAGSTER_DISABLE_TELEMETRY": "1",
                "PYTHONPATH": str(ROOT),
            }
            assert harness.errors("*", days) == {}
            assert step_errors(harness.page(f"{newest:%Y-%m}")) == {}
        with started(command, folder, harness.env, log) as process:
            wait_for_answer(process, port, log)
            yield Served(f"http://127.0.0.1:{port}", log, harness, days)


def wait_for_answer(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + MAX_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            httpx.get(f"http://127.0.0.1:{port}/server_info", timeout=5).raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.5)
        else:
            return
    raise AssertionError(f"dagster dev did not start:\n{log.read_text(encoding='utf-8')[-3000:]}")
