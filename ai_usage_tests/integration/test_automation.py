"""Curated tables follow their raw days: which days are asked for, when, and which never are."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import dagster as dg
import pytest
from dagster._core.definitions.asset_daemon_cursor import AssetDaemonCursor

from ai_usage_assets.days import Days
from ai_usage_assets.defs.checks import budgets
from ai_usage_assets.defs.partitions import range_tags
from ai_usage_assets.defs.sensors import automation as automation_sensor
from ai_usage_assets.demo.sandbox.faults import status
from ai_usage_assets.schema.model import Layer
from ai_usage_assets.schema.registry import layer
from ai_usage_tests.support.harness import Harness, code_location

ENV = {"ANTHROPIC_ADMIN_API_KEY": "k", "CURSOR_ADMIN_API_KEY": "k", "AI_USAGE_START_DATE": "2026-01-01"}
THREE = Days(date(2026, 3, 5), date(2026, 3, 7))
DIMS = {"dim_users", "dim_user_history", "dim_api_keys"}
USAGE, COST = "fct_usage_daily", "fct_cost_daily"
TOKENS, CALLS = "fct_anthropic_tokens_daily", "fct_cursor_requests_daily"
ACTIVITY, SEATS = "fct_activity_daily", "fct_seats_daily"
VIEWS = {
    "v_cost",
    "agg_adjustments",
    "agg_adoption",
    "agg_anomalies",
    "agg_coverage",
    "agg_cost_change",
    "fct_budget_daily",
    "fct_invoice_reconciliation",
    "focus_cost_and_usage",
    "agg_monthly_finance",
    "agg_monthly_rates",
    "agg_user_summary",
    "agg_included_value",
    *(table.name for table in layer(Layer.VIEW) if table.name.startswith("agg_report_")),
}
NOTHING: dict[str, set[str]] = {}
DAILY_CHECKS = {
    "no_stale_days": 6,
    "invoice_is_explained": 1,
    **{check.__name__: 1 for check in budgets.CHECKS},
}


class Automation:
    """The automation sensor's ticks, and what happens to the tables between them."""

    def __init__(self, defs: dg.Definitions, instance: dg.DagsterInstance) -> None:
        self.defs, self.instance = defs, instance
        self._cursor: AssetDaemonCursor | None = None

    def begin(self) -> None:
        """The first tick, which asks for nothing, in a warehouse that has its views."""
        assert self.tick() == NOTHING
        for view in VIEWS:
            self.written(view)

    def evaluate(self, later: timedelta = timedelta()) -> dg.EvaluateAutomationConditionsResult:
        answer = dg.evaluate_automation_conditions(
            self.defs,
            self.instance,
            asset_selection=automation_sensor.build().asset_selection,
            cursor=self._cursor,
            evaluation_time=datetime.now(UTC) + later,
        )
        self._cursor = answer.cursor
        return answer

    def tick(self) -> dict[str, set[str]]:
        """What is requested, per table: its days, or nothing more than itself."""
        answer = self.evaluate()
        names = [key.path[-1] for key in self.defs.resolve_asset_graph().get_all_asset_keys()]
        found = {name: answer.get_requested_partitions(dg.AssetKey(name)) for name in names}
        return {name: {day for day in days if day} for name, days in found.items() if days}

    def settle(self) -> list[dict[str, set[str]]]:
        """Ticks until there is nothing left to ask for, everything that is asked for being built at once."""
        requested = []
        while found := self.tick():
            requested.append(found)
            for name, days in found.items():
                self.written(name, *days)
        return requested

    def written(self, name: str, *days: str) -> None:
        for day in days or (None,):
            self.instance.report_runless_asset_event(dg.AssetMaterialization(name, partition=day))

    def started(self, *names: str, days: Days) -> dg.DagsterRun:
        """A run over these tables that has not written any of them yet."""
        job = self.defs.resolve_implicit_global_asset_job_def().get_subset(
            asset_selection={dg.AssetKey(name) for name in names}
        )
        return self.instance.create_run_for_job(
            job,
            tags=range_tags(days),
            status=dg.DagsterRunStatus.STARTED,
            asset_selection=frozenset(dg.AssetKey(name) for name in names),
        )


