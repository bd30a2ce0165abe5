"""Webserver and daemon start together in a new folder, ten times: both come up, and the records can be opened again.

Without a lock, the two create Dagster's tables at once; in some tries that leaves two revisions, and Dagster never
starts in the folder again.
"""

import sqlite3
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from ai_usage_assets.ops.records import DEFAULT_HOME, open_records
from ai_usage_tests.support.dagster_processes import ROOT, START, free_port, started
from ai_usage_tests.support.hang import MAX_SECONDS

TIMES = 10
# neither loads the code location: what is tested is over before that
WORKSPACE = ["--workspace", "workspace.yaml"]


def is_served(port: int) -> bool:
    with suppress(httpx.HTTPError):
        return httpx.get(f"http://127.0.0.1:{port}/server_info", timeout=5).is_success
    return False


def has_heartbeat(home: Path) -> bool:
    with suppress(sqlite3.OperationalError):
        connection = sqlite3.connect(f"file:{home}/history/runs.db?mode=ro", uri=True)
        try:
            return bool(connection.execute("select count(*) from daemon_heartbeats").fetchone()[0])
        finally:
            connection.close()
    return False


@pytest.mark.parametrize("number", range(TIMES))
def test_webserver_and_daemon_start_together_in_a_new_folder(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "workspace.yaml").write_text("load_from: []\n", encoding="utf-8")
    home, port = tmp_path / DEFAULT_HOME, free_port()
    env = {"DAGSTER_HOME": "", "PYTHONPATH": str(ROOT)}
    web = [*START, "dagster-webserver", "-h", "127.0.0.1", "-p", str(port), *WORKSPACE]
    logs = tmp_path / "web.log", tmp_path / "daemon.log"
    with (
        started(web, tmp_path, env, logs[0]) as webserver,
        started([*START, "dagster-daemon", "run", *WORKSPACE], tmp_path, env, logs[1]) as daemon,
    ):
        wait_for_both((webserver, daemon), home, port, logs)
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    monkeypatch.setenv("DAGSTER_EVENT_BATCH_SIZE", "1000")
    open_records(home)


def wait_for_both(
    processes: tuple[subprocess.Popen[bytes], ...], home: Path, port: int, logs: tuple[Path, ...]
) -> None:
    until = time.monotonic() + MAX_SECONDS
    while not (is_served(port) and has_heartbeat(home)):
        ended = [process.args for process in processes if process.poll() is not None]
        said = "\n".join(log.read_text(encoding="utf-8", errors="replace")[-1500:] for log in logs)
        assert not ended, said
        assert time.monotonic() < until, said
        time.sleep(0.5)
