"""What loading the code location may import. Every process pays for it first: a run, a daemon's tick, a command."""

import subprocess
import sys
from pathlib import Path

import pytest

from ai_usage_tests.support.hang import MAX_SECONDS

ENV = {
    "PATH": "/usr/bin",
    "PYTHONPATH": str(Path(__file__).parents[2]),
    "AI_USAGE_START_DATE": "2026-01-01",
    # each setting that has something to look at
    "AI_USAGE_ALERT_WEBHOOK_URL": "https://hooks.example.com/x",
    "ANTHROPIC_ADMIN_API_KEY": "k",
    "ANTHROPIC_ADMIN_BASE_URL": "http://127.0.0.1:9",
    "CURSOR_ADMIN_API_KEY": "k",
    "CURSOR_ADMIN_BASE_URL": "https://proxy.example.com/cursor",
}
LOADED = """
import gc
import sys
import dagster
before = set(sys.modules)
import ai_usage_assets.definitions
assert gc.isenabled() and gc.get_freeze_count() > 100_000
print(*sorted(set(sys.modules) - before), sep="\\n")
"""


def output_of(code: str, **more: str) -> str:
    """What the code prints in a new process."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**ENV, **more},
        capture_output=True,
        text=True,
        timeout=MAX_SECONDS,
        check=True,
    )
    return done.stdout


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    """The modules that the embedded engine's code location loads, and `import dagster` alone does not."""
    return set(output_of(LOADED).split())


def test_no_library_is_loaded_but_dagster_and_those_of_settings_and_records(loaded: set[str]) -> None:
    """Not pandas, pyarrow, sqlglot, httpx, an engine or a web server: each waits until something needs it."""
    libraries = {name.split(".")[0] for name in loaded} - sys.stdlib_module_names
    assert libraries == {"ai_usage_assets", "dagster", "dotenv", "msgspec", "pydantic", "pydantic_settings"}


def test_hardly_more_of_dagster_is_loaded_than_it_loads_itself(loaded: set[str]) -> None:
    """Its backfills alone are 37 modules more."""
    assert len([name for name in loaded if name.startswith("dagster.")]) <= 8


def test_what_serves_no_assets_is_not_loaded(loaded: set[str]) -> None:
    """The vendors' clients, the write path and the sandbox."""
    ours = {name.removeprefix("ai_usage_assets.") for name in loaded if name.startswith("ai_usage_assets.")}
    assert not {name for name in ours if name.startswith("demo")}
    assert not ours & {
        "sources.http.client",
        "warehouse.duckdb.engine",
        "warehouse.write",
        "warehouse.dialect",
    }
    assert len(ours) <= 156


REFUSED = """
import gc
try:
    import ai_usage_assets.definitions
except ValueError as refused:
    print(gc.isenabled(), gc.get_freeze_count(), refused)
"""


def test_refused_settings_leave_garbage_collection_as_it_was() -> None:
    said = output_of(REFUSED, AI_USAGE_START_DATE="tomorrow")
    assert said.startswith("True 0 AI_USAGE_START_DATE")


RUN = """
import sys
import dagster as dg
from ai_usage_assets.definitions import defs
run = defs.resolve_implicit_global_asset_job_def().execute_in_process(
    asset_selection=[dg.AssetKey("fct_usage_daily"), dg.AssetKey("agg_report_days")], partition_key="2026-11-18"
)
assert run.success
print(*sorted({name.split(".")[0] for name in sys.modules}), sep="\\n")
"""


def test_run_of_facts_and_views_loads_neither_pandas_nor_a_client(tmp_path: Path) -> None:
    run = output_of(RUN, AI_USAGE_DUCKDB_PATH=str(tmp_path / "x.duckdb"), AI_USAGE_IDENTITY_DIR=str(tmp_path))
    loaded = set(run.split())
    assert {"duckdb", "pyarrow"} <= loaded
    assert not loaded & {"pandas", "httpx", "google"}


def test_the_embedded_engine_its_writes_and_the_vendors_do_without_pandas() -> None:
    """Only a table that is returned as a DataFrame needs it, and Google's client."""
    script = """
import importlib, pkgutil, sys
from ai_usage_assets import sources, warehouse
for package in (sources, warehouse):
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if ".bigquery" not in module.name:
            importlib.import_module(module.name)
print(*sorted({"dagster", "google.cloud.bigquery", "pandas", "sqlglot"} & sys.modules.keys()))
"""
    done = subprocess.run([sys.executable, "-c", script], env=ENV, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["sqlglot"]
