"""Days that Cursor no longer reports keep their rows whoever asks, of whatever age; a list that comes back empty stays."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import dagster as dg
import pytest

from ai_usage_assets.days import ONE_DAY, Days
from ai_usage_assets.defs.resources import SettingRefused, Settings
from ai_usage_assets.demo.sandbox.company.company import Company
from ai_usage_assets.demo.sandbox.faults import Fault
from ai_usage_assets.demo.sandbox.server import Sandbox, running
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from ai_usage_tests.support.graph import environment, materialise, refusals

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ALL = Days(date(2026, 11, 10), date(2026, 11, 13))
GONE, REPORTED = Days(ALL.first, ALL.first + ONE_DAY), Days(ALL.first + ONE_DAY * 2, ALL.last)
ACTIVITY, EVENTS = "raw_cursor_usage", "raw_cursor_events"
LISTS = {
    "raw_cursor_members": ("/teams/members", "teamMembers"),
    "raw_cursor_groups": ("/teams/groups", "groups"),
    "raw_anthropic_users": ("/v1/organizations/users", "data"),
    "raw_anthropic_workspaces": ("/v1/organizations/workspaces", "data"),
    "raw_anthropic_api_keys": ("/v1/organizations/api_keys", "data"),
}

Rows = dict[tuple[str, date], int]


class Cursor:
    """A warehouse in which all days have landed, and the vendor that reported them."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self.sandbox, self.engine = sandbox, DuckDBEngine(folder / "ai_usage.duckdb")
        self.env = environment(sandbox, self.engine, folder)
        assert self.run(ALL) == {}

    def land(self, days: Days, *tables: str, **tags: str) -> dg.ExecuteInProcessResult:
        given = {f"ai_usage/{name}": value for name, value in tags.items()}
        return materialise(
            self.env, days, ",".join(tables or (ACTIVITY, EVENTS)), clock=lambda: NOW, tags=given
        )

    def run(self, days: Days, *tables: str, **tags: str) -> dict[str, str]:
        """What each failed step said."""
        return refusals(self.land(days, *tables, **tags))

    def rows(self) -> Rows:
        with self.engine.session() as session:
            return {
                (table, row["day"]): row["n"]
                for table in (ACTIVITY, EVENTS)
                for row in session.fetch(
                    f"select ingest_date as day, count(*) as n from {table} group by 1"
                ).to_pylist()
            }

    def current(self, table: str) -> int:
        with self.engine.session() as session:
            return int(session.fetch(f"select countif(is_current) as n from {table}").to_pylist()[0]["n"])


@pytest.fixture
def cursor(tmp_path: Path) -> Iterator[Cursor]:
    with running(Company(people=12), now=NOW) as sandbox:
        yield Cursor(sandbox, tmp_path)


@pytest.mark.parametrize("retention", ["90", "8"], ids=["within the retention", "beyond it"])
def test_days_that_are_not_reported_stay_and_the_others_are_written(cursor: Cursor, retention: str) -> None:
    cursor.env["CURSOR_RETENTION_DAYS"] = retention
    before = cursor.rows()
    for day in GONE:
        cursor.sandbox.empty(day, "cursor")
    with cursor.engine.session() as session:
        for table in (ACTIVITY, EVENTS):
            session.execute(f"delete from {table} where ingest_date = date '{ALL.last}'")

    assert cursor.run(ALL) == {}

    assert cursor.rows() == before


def test_the_runs_log_names_the_days_why_and_what_to_do(cursor: Cursor) -> None:
    cursor.sandbox.withhold(GONE.first, "events")
    cursor.sandbox.withhold(GONE.last, "money")

    with dg.DagsterInstance.ephemeral() as instance:
        run = materialise(cursor.env, ALL, EVENTS, instance, clock=lambda: NOW)
        logged = [entry.user_message for entry in instance.all_logs(run.run_id)]

    assert [text for text in logged if " kept, " in text] == [
        f"raw_cursor_events: {day} kept, because the answer has {nothing} for these days and the vendor may not have them "
        "any longer. To replace them by what the answer holds, run it with the tag ai_usage/replace_with_nothing = true, "
        "or with AI_USAGE_REPLACE_WITH_NOTHING=true on the command line."
        for day, nothing in (("2026-11-10", "no rows"), ("2026-11-11", "no money any more"))
    ]


def test_days_that_were_never_here_land_as_empty_ones(cursor: Cursor) -> None:
    earlier = Days(ALL.first - ONE_DAY * 2, ALL.first - ONE_DAY)
    for day in earlier:
        cursor.sandbox.empty(day, "cursor")
    before = cursor.rows()

    assert cursor.run(Days(earlier.first, ALL.last)) == {}

    assert cursor.rows() == before


@pytest.mark.parametrize("how", ["by the run's tag", "on a command line"])
def test_a_person_who_says_so_replaces_them_by_nothing(cursor: Cursor, how: str) -> None:
    for day in GONE:
        cursor.sandbox.empty(day, "cursor")
    tags = {"replace_with_nothing": "true"} if how == "by the run's tag" else {}
    if not tags:
        cursor.env["AI_USAGE_REPLACE_WITH_NOTHING"] = "true"

    assert cursor.run(ALL, **tags) == {}

    assert {day for _, day in cursor.rows()} == set(REPORTED)


def test_a_setting_that_is_neither_true_nor_false_is_refused() -> None:
    with pytest.raises(SettingRefused, match="AI_USAGE_REPLACE_WITH_NOTHING is 'yes'"):
        Settings.from_env({"AI_USAGE_REPLACE_WITH_NOTHING": "yes"})


@pytest.mark.parametrize("table", LISTS)
def test_a_list_that_comes_back_empty_is_refused_and_nobody_becomes_inactive(
    cursor: Cursor, table: str
) -> None:
    path, entries = LISTS[table]

    def emptied() -> None:
        cursor.sandbox.faults.next(path, Fault(damage=lambda said, _: said.update({entries: []})))

    assert cursor.run(ALL, table) == {}
    current = cursor.current(table)
    assert current

    emptied()
    said = cursor.run(ALL, table)[table]
    assert f"the vendor's list for ai_usage.{table} has no current entry" in said
    assert cursor.current(table) == current

    emptied()
    assert cursor.run(ALL, table, replace_with_nothing="true") == {}
    assert cursor.current(table) == 0
