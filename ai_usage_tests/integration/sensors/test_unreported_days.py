"""Days that Cursor no longer reports: they stay, they are not requested, and they are read once they are reported again.

5 to 24 November land; from the 25th on the answers hold nothing before the 18th, and the retention is at its default.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.test_utils import freeze_time

from ai_usage_assets.days import ONE_DAY, Days
from ai_usage_assets.defs.partitions import range_tags
from ai_usage_assets.defs.sensors.availability import poll_cursor
from ai_usage_assets.demo.sandbox.cursor.withheld import Part
from ai_usage_assets.warehouse.duckdb.engine import DuckDBEngine
from ai_usage_tests.support.daemon import CURSOR, DAILY, EVENTS, MINUTE, Daemon, Run, daemon

pytestmark = pytest.mark.slow

FIRST, LAST, OLDEST = date(2026, 11, 5), date(2026, 11, 24), date(2026, 11, 18)
ALL, GONE, REPORTED = Days(FIRST, LAST), Days(FIRST, OLDEST - ONE_DAY), Days(OLDEST, LAST)
FACTS = ("fct_usage_daily", "fct_cost_daily")
HALF_A_DAY = timedelta(hours=12)
NOTHING = (0, None)

Rows = dict[str, dict[date, Any]]


class Twenty:
    """Twenty days of a daemon, and what its warehouse and its record say of them."""

    def __init__(self, daemon: Daemon) -> None:
        self.daemon = daemon
        self.engine = DuckDBEngine(Path(daemon.env["AI_USAGE_DUCKDB_PATH"]))

    def withhold(self, *parts: Part) -> None:
        for day in GONE:
            self.daemon.sandbox.withhold(day, *parts)

    def look(self) -> Run | str:
        self.daemon.until_looked_at("cursor")
        self.daemon.asked()
        return self.daemon.tick("cursor")

    def days(self, number: int = 3) -> list[Run]:
        """The runs of so many days, two looks a day; those of the days that end meanwhile are left out."""
        found = []
        for _ in range(2 * number):
            self.daemon.later(HALF_A_DAY)
            while isinstance(said := self.daemon.tick("cursor"), Run):
                found += [said] if date.fromisoformat(said.first) <= LAST else []
                self.daemon.later(MINUTE)
        return found

    def rows(self) -> Rows:
        with self.engine.session() as session:
            return {
                table: {
                    row["day"]: (row["n"], row["total"])
                    for row in session.fetch(
                        f"select ingest_date as day, count(*) as n, sum({total}) as total from {table} "
                        f"where ingest_date <= date '{LAST}' group by 1"
                    ).to_pylist()
                }
                for table, total in (
                    ("raw_cursor_usage", "total_lines_added"),
                    ("raw_cursor_events", "charged_usd"),
                )
            }

    def facts(self) -> list[dict[str, Any]]:
        with self.engine.session() as session:
            found: list[dict[str, Any]] = session.fetch(
                "select usage_date as day, sum(input_tokens) as tokens, sum(loc_added) as lines, null as usd "
                "from fct_usage_daily group by 1 union all "
                "select cost_date, null, null, sum(cost_usd) from fct_cost_daily group by 1 order by 1, 4"
            ).to_pylist()
        return found

    def states(self, state: str) -> dict[str, set[date]]:
        with self.engine.session() as session:
            found = session.fetch(f"select table_name, day from load_log where state = '{state}'").to_pylist()
        return {name: {r["day"] for r in found if r["table_name"] == name} for name in CURSOR}

    def kept_on_record(self, table: str) -> set[date]:
        """The days whose newest materialization says in the UI that they were kept, with the rows that are there."""
        ids = self.daemon.instance.get_latest_storage_id_by_partition(
            dg.AssetKey(table), dg.DagsterEventType.ASSET_MATERIALIZATION
        )
        here, found = self.rows()[table], set()
        for record in self.daemon.instance.fetch_materializations(
            dg.AssetRecordsFilter(dg.AssetKey(table), storage_ids=list(ids.values())), limit=100
        ).records:
            day, said = date.fromisoformat(str(record.partition_key)), record.asset_materialization
            assert said
            if said.metadata.get("kept"):
                found.add(day)
                assert said.metadata["dagster/row_count"].value == here[day][0]
        return found

    def weekly(self) -> dg.ExecuteInProcessResult:
        """What the weekly schedule runs."""
        schedule = self.daemon.code.get_schedule_def("refresh_cursor_weekly")
        with dg.build_schedule_context(scheduled_execution_time=self.daemon.now) as context:
            [request] = schedule.evaluate_tick(context).run_requests or []
        return self.daemon.code.get_job("refresh_cursor").execute_in_process(
            instance=self.daemon.instance, tags=dict(request.tags), raise_on_error=False
        )


@pytest.fixture
def twenty(tmp_path: Path) -> Iterator[Twenty]:
    # Dagster makes partitions up to its own clock, which is not to be the machine's
    with freeze_time(datetime(2026, 12, 20, tzinfo=UTC)), daemon(tmp_path, days=15) as fresh:
        assert fresh.start == FIRST
        fresh.later(datetime(2026, 11, 25, 12, tzinfo=fresh.now.tzinfo) - fresh.now)
        assert fresh.runs("cursor") == [Run("missing", CURSOR, str(FIRST), str(LAST))]
        yield Twenty(fresh)


PARTS: list[tuple[Part, ...]] = [
    ("events", "activity"),
    ("events",),
    ("activity",),
    ("figures",),
]


@pytest.mark.parametrize("parts", PARTS, ids="+".join)
def test_a_sensor_requests_no_day_that_is_not_reported_any_more(
    twenty: Twenty, parts: tuple[Part, ...]
) -> None:
    before = twenty.rows()
    twenty.withhold(*parts)

    assert str(twenty.look()).startswith("Every day until 2026-11-24 is loaded")

    # the activity, and the events; where the activity is gone a Sunday without any lies between the days that are
    assert twenty.daemon.asked() == {DAILY: 1, EVENTS: 2 if parts == ("events",) else 4}
    assert twenty.days() == []
    assert twenty.rows() == before


@pytest.mark.parametrize("parts", PARTS, ids="+".join)
def test_by_hand_all_days_stay_the_reported_ones_are_written_and_nothing_loops(
    twenty: Twenty, parts: tuple[Part, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = twenty.rows()
    twenty.withhold(*parts)
    for day in REPORTED:
        twenty.daemon.sandbox.restate(day, "cursor", 2.0)

    twenty.daemon.by_hand(ALL, *CURSOR)

    after, is_gone = (
        twenty.rows(),
        {
            "raw_cursor_events": "events" in parts,
            "raw_cursor_usage": "activity" in parts or "figures" in parts,
        },
    )
    for table in CURSOR:
        for day in GONE:
            assert after[table].get(day) == before[table].get(day)
        assert all(after[table][day] != before[table][day] for day in REPORTED if before[table][day][1])
        # a day with rows; of answers with zeros alone, a day with figures
        held = {
            day
            for day in GONE
            if (before[table].get(day, NOTHING)[1] if "figures" in parts else day in before[table])
        }
        kept = held if is_gone[table] else set()
        assert len(held) > 10
        assert twenty.states("kept")[table] == kept
        assert twenty.kept_on_record(table) == kept
    # and if nothing may be asked in search of a day
    monkeypatch.setattr(poll_cursor, "MAX_COUNTS", 0)
    assert twenty.days(2) == []


def test_the_weekly_run_keeps_the_days_and_their_facts(twenty: Twenty) -> None:
    assert twenty.weekly().success
    before, facts = twenty.rows(), twenty.facts()
    twenty.withhold("events", "activity")

    result = twenty.weekly()

    assert result.success
    assert (twenty.rows(), twenty.facts()) == (before, facts)
    checks = {
        (e.asset_key.path[-1], e.check_name): e for e in result.get_asset_check_evaluations() if not e.passed
    }
    for table in CURSOR:
        check = checks[table, "no_day_kept_earlier_rows"]
        assert check.severity is dg.AssetCheckSeverity.WARN
        # no events on the Sunday: nothing to keep
        gap = "" if table == "raw_cursor_usage" else "...2026-11-07, 2026-11-09"
        assert check.metadata["kept"].value == f"2026-11-05{gap}...2026-11-17"
    assert not [key for key, check in checks.items() if check.severity is dg.AssetCheckSeverity.ERROR]


def test_money_that_reads_zero_is_not_believed_and_the_day_is_written_once_it_is_back(twenty: Twenty) -> None:
    before = twenty.rows()
    twenty.withhold("money")
    twenty.daemon.by_hand(ALL, *CURSOR)
    assert twenty.rows() == before
    with_money = {day for day in GONE if before["raw_cursor_events"].get(day, NOTHING)[1]}
    assert with_money
    assert twenty.states("kept") == {"raw_cursor_events": with_money, "raw_cursor_usage": set()}
    assert twenty.days() == []

    twenty.withhold()
    twenty.daemon.by_hand(ALL, *CURSOR)

    assert twenty.states("kept") == {table: set() for table in CURSOR}
    assert twenty.rows() == before


def test_kept_days_that_are_reported_again_are_read_once(twenty: Twenty) -> None:
    before = twenty.rows()
    twenty.withhold("events", "activity")
    twenty.daemon.by_hand(ALL, *CURSOR)
    assert isinstance(twenty.look(), str)

    twenty.withhold()

    # a weekend on which nobody did anything looks as it did
    runs: list[Run] = []
    while isinstance(said := twenty.look() if not runs else twenty.daemon.tick("cursor"), Run):
        runs.append(said)
        twenty.daemon.later(MINUTE)
    assert {run.reason for run in runs} == {"restated"}
    active = {day for day in GONE if before["raw_cursor_usage"][day][1]}
    for table in CURSOR:
        assert not twenty.states("kept")[table] & active
    assert twenty.rows() == before
    assert twenty.days() == []


def test_a_person_who_says_so_empties_them(twenty: Twenty) -> None:
    twenty.withhold("events", "activity")
    tags = {**range_tags(Days(FIRST, LAST)), "ai_usage/replace_with_nothing": "true"}

    twenty.daemon.run("__ASSET_JOB", tags, [dg.AssetKey(name) for name in CURSOR])

    for table in CURSOR:
        assert not set(twenty.rows()[table]) & set(GONE)
        assert set(GONE) <= twenty.states("empty")[table]
    assert twenty.days() == []


def test_a_record_that_was_lost_asks_for_the_days_once_and_they_stay(twenty: Twenty, tmp_path: Path) -> None:
    before = twenty.rows()
    twenty.withhold("events", "activity")
    twenty.daemon.instance, twenty.daemon.cursors = dg.DagsterInstance.ephemeral(), {}

    assert twenty.daemon.runs("cursor") == [Run("missing", CURSOR, str(FIRST), str(LAST))]

    assert twenty.rows() == before
    assert twenty.days() == []


def test_people_who_left_keep_their_rows(twenty: Twenty) -> None:
    def by_person() -> list[tuple[str, int, Decimal]]:
        with twenty.engine.session() as session:
            return [
                tuple(row.values())
                for table, column in (
                    ("raw_cursor_usage", "total_lines_added"),
                    ("raw_cursor_events", "charged_usd"),
                )
                for row in session.fetch(
                    f"select email, count(*) as n, sum({column}) as total from {table} group by 1 order by 1"
                ).to_pylist()
            ]

    before = by_person()
    twenty.withhold("emails")

    twenty.daemon.by_hand(ALL, *CURSOR)

    assert by_person() == before
    assert twenty.states("kept") == {table: set() for table in CURSOR}
