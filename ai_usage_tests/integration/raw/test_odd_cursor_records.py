"""Odd records of Cursor's on their way into the tables: nothing is held back, nothing is lost, and a check counts them."""

from collections.abc import Callable
from datetime import date
from typing import Any

import dagster as dg
import pytest

from ai_usage_assets.days import Days
from ai_usage_tests.support.harness import DAY, Harness, step_errors

EVENTS, ACTIVITY, MEMBERS = "raw_cursor_events", "raw_cursor_usage", "raw_cursor_members"
USERS = "raw_anthropic_users"
PATHS = {
    EVENTS: "/teams/filtered-usage-events",
    ACTIVITY: "/teams/daily-usage-data",
    MEMBERS: "/teams/members",
}
ONE = Days.one(DAY)
CHECK = "few_values_are_missing"


def loaded(
    harness: Harness, table: str, change: Callable[[dict[str, Any]], None] | None = None, days: Days = ONE
) -> dg.AssetCheckEvaluation:
    """The check's answer after a run whose next answer was changed."""
    if change:
        harness.change_response(PATHS[table], change)
    result = harness.materialize(table, days)
    assert step_errors(result) == {}
    (found,) = [e for e in result.get_asset_check_evaluations() if e.check_name == CHECK]
    return found


def figures(found: dg.AssetCheckEvaluation) -> dict[str, Any]:
    return {name: value.value for name, value in found.metadata.items() if name.startswith("without_")}


def test_events_without_kind_model_and_email_are_loaded_and_counted(harness: Harness) -> None:
    total = harness.sandbox.company.totals(ONE)[DAY].cursor

    def odd(body: dict[str, Any]) -> None:
        events = [event for event in body["usageEvents"] if "serviceAccountId" not in event]
        for event in events[:3]:
            del event["kind"]
        for event in events[3:5]:
            event["model"] = "null"
        events[5]["userEmail"] = ""

    found = loaded(harness, EVENTS, odd)
    assert figures(found) == {"without_kind": 3, "without_model": 2, "without_email": 1}
    rows = harness.rows(EVENTS, "kind, model, email, service_account_id, output_tokens")
    assert len(rows) == total.events
    assert sum(row["output_tokens"] or 0 for row in rows) == total.output_tokens
    assert sum(row["kind"] is None for row in rows) == 3
    assert sum(row["model"] is None for row in rows) == 2
    assert sum(row["email"] is None and row["service_account_id"] is None for row in rows) == 1
    assert {row["service_account_id"] for row in rows} >= {None}
    assert "null" not in {row["service_account_id"] for row in rows}


@pytest.mark.parametrize(("odd", "passed"), [(0, True), (2, True), (3, False)])
def test_the_check_warns_beyond_one_in_a_hundred(harness: Harness, odd: int, passed: bool) -> None:
    def without_kind(body: dict[str, Any]) -> None:
        body["usageEvents"] = body["usageEvents"][:200]
        body["totalUsageEventsCount"] = 200
        for event in body["usageEvents"][:odd]:
            event["kind"] = None

    found = loaded(harness, EVENTS, without_kind)
    assert (found.passed, figures(found)["without_kind"], found.severity.value) == (passed, odd, "WARN")
    assert found.description == (None if passed else f"{EVENTS}: of 200 records {odd} without kind")


def test_days_of_people_without_an_email_are_unattributed_and_counted(harness: Harness) -> None:
    total = harness.sandbox.company.totals(ONE)[DAY].cursor

    def odd(body: dict[str, Any]) -> None:
        for row in body["data"][:3]:
            del row["email"]
        for row in body["data"][1:4]:
            del row["userId"]

    found = loaded(harness, ACTIVITY, odd)
    # one has an id, two have nothing and are one row, and one has its e-mail
    assert figures(found) == {"without_email": 2}
    assert not found.passed
    rows = harness.rows(ACTIVITY, "user_id, email, total_lines_added", "email = 'unattributed'")
    assert sorted(row["user_id"] is None for row in rows) == [False, True]
    (lines,) = harness.rows(ACTIVITY, "sum(total_lines_added) as n, count(*) as people")
    assert (lines["n"], lines["people"]) == (total.total_lines_added, total.members - 1)


def test_a_member_without_an_email_is_loaded_and_counted(harness: Harness) -> None:
    def odd(body: dict[str, Any]) -> None:
        del body["teamMembers"][0]["email"]

    found = loaded(harness, MEMBERS, odd)
    assert (figures(found), found.passed) == ({"without_email": 1}, False)
    assert sum(row["email"] is None for row in harness.rows(MEMBERS)) == 1


def test_lists_and_days_as_they_should_be_pass(harness: Harness) -> None:
    for table in (ACTIVITY, MEMBERS, USERS, "raw_cursor_groups"):
        found = loaded(harness, table)
        assert (figures(found), found.passed) == ({"without_email": 0}, True)


@pytest.mark.parametrize("answer", [{}, {"totalUsageEventsCount": 0}])
def test_a_day_whose_answer_is_reduced_to_nothing_is_a_day_without_events(
    harness: Harness, answer: dict[str, Any]
) -> None:
    def reduced(body: dict[str, Any]) -> None:
        body.clear()
        body.update(answer)

    found = loaded(harness, EVENTS, reduced)
    assert (found.passed, harness.rows(EVENTS)) == (True, [])


def test_a_month_in_which_the_vendor_left_kinds_and_models_out_costs_what_it_should(harness: Harness) -> None:
    days = Days(date(2026, 2, 3), date(2026, 2, 5))
    tables = f"{EVENTS},{ACTIVITY},{MEMBERS},dim_users,dim_api_keys,fct_usage_daily,fct_cost_daily"

    result = harness.materialize(tables, days)

    assert step_errors(result) == {}
    checks = {e.check_name: e for e in result.get_asset_check_evaluations()}
    assert checks["sums_equal_source"].passed
    assert figures(checks[CHECK]) != {}
    (counted,) = harness.rows(EVENTS, "countif(kind is null) as kinds, countif(model is null) as models")
    assert counted == {"kinds": 3, "models": 3}
    charged = harness.rows("fct_cost_daily", "cost_date, cost_usd", "cost_type = 'overage'")
    found = {day: sum(row["cost_usd"] for row in charged if row["cost_date"] == day) for day in days}
    truth = harness.sandbox.company.totals(days)
    assert found == {day: round(t.cursor.chargeable_cents / 100, 4) for day, t in truth.items()}
