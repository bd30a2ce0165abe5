"""What every contestant is told, and what it says when it is done."""

import json
import sys
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from time import perf_counter, process_time

from ai_usage_assets.days import Days

SCHEMA = "ai_usage"
UNLIMITED = 1_000_000


@dataclass(frozen=True)
class Given:
    url: str
    """Where both vendors answer."""
    folder: str
    """Where the contestant writes; `identity/` and `statements.json` are there."""
    first: str
    last: str
    anthropic_key: str
    cursor_key: str
    limits: bool = False
    """Whether Cursor's documented limits are in force."""
    tables: str = ""
    """Only these tables, by name and comma; all of them if it is empty."""

    module: str = ""
    """The code location, for a contestant that can be more than one."""

    @property
    def days(self) -> Days:
        return Days(date.fromisoformat(self.first), date.fromisoformat(self.last))

    @property
    def home(self) -> Path:
        return Path(self.folder)

    @property
    def database(self) -> Path:
        # not named like the schema: DuckDB finds such a name ambiguous, and the peers meet that
        return self.home / "bench.duckdb"

    def wants(self, table: str) -> bool:
        return not self.tables or table in self.tables.split(",")

    def as_argument(self) -> str:
        return json.dumps(asdict(self))

    def environment(self, start: date) -> dict[str, str]:
        """What a user of the product would export."""
        return {
            "ANTHROPIC_ADMIN_API_KEY": self.anthropic_key,
            "ANTHROPIC_ADMIN_BASE_URL": self.url,
            "CURSOR_ADMIN_API_KEY": self.cursor_key,
            "CURSOR_ADMIN_BASE_URL": self.url,
            "CURSOR_REQUESTS_PER_MINUTE": "" if self.limits else str(UNLIMITED),
            "AI_USAGE_START_DATE": str(start),
            "AI_USAGE_IDENTITY_DIR": str((self.home / "identity").absolute()),
            "AI_USAGE_DUCKDB_PATH": str(self.database.absolute()),
            "DAGSTER_HOME": str((self.home / "dagster").absolute()),
            "DAGSTER_DISABLE_TELEMETRY": "1",
            "BIGQUERY_PROJECT": "",
            "BIGQUERY_DATASET": "",
        }


def given() -> Given:
    return Given(**json.loads(sys.argv[1]))


class Stopwatch:
    """Seconds of the work alone: what a process takes to start and import is the rest of its wall."""

    def __init__(self) -> None:
        self._started, self._cpu = perf_counter(), process_time()

    def done(self, **said: object) -> None:
        work, cpu = perf_counter() - self._started, process_time() - self._cpu
        print(json.dumps({"work": work, "work_cpu": cpu, **said}), flush=True)
