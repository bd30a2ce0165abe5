"""The folder that a sample runs in: identity files, translated statements, and a DAGSTER_HOME of the kind wanted."""

from pathlib import Path

from ai_usage_assets.sandbox.company import Company
from ai_usage_assets.sandbox.identity import write as write_identity
from benchmarks import statements
from benchmarks.work import Work

ROOT = Path(__file__).parents[1]
SHIPPED = ROOT / "dagster.yaml"
QUIET = "telemetry:\n  enabled: false\n"
# what ADR 0015 says to set, where the project ships no file that sets it
BATCHES = """event_log_storage:
  module: ai_usage_assets.event_log
  class: BatchingSqliteEventLogStorage
  config:
    dagster_home:
      env: DAGSTER_HOME
"""
POSTGRES = """storage:
  postgres:
    postgres_url:
      env: BENCH_POSTGRES_URL
"""


def prepare(folder: Path, work: Work, records: str) -> None:
    write_identity(Company(work.people), folder / "identity")
    statements.write(folder, work.window)
    home = folder / "dagster"
    home.mkdir(parents=True)
    (home / "dagster.yaml").write_text(_yaml(records), encoding="utf-8")


def _yaml(records: str) -> str:
    if records == "shipped":
        return SHIPPED.read_text(encoding="utf-8") if SHIPPED.exists() else QUIET + BATCHES
    return QUIET + (POSTGRES if records == "postgres" else "")
