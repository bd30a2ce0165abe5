"""Late is late: the newest closed day is looked for, whatever older day was filled in meanwhile."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import dagster as dg
import pytest

from ai_usage_assets.days import Days
from ai_usage_assets.defs.checks import freshness
from ai_usage_assets.defs.checks.freshness import CHECK
from ai_usage_assets.defs.checks.loaded_days import recent_days_with_rows
from ai_usage_assets.defs.freshness import policy
from ai_usage_assets.demo.sandbox.server import Sandbox, running
from ai_usage_assets.schema.registry import BY_NAME
from ai_usage_tests.support.harness import Harness, check_metadata

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
"""Anthropic's 19 November is due since six in the morning, Cursor's from six in the evening."""
TABLE = "raw_cursor_usage"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running(now=NOON + timedelta(days=2)) as sandbox:
        yield sandbox


@pytest.fixture
def warehouse(harness: Harness) -> Harness:
    harness.env["AI_USAGE_START_DATE"] = "2026-11-01"
    return harness


def load(warehouse: Harness, first: int, last: int, table: str = TABLE) -> None:
    """The days of November from `first` to `last`."""
    assert warehouse.materialize(table, Days(date(2026, 11, first), date(2026, 11, last))).success


def test_a_run_of_one_table_evaluates_the_checks_of_this_table_alone(warehouse: Harness) -> None:
    result = warehouse.materialize(TABLE, Days(date(2026, 11, 18), date(2026, 11, 18)))
    assert {found.asset_key.path[-1] for found in result.get_asset_check_evaluations()} == {TABLE}


def test_an_empty_warehouse_is_late_in_every_table_and_says_which_day_is_missing(
    warehouse: Harness,
) -> None:
    answers = warehouse.check(CHECK)

    assert {name: evaluation.passed for name, evaluation in answers.items()} == dict.fromkeys(
        (
            "raw_anthropic_usage",
            "raw_anthropic_account_usage",
            "raw_anthropic_cost",
            "raw_claude_code_usage",
            "raw_claude_code_models",
            "raw_cursor_usage",
            "raw_cursor_events",
        ),
        False,
    )
    assert check_metadata(answers["raw_anthropic_cost"], "due_day") == "2026-11-19"
    assert check_metadata(answers["raw_anthropic_cost"], "hours_late") == 6.0
    assert check_metadata(answers[TABLE], "due_day") == "2026-11-18"


def test_all_days_are_read_only_of_a_table_whose_newest_days_have_no_rows(
    warehouse: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(warehouse, 17, 18)
    warehouse.env["AI_USAGE_START_DATE"] = "2026-06-01"
    read: dict[str, list[str]] = {}

    def recorded(*arguments: Any) -> Any:
        _, _, table, _, days, _ = arguments
        read.setdefault(table.name, []).append(str(days))
        return recent_days_with_rows(*arguments)

    monkeypatch.setattr(freshness, "recent_days_with_rows", recorded)
    assert warehouse.check(CHECK)[TABLE].passed
    newest = "2026-10-15...2026-11-19"
    assert (read[TABLE], read["raw_cursor_events"]) == ([newest], [newest, "2026-06-01...2026-11-19"])


def test_fresh_then_late_then_fresh_and_an_old_day_that_is_filled_in_changes_nothing(
    warehouse: Harness,
) -> None:
    load(warehouse, 17, 18)
    assert warehouse.check(CHECK)[TABLE].passed

    evening = NOON + timedelta(hours=9)
    late = warehouse.check(CHECK, evening)[TABLE]
    assert not late.passed
    assert check_metadata(late, "newest_day") == "2026-11-18"
    assert check_metadata(late, "hours_late") == 3.0
    assert "2026-11-19" in str(late.description)
    assert f"materialize {TABLE}, 2026-11-19" in str(check_metadata(late, "hint"))

    load(warehouse, 2, 3)
    assert not warehouse.check(CHECK, evening)[TABLE].passed

    load(warehouse, 19, 19)
    assert warehouse.check(CHECK, evening)[TABLE].passed


def test_a_day_on_which_nobody_did_anything_is_there(warehouse: Harness, sandbox: Sandbox) -> None:
    sandbox.empty(date(2026, 11, 10), "cursor")

    load(warehouse, 10, 10, "raw_cursor_events")

    assert warehouse.check(CHECK, NOON - timedelta(days=8))["raw_cursor_events"].passed


def test_a_day_that_a_restored_warehouse_lost_is_late_though_dagster_recorded_it(
    warehouse: Harness,
) -> None:
    load(warehouse, 17, 18)
    warehouse.execute(f"delete from {TABLE} where ingest_date = date '2026-11-18'")

    late = warehouse.check(CHECK)[TABLE]

    assert (late.passed, check_metadata(late, "newest_day")) == (False, "2026-11-17")


def test_a_warehouse_without_dagsters_record_is_fresh_by_its_rows(warehouse: Harness) -> None:
    load(warehouse, 18, 18)
    with dg.DagsterInstance.ephemeral() as other:
        assert warehouse.check(CHECK, instance=other)[TABLE].passed


def test_nothing_is_due_before_the_first_day(warehouse: Harness) -> None:
    assert all(
        answer.passed for answer in warehouse.check(CHECK, datetime(2026, 11, 1, 12, tzinfo=UTC)).values()
    )


@pytest.mark.parametrize(
    ("table", "warn_hours", "fail_hours"),
    [
        ("raw_anthropic_usage", 30, 54),
        ("raw_cursor_events", 42, 66),
        ("fct_cost_daily", 42, 66),
        ("identity_people", 8 * 24, 9 * 24),
    ],
)
def test_dagsters_policy_allows_for_the_vendors_lag(table: str, warn_hours: int, fail_hours: int) -> None:
    assert policy(BY_NAME[table]) == dg.FreshnessPolicy.time_window(
        fail_window=timedelta(hours=fail_hours), warn_window=timedelta(hours=warn_hours)
    )


def test_a_view_is_as_new_as_its_tables() -> None:
    assert policy(BY_NAME["agg_user_summary"]) is None