@pytest.fixture(scope="module")
def defs() -> Iterator[dg.Definitions]:
    with code_location(ENV) as defs:
        yield defs


@pytest.fixture
def automation(defs: dg.Definitions) -> Iterator[Automation]:
    with dg.DagsterInstance.ephemeral() as instance:
        automation = Automation(defs, instance)
        automation.begin()
        yield automation


def days(*numbers: int) -> set[str]:
    return {f"2026-03-{number:02}" for number in numbers}


def test_dimensions_first_and_then_exactly_the_days_that_were_written(automation: Automation) -> None:
    automation.written("raw_anthropic_usage", *days(5, 6, 7))
    automation.written("raw_cursor_events", *days(7, 9))

    dims, facts = automation.settle()

    assert dims == {name: set() for name in DIMS}
    assert facts == {
        USAGE: days(5, 6, 7, 9),
        COST: days(5, 6, 7, 9),
        TOKENS: days(5, 6, 7),
        CALLS: days(7, 9),
    }


def test_a_fact_follows_only_the_tables_that_it_reads(automation: Automation) -> None:
    automation.written("raw_claude_code_usage", *days(5))
    automation.written("raw_anthropic_cost", *days(6))

    # the vendor's own split gives requests where it sums to the cost report
    assert automation.settle()[-1] == {
        USAGE: days(5, 6),
        COST: days(6),
        TOKENS: days(6),
        ACTIVITY: days(5),
    }


def test_a_day_that_is_restated_is_built_again_and_no_other(automation: Automation) -> None:
    automation.written("raw_cursor_events", *days(5, 6, 7))
    automation.settle()

    automation.written("raw_cursor_events", *days(6))

    assert automation.settle()[-1] == {USAGE: days(6), COST: days(6), CALLS: days(6)}


def test_facts_wait_for_dimensions_that_are_under_way(automation: Automation) -> None:
    automation.written("raw_anthropic_usage", *days(5))
    automation.written("raw_claude_code_usage", *days(5))
    assert automation.tick().keys() == DIMS
    run = automation.started(*DIMS, days=THREE)

    assert [automation.tick(), automation.tick()] == [NOTHING, NOTHING]

    automation.instance.report_run_failed(run)
    assert automation.tick() == {USAGE: days(5), COST: days(5), TOKENS: days(5), ACTIVITY: days(5)}


def test_a_day_waits_for_the_run_that_is_writing_it_and_the_others_do_not(automation: Automation) -> None:
    automation.written("raw_cursor_events", *days(5, 6))
    run = automation.started("raw_cursor_usage", days=Days.one(date(2026, 3, 6)))

    # the dimension is one table, and waits for the whole run; the calls are not made of the activity
    assert automation.settle() == [{USAGE: days(5), COST: days(5), CALLS: days(5, 6)}]

    automation.instance.report_run_failed(run)
    assert automation.settle() == [
        {"dim_users": set(), "dim_user_history": set()},
        {USAGE: days(6), COST: days(6)},
    ]


def test_a_dimension_or_a_register_or_an_identity_file_alone_builds_no_day(automation: Automation) -> None:
    automation.written("raw_cursor_members")
    automation.written("raw_cursor_events", *days(5))
    automation.settle()

    for name in (*DIMS, "raw_cursor_members", "identity_seats"):
        automation.written(name)

    assert {name for requested in automation.settle() for name in requested} <= DIMS


def test_nothing_is_requested_twice(automation: Automation) -> None:
    automation.written("raw_cursor_events", *days(5))

    assert len(automation.settle()) == 2
    assert automation.settle() == []


