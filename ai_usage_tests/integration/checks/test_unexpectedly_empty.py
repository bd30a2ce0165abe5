"""An empty day is an answer, and a strange one where that weekday has had rows for four weeks: that is warned of."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from ai_usage_assets.days import Days
from ai_usage_assets.defs.checks.unexpectedly_empty import CHECK
from ai_usage_assets.demo.sandbox.server import Sandbox, running
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from ai_usage_tests.support.graph import environment, materialise
from ai_usage_tests.support.watched_checks import ask, said

THURSDAY = date(2026, 11, 19)
MONTH = Days(date(2026, 10, 22), THURSDAY)
EVENING = datetime(2026, 11, 20, 20, tzinfo=UTC)
"""Thursday is due since six."""
TABLE = "raw_cursor_events"


class Landed:
    """A month of full Thursdays, the last of which the vendor says is empty."""

    def __init__(self, sandbox: Sandbox, folder: Path, instance: dg.DagsterInstance) -> None:
        self.engine, self.instance = DuckDBEngine(folder / "ai_usage.duckdb"), instance
        self.env = environment(sandbox, self.engine, folder) | {"AI_USAGE_START_DATE": str(MONTH.first)}
        assert materialise(self.env, MONTH, TABLE, instance, lambda: EVENING).success

    def ask(self, now: datetime = EVENING) -> dg.AssetCheckEvaluation:
        return ask(self.env, self.instance, CHECK, now)[TABLE]

    def withdraw(self, day: date) -> None:
        with self.engine.session() as session:
            session.execute(f"delete from {TABLE} where ingest_date = date '{day}'")


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Landed]:
    with running(now=EVENING) as sandbox, dg.DagsterInstance.ephemeral() as instance:
        sandbox.empty(THURSDAY, "cursor")
        yield Landed(sandbox, tmp_path_factory.mktemp("month"), instance)


def test_an_empty_thursday_after_four_full_ones_is_warned_of_with_what_to_do(month: Landed) -> None:
    warned = month.ask()

    assert (warned.passed, warned.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert warned.description == (
        "raw_cursor_events: no rows on Thursday 2026-11-19, but rows on each of the 4 Thursdays before"
    )
    assert f"materialize {TABLE}, 2026-11-19" in str(said(warned, "hint"))


def test_a_full_day_and_one_that_is_not_here_yet_are_not_warned_of(month: Landed) -> None:
    assert month.ask(EVENING - timedelta(days=1)).passed
    assert month.ask(EVENING + timedelta(days=1)).passed


def test_a_weekday_that_was_empty_before_may_be_empty_again(month: Landed) -> None:
    month.withdraw(THURSDAY - timedelta(weeks=4))

    assert month.ask().passed
