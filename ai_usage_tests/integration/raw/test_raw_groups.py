"""Cursor's billing groups: memberships present and past are kept, and a plan without groups is no failure."""

from typing import Any

import dagster as dg
import pytest

from ai_usage_assets.days import Days
from ai_usage_assets.demo.sandbox.faults import Fault, status
from ai_usage_assets.sources.cursor.client import CursorAdmin
from ai_usage_tests.support.harness import DAY, Harness, step_errors

GROUPS, PATH = "raw_cursor_groups", "/teams/groups"
ONE = Days.one(DAY)


def memberships(harness: Harness) -> set[tuple[str, str, bool, bool]]:
    rows = harness.rows(GROUPS, "group_name, email, is_current, left_at is null as stays")
    return {(row["group_name"], row["email"], row["is_current"], row["stays"]) for row in rows}


def test_present_and_former_members_are_loaded(harness: Harness) -> None:
    assert harness.errors(GROUPS, ONE) == {}

    found = memberships(harness)
    assert ("Data", "saraswati@tidewater.example", True, True) in found
    assert ("Product", "saraswati@tidewater.example", False, False) in found
    assert ("Engineering", "tomas.ferreira@tidewater.example", False, False) in found
    assert {name for name, *_ in found} == {"Data", "Design", "Engineering", "Product"}


def test_the_spend_of_the_cycle_is_what_teams_spend_says_of_the_members_in_dollars(harness: Harness) -> None:
    harness.errors(GROUPS, ONE)

    with CursorAdmin(harness.sandbox.cursor_key, harness.sandbox.url, 6000) as client:
        spent = {member.email: member.spend_cents or 0 for member in client.spend().members}
    rows = harness.rows(GROUPS, "email, spend_usd, cast(cycle_start as date) as start", "is_current")
    assert {str(row["start"]) for row in rows} == {"2026-11-17"}
    assert {row["email"]: row["spend_usd"] * 100 for row in rows} == {
        row["email"]: spent[row["email"]] for row in rows
    }
    assert sum(row["spend_usd"] for row in rows) > 1


def test_one_request_a_run_and_a_second_listing_changes_nothing(harness: Harness) -> None:
    harness.errors(GROUPS, ONE)
    before = harness.rows(GROUPS, "* except (fetched_at, last_seen_at)")
    harness.errors(GROUPS, ONE)

    assert harness.sandbox.requests[PATH] == 2
    after = harness.rows(GROUPS, "* except (fetched_at, last_seen_at)")
    assert sorted(map(repr, after)) == sorted(map(repr, before))


def test_a_membership_without_the_day_it_began_is_the_same_one_when_it_is_listed_again(
    harness: Harness,
) -> None:
    def undated(body: dict[str, Any]) -> None:
        for group in body["groups"]:
            group["formerMembers"] = []
            for member in group["currentMembers"]:
                member["joinedAt"] = None

    for _ in range(2):
        harness.change_response(PATH, undated)
        assert harness.errors(GROUPS, ONE) == {}
    (counted,) = harness.rows(GROUPS, "count(*) as n, count(distinct email) as people")
    assert counted["n"] == counted["people"] > 10


def test_a_group_that_is_gone_stays_and_is_not_current(harness: Harness) -> None:
    harness.errors(GROUPS, ONE)
    harness.change_response(PATH, lambda body: body["groups"].pop(0))
    harness.errors(GROUPS, ONE)

    current = {name: is_current for name, email, is_current, stays in memberships(harness) if stays}
    assert current == {"Data": False, "Design": True, "Engineering": True, "Product": True}


@pytest.mark.parametrize("code", [403, 404])
def test_a_plan_without_groups_leaves_the_table_empty_and_says_why(harness: Harness, code: int) -> None:
    harness.sandbox.faults.next(PATH, status(code))

    result = harness.materialize(GROUPS, ONE)
    assert step_errors(result) == {}
    assert harness.rows(GROUPS, "count(*) as n") == [{"n": 0}]
    (loaded,) = result.asset_materializations_for_node(GROUPS)
    message = str(loaded.metadata["not_offered"].value)
    assert message.startswith(
        "raw_cursor_groups stays as it is, because the vendor does not offer it: Cursor "
    )
    assert f"(/teams/groups, HTTP {code})" in message
    assert loaded.asset_key == dg.AssetKey(GROUPS)


def test_loaded_memberships_stay_when_the_plan_has_no_groups_any_more(harness: Harness) -> None:
    harness.errors(GROUPS, ONE)
    before = harness.rows(GROUPS)
    harness.sandbox.faults.next(PATH, status(403))

    assert harness.errors(GROUPS, ONE) == {}
    assert harness.rows(GROUPS) == before


def renamed(body: dict[str, Any], _: object) -> None:
    body["teams"] = body.pop("groups")


@pytest.mark.parametrize("fault", [status(401), status(400), Fault(damage=renamed)])
def test_any_other_error_fails_the_run(harness: Harness, fault: Fault) -> None:
    harness.sandbox.faults.next(PATH, fault)

    assert set(harness.errors(GROUPS, ONE)) == {GROUPS}


@pytest.mark.parametrize("table", ["raw_cursor_members", "raw_cursor_usage"])
def test_a_list_that_every_plan_has_is_not_left_out(harness: Harness, table: str) -> None:
    path = {"raw_cursor_members": "/teams/members", "raw_cursor_usage": "/teams/daily-usage-data"}[table]
    harness.sandbox.faults.next(path, status(403))

    assert set(harness.errors(table, ONE)) == {table}