def test_a_failed_fact_is_not_requested_again_until_its_day_is_written_again(automation: Automation) -> None:
    automation.written("raw_cursor_events", *days(5))
    requested = [automation.tick() for _ in range(6)]
    assert requested.count({USAGE: days(5), COST: days(5), CALLS: days(5)}) == 1
    assert automation.tick() == NOTHING


def test_raw_days_from_before_the_first_tick_are_left_to_the_check(defs: dg.Definitions) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        automation = Automation(defs, instance)
        automation.written("raw_cursor_events", *days(5))
        assert not {USAGE, COST} & {name for requested in automation.settle() for name in requested}


def test_a_view_is_made_when_its_tables_are_and_not_again(automation: Automation) -> None:
    automation.instance.wipe_assets([dg.AssetKey("agg_user_summary")])
    automation.written("raw_cursor_events", *days(5))

    assert [name for requested in automation.settle() for name in requested if name in VIEWS] == [
        "agg_user_summary"
    ]

    automation.written("raw_cursor_events", *days(6))
    assert not VIEWS & {name for requested in automation.settle() for name in requested}


def test_views_wait_for_the_run_that_writes_several_dimensions(automation: Automation) -> None:
    automation.instance.wipe_assets([dg.AssetKey("agg_monthly_finance"), dg.AssetKey("agg_cost_change")])
    run = automation.started("dim_users", "dim_user_history", days=THREE)
    automation.written("dim_user_history")

    assert not VIEWS & automation.tick().keys()

    automation.written("dim_users")
    automation.instance.report_run_failed(run)
    assert VIEWS & automation.tick().keys() == {"agg_monthly_finance", "agg_cost_change"}


def test_days_are_loaded_whose_other_vendor_failed_in_the_same_run(harness: Harness) -> None:
    select = f"raw_anthropic_usage,raw_anthropic_users,raw_cursor_events,raw_cursor_usage,{USAGE}"
    with harness.code_location() as defs:
        automation = Automation(defs, harness.instance)
    automation.begin()
    harness.sandbox.faults.next("/teams/filtered-usage-events", status(403))

    assert set(harness.errors(select, THREE)) == {"raw_cursor_events"}

    assert harness.materialized_days(USAGE) == set()
    dims, facts = automation.settle()
    assert dims.keys() == DIMS
    assert facts == dict.fromkeys((USAGE, COST, TOKENS, ACTIVITY, SEATS), days(5, 6, 7))


def test_checks_that_depend_on_the_time_are_requested_every_hour_without_a_write(
    automation: Automation,
) -> None:
    hourly = automation.evaluate(later=timedelta(hours=1))
    soon_after = automation.evaluate(later=timedelta(hours=1, minutes=1))
    a_day_later = automation.evaluate(later=timedelta(days=1, hours=1))

    watching = {
        "newest_closed_day_is_loaded": 7,
        "no_unexpectedly_empty_day": 7,
        "no_missing_day_near_retention_end": 2,
    }
    # the run may be a moment before the daily checks are due
    assert checks(hourly) - Counter(DAILY_CHECKS) == watching
    assert checks(soon_after) == {}
    assert checks(a_day_later) == watching | DAILY_CHECKS


def checks(answer: dg.EvaluateAutomationConditionsResult) -> Counter[str]:
    requested = (result.key for result in answer.results if not result.true_subset.is_empty)
    return Counter(key.name for key in requested if isinstance(key, dg.AssetCheckKey))


def test_days_built_before_a_list_was_first_loaded_are_built_again_once(
    automation: Automation,
) -> None:
    automation.written("raw_anthropic_usage", *days(5, 6))
    automation.settle()

    automation.written("raw_anthropic_api_keys")
    assert automation.settle()[-1] == dict.fromkeys((USAGE, COST, TOKENS), days(5, 6))

    automation.written("raw_anthropic_api_keys")
    assert USAGE not in automation.settle()[-1]
