"""A fact's day that is older than its raw days, or not there, is named; whatever the reason that nobody built it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from ai_usage_assets.days import Days, utc_now
from ai_usage_assets.defs.checks.staleness import CHECK
from ai_usage_assets.demo.sandbox.server import Sandbox, running
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from ai_usage_tests.support.graph import environment, materialise
from ai_usage_tests.support.watched_checks import Answers, ask, said

TWO = Days(date(2026, 11, 18), date(2026, 11, 19))
RAW, FACT = "raw_cursor_events", "fct_usage_daily"
COST = "fct_cost_daily"


class Warehouse:
    def __init__(self, sandbox: Sandbox, folder: Path, instance: dg.DagsterInstance) -> None:
        self.engine, self.instance = DuckDBEngine(folder / "ai_usage.duckdb"), instance
        self.env = environment(sandbox, self.engine, folder) | {"AI_USAGE_START_DATE": "2026-11-01"}

    def write(self, table: str, days: Days = TWO) -> None:
        assert materialise(self.env, days, table, self.instance).success

    def ask(self, instance: dg.DagsterInstance | None = None, hours_later: float = 3) -> Answers:
        now = utc_now() + timedelta(hours=hours_later)
        return ask(self.env, instance or self.instance, CHECK, now)

    def execute(self, sql: str) -> None:
        with self.engine.session() as session:
            session.execute(sql)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running(now=datetime(2026, 11, 20, 12, tzinfo=UTC)) as sandbox:
        yield sandbox


@pytest.fixture
def warehouse(sandbox: Sandbox, tmp_path: Path) -> Iterator[Warehouse]:
    with dg.DagsterInstance.ephemeral() as instance:
        warehouse = Warehouse(sandbox, tmp_path, instance)
        warehouse.write(RAW)
        yield warehouse


def test_raw_days_without_their_fact_are_named_with_the_remedy(warehouse: Warehouse) -> None:
    answers = warehouse.ask()

    assert {name: said(answer, "stale") for name, answer in answers.items()} == {
        FACT: str(TWO),
        COST: str(TWO),
    }
    assert f"Materialize {FACT} for these days" in str(said(answers[FACT], "hint"))


def test_a_fact_that_was_built_since_passes(warehouse: Warehouse) -> None:
    warehouse.write(FACT)
    answers = warehouse.ask()
    assert (answers[FACT].passed, answers[COST].passed) == (True, False)


def test_a_raw_day_that_was_written_again_makes_its_fact_old(warehouse: Warehouse) -> None:
    warehouse.write(FACT)
    warehouse.write(RAW, Days.one(TWO.last))
    assert said(warehouse.ask()[FACT], "stale") == "2026-11-19"


def test_a_fact_has_two_hours_to_follow(warehouse: Warehouse) -> None:
    assert warehouse.ask(hours_later=1)[FACT].passed


def test_a_day_that_was_emptied_makes_its_fact_old_though_it_has_no_rows(
    warehouse: Warehouse, sandbox: Sandbox
) -> None:
    emptied = Days.one(date(2026, 11, 10))
    warehouse.write(f"{RAW},{FACT}", Days(emptied.first, TWO.last))
    sandbox.empty(emptied.first, "cursor")
    warehouse.write(RAW, emptied)

    assert said(warehouse.ask()[FACT], "stale") == "2026-11-10"

    warehouse.write(FACT, emptied)
    assert warehouse.ask()[FACT].passed


def test_a_restored_fact_is_old_though_dagster_recorded_it(warehouse: Warehouse) -> None:
    warehouse.write(FACT)
    warehouse.execute(f"delete from {FACT} where usage_date = date '2026-11-19'")
    warehouse.execute(
        f"update {FACT} set processed_at = timestamp '2026-01-01 00:00:00' where usage_date = date '2026-11-18'"
    )
    assert said(warehouse.ask()[FACT], "stale") == str(TWO)


def test_a_warehouse_without_dagsters_record_is_judged_by_its_rows(warehouse: Warehouse) -> None:
    warehouse.write(FACT)
    with dg.DagsterInstance.ephemeral() as other:
        answers = warehouse.ask(other)
    assert answers[FACT].passed
