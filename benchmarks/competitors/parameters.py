"""The parameters that every competitor gets, and the stopwatch whose result it prints."""

import json
import os
import sys
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from time import perf_counter, process_time

from ai_usage_assets.curated.select import FIRST_DAY
from ai_usage_assets.days import Days

SCHEMA = "ai_usage"
UNLIMITED = 1_000_000


@dataclass(frozen=True)
class Parameters:
    url: str
    """The address of both vendors' APIs."""
    folder: str
    """The folder for the competitor's files. It holds `identity/` and `statements.json`."""
    first: str
    last: str
    anthropic_key: str
    cursor_key: str
    limits: bool = False
    """Whether Cursor's documented rate limits apply."""
    tables: str = ""
    """Only these tables, separated by commas. All tables if it is empty."""

    @property
    def days(self) -> Days:
        return Days(date.fromisoformat(self.first), date.fromisoformat(self.last))

    @property
    def home(self) -> Path:
        return Path(self.folder)

    @property
    def database(self) -> Path:
        # not named like the schema: DuckDB reports such a name as ambiguous, and the peers would fail
        return self.home / "bench.duckdb"

    def includes(self, table: str) -> bool:
        return not self.tables or table in self.tables.split(",")

    def as_argument(self) -> str:
        return json.dumps(asdict(self))

    def environment(self) -> dict[str, str]:
        """The environment variables that a user of the product would export. The start date is the default if it can be."""
        return {
            "ANTHROPIC_ADMIN_API_KEY": self.anthropic_key,
            "ANTHROPIC_ADMIN_BASE_URL": self.url,
            "CURSOR_ADMIN_API_KEY": self.cursor_key,
            "CURSOR_ADMIN_BASE_URL": self.url,
            "CURSOR_REQUESTS_PER_MINUTE": "" if self.limits else str(UNLIMITED),
            "AI_USAGE_START_DATE": "" if self.days.first >= FIRST_DAY else self.first,
            "AI_USAGE_IDENTITY_DIR": str((self.home / "identity").absolute()),
            "AI_USAGE_REPORT_DIR": str((self.home / "reports").absolute()),
            "AI_USAGE_DUCKDB_PATH": str(self.database.absolute()),
            "DAGSTER_HOME": str((self.home / "dagster").absolute()),
            "DAGSTER_DISABLE_TELEMETRY": "1",
            "BIGQUERY_PROJECT": "",
            "BIGQUERY_DATASET": "",
        }


def start_date() -> str:
    """The first day of all partitions, from the environment."""
    return os.environ.get("AI_USAGE_START_DATE") or str(FIRST_DAY)


def read_parameters() -> Parameters:
    """The parameters in the first argument of the command."""
    return Parameters(**json.loads(sys.argv[1]))


class Stopwatch:
    """Seconds of the work alone, without the start of the process and its imports."""

    def __init__(self) -> None:
        self._started, self._cpu = perf_counter(), process_time()

    def done(self, **more: object) -> None:
        work, cpu = perf_counter() - self._started, process_time() - self._cpu
        print(json.dumps({"work": work, "work_cpu": cpu, **more}), flush=True)
