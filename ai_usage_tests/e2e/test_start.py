"""What README.md and docs/ tell people to run: each start has the records of the ones before it."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import dagster as dg
import httpx

from ai_usage_assets.demo.sandbox.server import running
from ai_usage_assets.ops.records import DEFAULT_HOME
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from ai_usage_tests.e2e.browser.served import wait_for_answer
from ai_usage_tests.support.dagster_processes import ROOT, free_port, shipped_instance, started
from ai_usage_tests.support.hang import MAX_SECONDS
from ai_usage_tests.support.harness import NOW, environment

# a shell without any variable of ours or of Dagster's
CLEAN = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
QUERY = '{ assetNodes(assetKeys: [{path: ["raw_cursor_members"]}]) { assetMaterializations { runId } } }'


def documented(page: str, first_words: str) -> list[str]:
    """The command of a page that begins with these words after `python -m ai_usage_assets.start`."""
    text = (ROOT / page).read_text(encoding="utf-8")
    [command] = re.findall(
        rf"^ *\.venv/bin/python -m (ai_usage_assets\.start {re.escape(first_words)}.*)$", text, re.MULTILINE
    )
    return [sys.executable, "-m", *shlex.split(command)]


def test_commands_of_the_documents_keep_their_records_in_one_place(tmp_path: Path) -> None:
    folder = tmp_path / "a checkout"
    folder.mkdir()
    materialize = documented("docs/backfills.md", "dagster asset materialize")
    select = materialize.index("--select")
    assert "\n   .venv/bin/ai-usage up\n" in (ROOT / "README.md").read_text(encoding="utf-8")
    # in a folder without the checkout's workspace.yaml
    up, port = [sys.executable, "-m", "ai_usage_assets.cli", "up"], free_port()
    env = {**CLEAN, "PYTHONPATH": str(ROOT)}
    with running(now=NOW) as sandbox:
        variables = environment(sandbox, DuckDBEngine(folder / "ai_usage.duckdb"), folder)
        lines = [f"{name}='{value}'" for name, value in variables.items()]
        (folder / ".env").write_text("\n".join(lines), encoding="utf-8")
        for _ in range(2):
            done = subprocess.run(
                [*materialize[:select], "--select", "raw_cursor_members"],
                cwd=folder, env=env, capture_output=True, text=True, timeout=MAX_SECONDS, check=False,
            )  # fmt: skip
            assert done.returncode == 0, done.stderr[-2000:]
            assert done.stderr.startswith(f"Dagster's records are in {folder / DEFAULT_HOME}.\n")
        command, log = [*up, "--port", str(port)], tmp_path / "dev.log"
        with started(command, folder, env, log, inherited={}) as process:
            wait_for_answer(process, port, log)
            answer: Any = httpx.post(
                f"http://127.0.0.1:{port}/graphql", json={"query": QUERY}, timeout=120
            ).json()
    [node] = answer["data"]["assetNodes"]
    with shipped_instance(folder / DEFAULT_HOME) as instance:
        # the sensors of the UI may have started others
        first_two = instance.get_runs()[-2:]
    assert [run.status for run in first_two] == [dg.DagsterRunStatus.SUCCESS] * 2
    assert {run.run_id for run in first_two} <= {seen["runId"] for seen in node["assetMaterializations"]}
    assert not list(folder.glob(".tmp_dagster_home_*"))
