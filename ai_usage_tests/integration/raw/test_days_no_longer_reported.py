"""Days that Cursor no longer reports keep their rows, whoever requests them. A list that comes back empty is refused."""

from datetime import date

import pytest

from ai_usage_assets.days import ONE_DAY, Days
from ai_usage_assets.settings import SettingError, Settings
from ai_usage_tests.support.harness import Harness

pytestmark = pytest.mark.slow

ALL = Days(date(2026, 11, 10), date(2026, 11, 13))
GONE, REPORTED = Days(ALL.first, ALL.first + ONE_DAY), Days(ALL.first + ONE_DAY * 2, ALL.last)
ACTIVITY, EVENTS = "raw_cursor_usage", "raw_cursor_events"
TABLES = f"{ACTIVITY},{EVENTS}"
REPLACE = {"ai_usage/replace_with_nothing": "true"}
LISTS = {
    "raw_cursor_members": ("/teams/members", "teamMembers"),
    "raw_cursor_groups": ("/teams/groups", "groups"),
    "raw_anthropic_users": ("/v1/organizations/users", "data"),
    "raw_anthropic_workspaces": ("/v1/organizations/workspaces", "data"),
    "raw_anthropic_api_keys": ("/v1/organizations/api_keys", "data"),
}

Rows = dict[tuple[str, date], int]


@pytest.fixture
def cursor(own_harness: Harness) -> Harness:
    """A warehouse in which all days are loaded, and the vendor that reported them."""
    assert own_harness.errors(TABLES, ALL) == {}
    return own_harness


def row_counts(cursor: Harness) -> Rows:
    """By table and day."""
    return {
        (table, row["day"]): row["n"]
        for table in (ACTIVITY, EVENTS)
        for row in cursor.fetch(f"select ingest_date as day, count(*) as n from {table} group by 1")
    }


def current_entries(cursor: Harness, table: str) -> int:
    [found] = cursor.rows(table, "countif(is_current) as n")
    return int(found["n"])


@pytest.mark.parametrize("retention", ["90", "8"], ids=["within the retention", "beyond it"])
def test_days_that_are_not_reported_stay_and_the_others_are_written(cursor: Harness, retention: str) -> None:
    cursor.env["CURSOR_RETENTION_DAYS"] = retention
    before = row_counts(cursor)
    for day in GONE:
        cursor.sandbox.empty(day, "cursor")
    for table in (ACTIVITY, EVENTS):
        cursor.execute(f"delete from {table} where ingest_date = date '{ALL.last}'")

    assert cursor.errors(TABLES, ALL) == {}

    assert row_counts(cursor) == before


def test_the_runs_log_gives_the_days_the_reason_and_a_hint(cursor: Harness) -> None:
    cursor.sandbox.withhold(GONE.first, "events")
    cursor.sandbox.withhold(GONE.last, "money")

    run = cursor.materialize(EVENTS, ALL)
    logged = [entry.user_message for entry in cursor.instance.all_logs(run.run_id)]

    assert [text for text in logged if " kept, " in text] == [
        f"raw_cursor_events: {day} kept, because the answer has {nothing} for these days and the vendor may not have them "
        "any longer. To replace them by what the answer holds, run it with the tag ai_usage/replace_with_nothing = true, "
        "or with AI_USAGE_REPLACE_WITH_NOTHING=true on the command line."
        for day, nothing in (("2026-11-10", "no rows"), ("2026-11-11", "no money any more"))
    ]


def test_days_that_were_never_loaded_are_loaded_as_empty_days(cursor: Harness) -> None:
    earlier = Days(ALL.first - ONE_DAY * 2, ALL.first - ONE_DAY)
    for day in earlier:
        cursor.sandbox.empty(day, "cursor")
    before = row_counts(cursor)

    assert cursor.errors(TABLES, Days(earlier.first, ALL.last)) == {}

    assert row_counts(cursor) == before


@pytest.mark.parametrize("how", ["by the run's tag", "on a command line"])
def test_a_tag_or_a_setting_replaces_them_by_nothing(cursor: Harness, how: str) -> None:
    for day in GONE:
        cursor.sandbox.empty(day, "cursor")
    tags = REPLACE if how == "by the run's tag" else {}
    if not tags:
        cursor.env["AI_USAGE_REPLACE_WITH_NOTHING"] = "true"

    assert cursor.errors(TABLES, ALL, tags=tags) == {}

    assert {day for _, day in row_counts(cursor)} == set(REPORTED)


def test_a_setting_that_is_neither_true_nor_false_is_refused() -> None:
    with pytest.raises(SettingError, match="AI_USAGE_REPLACE_WITH_NOTHING is 'yes'"):
        Settings.from_env({"AI_USAGE_REPLACE_WITH_NOTHING": "yes"})


@pytest.mark.parametrize("table", LISTS)
def test_a_list_that_comes_back_empty_is_refused_and_nobody_becomes_inactive(
    cursor: Harness, table: str
) -> None:
    path, entries = LISTS[table]

    def empty_the_next_response() -> None:
        cursor.change_response(path, lambda body: body.update({entries: []}))

    assert cursor.errors(table, ALL) == {}
    current = current_entries(cursor, table)
    assert current

    empty_the_next_response()
    message = cursor.errors(table, ALL)[table]
    assert f"the vendor's list for ai_usage.{table} has no current entry" in message
    assert current_entries(cursor, table) == current

    empty_the_next_response()
    assert cursor.errors(table, ALL, tags=REPLACE) == {}
    assert current_entries(cursor, table) == 0
