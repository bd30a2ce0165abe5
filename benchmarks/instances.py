"""The folder of a sample: identity files, translated statements, and a DAGSTER_HOME with the chosen storage."""

from pathlib import Path

from ai_usage_assets.demo.sandbox.company.company import Company
from ai_usage_assets.demo.sandbox.company.identity import write as write_identity
from benchmarks import statements
from benchmarks.workload import Workload

ROOT = Path(__file__).parents[1]
SHIPPED = ROOT / "ai_usage_assets" / "ops" / "dagster.yaml"
QUIET = "telemetry:\n  enabled: false\n"
POSTGRES = """storage:
  postgres:
    postgres_url:
      env: BENCH_POSTGRES_URL
"""


def prepare(folder: Path, work: Workload, records: str) -> None:
    write_identity(Company(work.people), folder / "identity")
    statements.write(folder, work.window)
    home = folder / "dagster"
    home.mkdir(parents=True)
    (home / "dagster.yaml").write_text(_yaml(records), encoding="utf-8")


def _yaml(records: str) -> str:
    if records == "shipped":
        return SHIPPED.read_text(encoding="utf-8")
    return QUIET + (POSTGRES if records == "postgres" else "")
