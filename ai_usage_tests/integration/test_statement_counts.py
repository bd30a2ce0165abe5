"""The cost of a run in counts that do not depend on the machine. Change a count here only if the change is intended."""

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any
from unittest.mock import patch

import duckdb
import pytest

from ai_usage_assets.days import ONE_DAY, Days
from ai_usage_assets.demo.sandbox.company.identity import write as write_identity
from ai_usage_assets.demo.sandbox.server import running
from ai_usage_assets.schema.model import Layer
from ai_usage_assets.schema.registry import TABLES
from ai_usage_tests.support.harness import NOW, Harness, small_company

pytestmark = pytest.mark.slow

MONTH = Days(date(2026, 10, 21), date(2026, 11, 19))
REQUESTS = 48
"""Of them 30 are Claude Code's, which answers a day at a time; one names the accounts of what has no key, one
the billing groups, one the open day's events beside Cursor's own totals."""
MAX_STATEMENTS = {
    "select": 200,
    "insert": 32,
    "delete": 32,
    "create": 184,
    "create temp": 16,
    "describe": 32,
    "set": 349,
}
"""Statements by their first word. Opening a session is a `create schema` and two `set`."""
MAX_EVENTS = 2_195
"""Dagster's events: of steps, checks, and each day of each table once."""
CREATING_TABLES = Counter({"create": 40, "set": 40})
COPIES = {"insert into", "create temp"}
UPSERTED_OR_COMPUTED = {Layer.SNAPSHOT, Layer.TOTALS, Layer.CURATED}


class CountingConnection:
    """A connection that counts what is executed through it, and the rows that are copied by it."""

    def __init__(self, connection: Any, counts: Counter[str]) -> None:
        self._connection, self._counts = connection, counts

    def execute(self, sql: str, *given: Any) -> Any:
        first = " ".join(sql.split()[:2]).lower()
        kind = first if first in COPIES else first.split()[0].rstrip(";")
        self._counts[kind.removesuffix(" into")] += 1
        result = self._connection.execute(sql, *given)
        if first in COPIES:
            self._counts["rows copied"] += result.fetchone()[0]
        return result

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


class CountedRuns:
    """A month of every table, materialized twice: into an empty warehouse, and into the tables of the first run."""

    def __init__(self, folder: Path) -> None:
        connect = duckdb.connect
        self.runs: list[Counter[str]] = []
        with running(now=NOW) as sandbox:
            write_identity(sandbox.company, folder / "identity")
            harness = Harness(sandbox, folder, env={"AI_USAGE_START_DATE": str(MONTH.first)})
            for _ in range(2):
                counts: Counter[str] = Counter()
                sandbox.requests.clear()
                with patch.object(
                    duckdb, "connect", lambda path, c=counts: CountingConnection(connect(path), c)
                ):
                    run = harness.materialize("*", MONTH)
                counts["events"] = len(harness.instance.all_logs(run.run_id))
                counts["requests"] = sum(sandbox.requests.values())
                self.runs.append(counts)
        kept = [table for table in TABLES if table.layer is not Layer.VIEW]
        with connect(str(folder / "ai_usage.duckdb")) as connection:
            sql = " union all ".join(f"select count(*) from ai_usage.ai_usage.{t.name}" for t in kept)
            self.rows = {t: n for t, (n,) in zip(kept, connection.execute(sql).fetchall(), strict=True)}


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> CountedRuns:
    return CountedRuns(tmp_path_factory.mktemp("counted"))


def test_a_run_sends_no_more_requests(counted: CountedRuns) -> None:
    assert [run["requests"] for run in counted.runs] == [REQUESTS, REQUESTS]


def test_a_run_executes_no_more_statements(counted: CountedRuns) -> None:
    first, again = ({kind: run[kind] for kind in MAX_STATEMENTS} for run in counted.runs)
    assert {kind: n for kind, n in again.items() if n > MAX_STATEMENTS[kind]} == {}
    # the first run creates the tables, too
    assert {kind: n for kind, n in first.items() if n > MAX_STATEMENTS[kind] + CREATING_TABLES[kind]} == {}


def test_a_run_records_no_more_events(counted: CountedRuns) -> None:
    assert max(run["events"] for run in counted.runs) <= MAX_EVENTS


def test_a_row_is_copied_once_and_one_that_is_computed_twice(counted: CountedRuns) -> None:
    staged = sum(n for table, n in counted.rows.items() if table.layer in UPSERTED_OR_COMPUTED)
    for run in counted.runs:
        assert run["rows copied"] <= sum(counted.rows.values()) + staged


def test_another_day_needs_no_translation_that_the_day_before_did_not_need(
    tmp_path: Path, own_translations: Path
) -> None:
    with small_company(tmp_path, {"AI_USAGE_START_DATE": str(MONTH.first)}) as harness:
        kept = []
        # the first run reads everything that is not seen yet, and the newest day is read beside the open one
        for day in (MONTH.last - n * ONE_DAY for n in (4, 3, 2)):
            assert harness.materialize("*", Days.one(day)).success
            kept.append(sorted(file.name for file in own_translations.rglob("*") if file.is_file()))
    assert len(kept[0]) > 50
    assert kept[1] == kept[2]
