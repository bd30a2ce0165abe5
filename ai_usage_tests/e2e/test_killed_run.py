"""A backfill of sixty days that is killed half way, and then the same command again."""

import re
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import dagster as dg
import pytest

from ai_usage_assets.days import Days
from ai_usage_assets.demo.sandbox import faults
from ai_usage_assets.demo.sandbox.server import Sandbox, running
from ai_usage_assets.ops.records import DEFAULT_HOME
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from ai_usage_tests.support.dagster_processes import materialize_command, shipped_instance
from ai_usage_tests.support.hang import MAX_SECONDS
from ai_usage_tests.support.harness import NOW

DAYS = Days(date(2026, 8, 20), date(2026, 10, 18))
FIRST_WINDOW = Days(date(2026, 8, 20), date(2026, 9, 19))
USAGE = "/v1/organizations/usage_report/messages"
CLAUDE_CODE = "/v1/organizations/usage_report/claude_code"
EVENTS = "/teams/filtered-usage-events"
BOTH = ("raw_claude_code_usage", "raw_claude_code_models")
TABLES = ("raw_anthropic_usage", *BOTH, "raw_cursor_events")


class KilledRun:
    """The record and the warehouse after the kill, and after the same command again."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self.engine = DuckDBEngine(folder / "ai_usage.duckdb")
        self._home = folder / DEFAULT_HOME
        self.truth = sandbox.company.totals(DAYS)
        words = ("--select", ",".join(TABLES), "--partition-range", str(DAYS))
        arguments = materialize_command(sandbox, folder, *words)
        # the records exist before the run begins, because they are read while it runs
        assert not self.recorded()[BOTH[1]]
        # the second window takes longer than the test waits
        sandbox.faults.next(CLAUDE_CODE, faults.Fault(), times=len(FIRST_WINDOW))
        sandbox.faults.next(CLAUDE_CODE, faults.slow(85), times=len(DAYS) - len(FIRST_WINDOW))
        log = folder / "killed.log"
        with (
            log.open("w") as stderr,
            subprocess.Popen(**arguments, stdout=subprocess.DEVNULL, stderr=stderr) as run,
        ):
            deadline = time.monotonic() + MAX_SECONDS
            published = f"{BOTH[0]}: {FIRST_WINDOW} published"
            while self.recorded()[BOTH[1]] < len(FIRST_WINDOW) or published not in log.read_text():
                assert run.poll() is None, "it ended before it could be killed"
                assert time.monotonic() < deadline
                time.sleep(0.1)
            run.kill()
        self.exit_code = run.returncode
        self.log_of_killed = log.read_text()
        self.recorded_after_kill = self.recorded()
        self.rows_after_kill = {table: self.days_with_rows(table) for table in BOTH}
        sandbox.faults.clear()
        sandbox.requests.clear()
        again = subprocess.run(**arguments, capture_output=True, timeout=MAX_SECONDS, check=False)
        assert again.returncode == 0, again.stderr[-2000:]
        self.log = again.stderr
        self.requests = Counter(sandbox.requests)

    def recorded(self) -> Counter[str]:
        with shipped_instance(self._home) as instance:
            return Counter({t: len(instance.get_materialized_partitions(dg.AssetKey(t))) for t in TABLES})

    def days_with_rows(self, table: str) -> set[date]:
        with self.engine.session() as session:
            rows = session.fetch(f"select distinct ingest_date as day from {table}").to_pylist()
        return {row["day"] for row in rows}

    def total(self, table: str, measure: str) -> int:
        with self.engine.session() as session:
            [row] = session.fetch(f"select {measure} as n from {table}").to_pylist()
        return int(row["n"])


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KilledRun]:
    with running(now=NOW) as sandbox:
        yield KilledRun(sandbox, tmp_path_factory.mktemp("killed"))


def test_the_run_ended_by_sigkill(killed: KilledRun) -> None:
    assert (len(DAYS), killed.exit_code) == (60, -9)


def test_dagster_has_the_windows_before_the_kill_on_record_and_no_other_day(killed: KilledRun) -> None:
    assert killed.recorded_after_kill == {
        "raw_anthropic_usage": 60,
        "raw_claude_code_usage": 31,
        "raw_claude_code_models": 31,
        "raw_cursor_events": 0,
    }


def test_the_record_and_the_warehouse_have_the_same_days(killed: KilledRun) -> None:
    days = {day for day, t in killed.truth.items() if any(of.records for of in t.claude_code.values())}
    for table in BOTH:
        assert killed.rows_after_kill[table] == days & set(FIRST_WINDOW)


def test_the_same_command_finishes_with_as_many_requests_as_an_unbroken_run(killed: KilledRun) -> None:
    events = [sum(killed.truth[day].cursor.events for day in window) for window in DAYS.chunks(30)]
    assert killed.requests == {USAGE: 2, CLAUDE_CODE: 60, EVENTS: sum(-(-n // 1000) for n in events)}
    assert killed.recorded() == dict.fromkeys(TABLES, 60)


def test_every_sum_is_equal_to_the_companys(killed: KilledRun) -> None:
    truth = killed.truth.values()
    sessions = sum(of.num_sessions for t in truth for of in t.claude_code.values())
    output = sum(of.output for t in truth for of in t.claude_code.values())
    tokens = sum(t.anthropic.output_tokens for t in truth)
    assert killed.total("raw_anthropic_usage", "sum(output_tokens)") == tokens
    assert killed.total("raw_claude_code_usage", "sum(sessions)") == sessions
    assert killed.total("raw_claude_code_models", "sum(output_tokens)") == output
    assert killed.total("raw_cursor_events", "count(*)") == sum(t.cursor.events for t in truth)


def test_the_log_shows_what_was_fetched_and_what_was_written(killed: KilledRun) -> None:
    fetched = re.findall(r"raw_claude_code - (\S+) fetched: (\d+) pages, \d+ rows", killed.log)
    assert (fetched[0][0].split("...")[0], fetched[-1][0].split("...")[-1]) == (
        str(DAYS.first),
        str(DAYS.last),
    )
    assert sum(int(pages) for _, pages in fetched) == 60
    assert re.search(rf"raw_claude_code_usage: \d+ rows in {DAYS}, [\d.]+ s of writing", killed.log)


def test_the_log_shows_the_progress_after_each_window_and_the_time_left(killed: KilledRun) -> None:
    message = rf"raw_claude_code_usage: {FIRST_WINDOW} published; 31 of 60 days, \d+ rows, [\d.]+ days/s, about \d+ s left"
    assert re.search(message, killed.log_of_killed)
