"""Postgres, code server, daemon and webserver as docs/deploy.md describes them: a backfill of a week, and its totals."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from ai_usage_assets.days import Days, last_closed
from ai_usage_assets.demo.sandbox.company.identity import write as write_identity
from ai_usage_assets.demo.sandbox.server import running
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from ai_usage_assets.warehouse.sql import within
from ai_usage_tests.support.dagster_processes import ROOT, end, free_port
from ai_usage_tests.support.harness import environment

BIN = Path(sys.executable).parent
START_SECONDS, BACKFILL_SECONDS = 180.0, 600.0
ASSETS = ["raw_anthropic_usage", "raw_anthropic_cost", "raw_cursor_usage", "raw_cursor_events"]
LAUNCH = """mutation ($assets: [AssetKeyInput!], $days: [String!]) {
  launchPartitionBackfill(backfillParams: {assetSelection: $assets, partitionNames: $days, title: "a week"}) {
    __typename ... on LaunchBackfillSuccess { backfillId } ... on PythonError { message } } }"""
STATUS = "query ($id: String!) { partitionBackfillOrError(backfillId: $id) { ... on PartitionBackfill { status } } }"


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """A temporary Postgres server on loopback; yields its SQLAlchemy URL. Postgres refuses to run as root."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not found:
        sys.exit("Postgres is not installed. On Debian: apt-get install postgresql")
    binaries = found[-1]
    user = "postgres" if os.getuid() == 0 else None
    data, port = folder / "postgres", free_port()
    data.mkdir(mode=0o700)
    if user:
        shutil.chown(data, user, user)
        folder.chmod(0o755)
    subprocess.run(
        [binaries / "initdb", "-D", data, "-U", "dagster", "--auth=trust"], check=True, user=user,
        stdout=subprocess.DEVNULL, cwd="/",
    )  # fmt: skip
    command = [
        str(binaries / "postgres"),
        "-D",
        str(data),
        "-p",
        str(port),
        "-h",
        "127.0.0.1",
        "-k",
        str(data),
    ]
    with (folder / "postgres.log").open("w") as log:
        server = subprocess.Popen(
            command, user=user, cwd="/", stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        ready = [str(binaries / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
        wait("Postgres", lambda: subprocess.run(ready, check=False).returncode == 0)
        subprocess.run(
            [binaries / "createdb", "-h", "127.0.0.1", "-p", str(port), "-U", "dagster", "dagster"],
            check=True,
        )
        yield f"postgresql+psycopg2://dagster@127.0.0.1:{port}/dagster"
    finally:
        end(server)


def wait(what: str, done: Any, limit: float = START_SECONDS) -> float:
    started = time.monotonic()
    while time.monotonic() < started + limit:
        if done():
            return time.monotonic() - started
        time.sleep(1)
    sys.exit(f"{what}: not ready within {limit:.0f} s")


@contextmanager
def process(name: str, command: list[str], env: dict[str, str], folder: Path) -> Iterator[None]:
    with (folder / f"{name}.log").open("w") as log:
        running_process = subprocess.Popen(
            [str(BIN / command[0]), *command[1:]], env=env, cwd=folder, stdout=log, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
    try:
        yield
    finally:
        end(running_process)


def main() -> None:
    newest = last_closed(datetime.now(UTC) - timedelta(hours=1))
    week = Days(newest - timedelta(days=6), newest)
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        home = folder / "home"
        home.mkdir()
        shutil.copyfile(ROOT / "deploy" / "dagster.postgres.yaml", home / "dagster.yaml")
        # the file has a fixed port, for containers
        code, web = free_port(), free_port()
        workspace = (ROOT / "deploy" / "workspace.yaml").read_text().replace("4000", str(code))
        (folder / "workspace.yaml").write_text(workspace)
        records = stack.enter_context(postgres(folder))
        sandbox = stack.enter_context(running())
        write_identity(sandbox.company, folder / "identity")
        engine = DuckDBEngine(folder / "ai_usage.duckdb")
        common = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "DAGSTER_HOME": str(home),
            "DAGSTER_POSTGRES_URL": records,
            "DAGSTER_DISABLE_TELEMETRY": "1",
            "AI_USAGE_CODE_SERVER_HOST": "127.0.0.1",
        }
        # only the code server has the vendors' keys
        secrets = environment(sandbox, engine, folder) | {"AI_USAGE_START_DATE": str(week.first)}
        serve = ["dagster", "code-server", "start", "-h", "127.0.0.1", "-p", str(code)]
        serve += ["-m", "ai_usage_assets.definitions", "--location-name", "ai_usage_assets"]
        stack.enter_context(process("code", serve, common | secrets, folder))
        healthy = [str(BIN / "dagster"), "api", "grpc-health-check", "-p", str(code)]
        seconds = wait(
            "code server",
            lambda: subprocess.run(healthy, env=common, capture_output=True, check=False).returncode == 0,
        )
        print(f"code server: the health check passes after {seconds:.0f} s")
        stack.enter_context(
            process("daemon", ["dagster-daemon", "run", "-w", "workspace.yaml"], common, folder)
        )
        ui = ["dagster-webserver", "-h", "127.0.0.1", "-p", str(web), "-w", "workspace.yaml"]
        stack.enter_context(process("webserver", ui, common, folder))
        url = f"http://127.0.0.1:{web}"

        def responds() -> bool:
            try:
                return httpx.get(f"{url}/server_info", timeout=5).is_success
            except httpx.HTTPError:
                return False

        print(f"webserver: responds after {wait('webserver', responds):.0f} s")
        alive = [str(BIN / "dagster-daemon"), "liveness-check"]
        seconds = wait(
            "daemon",
            lambda: subprocess.run(alive, env=common, capture_output=True, check=False).returncode == 0,
        )
        print(f"daemon: the liveness check passes after {seconds:.0f} s")

        def query_graphql(query: str, **variables: Any) -> Any:
            response = httpx.post(
                f"{url}/graphql", json={"query": query, "variables": variables}, timeout=60
            ).json()
            assert "errors" not in response, response
            return response["data"]

        launched = query_graphql(
            LAUNCH, assets=[{"path": [key]} for key in ASSETS], days=[str(day) for day in week]
        )
        backfill = launched["launchPartitionBackfill"]["backfillId"]

        def ended() -> bool:
            status = query_graphql(STATUS, id=backfill)["partitionBackfillOrError"]["status"]
            assert status not in {"FAILED", "COMPLETED_FAILED", "CANCELED"}, (
                folder / "daemon.log"
            ).read_text()
            return bool(status == "COMPLETED_SUCCESS")

        print(f"backfill of {week}: done after {wait('backfill', ended, BACKFILL_SECONDS):.0f} s")
        totals = sandbox.company.totals(week)
        compare(engine, week, totals)
        leaked = [key for key in (sandbox.anthropic_key, sandbox.cursor_key) if key in all_logs(folder)]
        assert not leaked, "a log contains a key"


def all_logs(folder: Path) -> str:
    return "".join(path.read_text(errors="replace") for path in folder.glob("*.log"))


def compare(engine: DuckDBEngine, week: Days, totals: Any) -> None:
    """Print each total of the warehouse and of the sample company, and exit if two differ."""
    sums: dict[str, tuple[str, str, Callable[[Any], Any]]] = {
        "anthropic output tokens": (
            "raw_anthropic_usage",
            "output_tokens",
            lambda day: day.anthropic.output_tokens,
        ),
        "anthropic cents": ("raw_anthropic_cost", "amount_usd * 100", lambda day: day.anthropic.total_cents),
        "cursor input tokens": ("raw_cursor_events", "input_tokens", lambda day: day.cursor.input_tokens),
        "cursor events": ("raw_cursor_events", "1", lambda day: day.cursor.events),
    }
    with engine.session() as session:
        for name, (table, measure, total_of) in sums.items():
            sql = f"select sum({measure}) as loaded from {table} where {within('ingest_date', week)}"
            loaded = session.fetch(sql).to_pylist()[0]["loaded"]
            expected = sum(total_of(totals[day]) for day in week)
            print(f"{name:<24} {loaded:>16,} in the warehouse {expected:>16,} expected")
            if abs(loaded - expected) > 1e-4:
                sys.exit(f"{name} differs")


if __name__ == "__main__":
    main()
