"""A fact's day that is older than its raw days, or not there, is named; whatever the reason that nobody built it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import dagster as dg
import pytest

from ai_usage_assets.days import Days, utc_now
from ai_usage_assets.defs.checks.staleness import CHECK
from ai_usage_assets.demo.sandbox.server import Sandbox, running
from ai_usage_tests.support.harness import Evaluations, Harness, check_metadata

pytestmark = pytest.mark.slow

TWO = Days(date(2026, 11, 18), date(2026, 11, 19))
RAW, FACT = "raw_cursor_events", "fct_usage_daily"
COST = "fct_cost_daily"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running(now=datetime(2026, 11, 20, 12, tzinfo=UTC)) as sandbox:
        yield sandbox


@pytest.fixture
def warehouse(harness: Harness) -> Harness:
    """Two days of raw events, loaded now by the clock of the machine."""
    harness.env["AI_USAGE_START_DATE"] = "2026-11-01"
    harness.now = None
    load(harness, RAW)
    return harness


def load(warehouse: Harness, tables: str, days: Days = TWO) -> None:
    assert warehouse.materialize(tables, days).success


def check(warehouse: Harness, hours_later: float = 3, **options: Any) -> Evaluations:
    return warehouse.check(CHECK, utc_now() + timedelta(hours=hours_later), **options)


def test_raw_days_without_their_fact_are_named_with_the_remedy(warehouse: Harness) -> None:
    answers = check(warehouse)

    stale = {name: check_metadata(answer, "stale") for name, answer in answers.items()}
    assert stale == {
        FACT: str(TWO),
        COST: str(TWO),
        "fct_cursor_requests_daily": str(TWO),
        # their raw tables are not loaded
        **dict.fromkeys(("fct_activity_daily", "fct_anthropic_tokens_daily", "fct_seats_daily")),
    }
    assert f"Materialize {FACT} for these days" in str(check_metadata(answers[FACT], "hint"))


def test_a_fact_that_was_built_since_passes(warehouse: Harness) -> None:
    load(warehouse, FACT)
    answers = check(warehouse)
    assert (answers[FACT].passed, answers[COST].passed) == (True, False)


def test_a_raw_day_that_was_written_again_makes_its_fact_old(warehouse: Harness) -> None:
    load(warehouse, FACT)
    load(warehouse, RAW, Days.one(TWO.last))
    assert check_metadata(check(warehouse)[FACT], "stale") == "2026-11-19"


def test_a_fact_has_two_hours_to_follow(warehouse: Harness) -> None:
    assert check(warehouse, hours_later=118 / 60)[FACT].passed
    assert not check(warehouse, hours_later=122 / 60)[FACT].passed


def test_a_day_that_was_emptied_makes_its_fact_old_though_it_has_no_rows(
    warehouse: Harness, sandbox: Sandbox
) -> None:
    emptied = Days.one(date(2026, 11, 10))
    load(warehouse, f"{RAW},{FACT}", Days(emptied.first, TWO.last))
    sandbox.empty(emptied.first, "cursor")
    load(warehouse, RAW, emptied)

    assert check_metadata(check(warehouse)[FACT], "stale") == "2026-11-10"

    load(warehouse, FACT, emptied)
    assert check(warehouse)[FACT].passed


def test_a_restored_fact_is_old_though_dagster_recorded_it(warehouse: Harness) -> None:
    load(warehouse, FACT)
    warehouse.execute(f"delete from {FACT} where usage_date = date '2026-11-19'")
    warehouse.execute(
        f"update {FACT} set processed_at = timestamp '2026-01-01 00:00:00' where usage_date = date '2026-11-18'"
    )
    assert check_metadata(check(warehouse)[FACT], "stale") == str(TWO)


def test_a_warehouse_without_dagsters_record_is_judged_by_its_rows(warehouse: Harness) -> None:
    load(warehouse, FACT)
    with dg.DagsterInstance.ephemeral() as other:
        answers = check(warehouse, instance=other)
    assert answers[FACT].passed
