"""Days that are missing: which runs land them, in which order, and what they cost."""

from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.definitions.assets.graph.asset_graph_subset import AssetGraphSubset
from dagster._core.definitions.events import AssetKeyPartitionKey
from dagster._core.execution.backfill import BulkActionStatus, PartitionBackfill
from dagster._core.test_utils import create_run_for_test

from ai_usage_assets.days import Days
from ai_usage_tests.support.daemon import (
    ANTHROPIC,
    CLAUDE,
    COST,
    CURSOR,
    DAILY,
    EVENTS,
    MINUTE,
    USAGE,
    YESTERDAY,
    Daemon,
    Run,
    daemon,
)

pytestmark = pytest.mark.slow

HOUR = timedelta(hours=1)


def test_a_first_start_fills_sixty_days_by_itself_oldest_first_around_what_is_there(tmp_path: Path) -> None:
    with daemon(tmp_path, days=60) as fresh:
        fresh.by_hand(Days(YESTERDAY - timedelta(20), YESTERDAY - timedelta(14)), *CURSOR)
        fresh.asked()

        assert fresh.runs("cursor") == [
            Run("missing", CURSOR, "2026-09-21", "2026-10-29"),
            Run("missing", CURSOR, "2026-11-06", "2026-11-19"),
        ]
        # a probe and a count of what is there; windows of 30 days, and pages of 1000 events; a run's open day
        assert fresh.asked() == {DAILY: 1 + 2 + 1, EVENTS: 1 + 6 + 2 + 2}
        assert fresh.runs("anthropic") == [Run("missing", ANTHROPIC, "2026-09-21", "2026-11-19")]
        # a probe; windows of 31 days; a day at a time
        assert fresh.asked() == {USAGE: 1 + 2 * 2, COST: 2, CLAUDE: 60}
        for asset in (*ANTHROPIC, *CURSOR):
            assert fresh.present(asset) == set(Days(fresh.start, YESTERDAY))


def test_missing_days_come_with_the_vendors_registers(fresh: Daemon) -> None:
    fresh.tick("cursor")

    assert fresh.with_registers == {
        *("raw_cursor_members", "raw_cursor_groups", "raw_cursor_spend", "raw_cursor_open_day")
    }


@pytest.mark.parametrize("lost", [False, True], ids=["with its cursor", "with its cursor lost"])
def test_a_sensor_that_is_restarted_midway_goes_on_where_it_was(tmp_path: Path, lost: bool) -> None:
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance, daemon(tmp_path, 6, instance) as fresh:
        fresh.by_hand(Days.one(YESTERDAY - timedelta(3)), *CURSOR)
        assert fresh.tick("cursor") == Run("missing", CURSOR, "2026-11-14", "2026-11-15")
        fresh.asked()

        fresh.load()
        if lost:
            fresh.cursors.clear()
        fresh.later(MINUTE)

        assert fresh.runs("cursor") == [Run("missing", CURSOR, "2026-11-17", "2026-11-19")]
        assert fresh.asked() == {DAILY: 1 + lost, EVENTS: 1 + lost + 1}


def test_the_same_tick_twice_is_one_run(fresh: Daemon) -> None:
    first, again = fresh.evaluate("cursor"), None
    fresh.cursors.clear()
    again = fresh.evaluate("cursor")

    assert first.run_requests == again.run_requests
    assert isinstance(fresh.execute("cursor", first.run_requests[0]), Run)
    assert str(fresh.execute("cursor", again.run_requests[0])).endswith("was used")


def test_a_day_is_requested_once_the_vendor_tells_it_whole(anthropic: Daemon) -> None:
    anthropic.later(timedelta(hours=12))
    assert "2026-11-20 is over, but Anthropic does not report all of it yet" in str(
        anthropic.tick("anthropic")
    )
    anthropic.asked()

    anthropic.later(HOUR - (anthropic.now - anthropic.now.replace(hour=0, minute=0)))
    assert anthropic.tick("anthropic") == Run("missing", ANTHROPIC, "2026-11-20", "2026-11-20")
    assert anthropic.asked() == {COST: 1, USAGE: 1 + 2, CLAUDE: 1}


def test_a_day_of_anthropics_without_any_data_is_believed_when_it_would_be_late(anthropic: Daemon) -> None:
    anthropic.sandbox.empty(YESTERDAY + timedelta(1), "anthropic")
    anthropic.later(timedelta(hours=17, minutes=30))
    assert "does not report all of it yet" in str(anthropic.tick("anthropic"))

    anthropic.later(HOUR)

    assert anthropic.tick("anthropic") == Run("missing", ANTHROPIC, "2026-11-20", "2026-11-20")


def test_a_day_without_any_data_is_believed_after_the_vendors_lag(cursor: Daemon) -> None:
    cursor.sandbox.empty(YESTERDAY + timedelta(1), "cursor")
    cursor.later(timedelta(hours=22, minutes=30))
    assert "does not report all of it yet" in str(cursor.tick("cursor"))

    cursor.until_looked_at("cursor")

    assert cursor.tick("cursor") == Run("missing", CURSOR, "2026-11-20", "2026-11-20")


def test_a_quiet_day_costs_one_run_a_vendor_and_these_requests(fresh: Daemon) -> None:
    for vendor in ("anthropic", "cursor"):
        fresh.runs(vendor)
    fresh.later(HOUR)
    fresh.asked()
    end, runs = fresh.now + timedelta(days=1), []
    while fresh.now < end:
        runs += [run for vendor in ("anthropic", "cursor") if isinstance(run := fresh.tick(vendor), Run)]
        fresh.later(15 * MINUTE)

    assert runs == [
        Run("missing", ANTHROPIC, "2026-11-20", "2026-11-20"),
        Run("missing", CURSOR, "2026-11-20", "2026-11-20"),
    ]
    # 96 probes of Anthropic, every other one of its cost; 24 of Cursor; and one request a table for the new day,
    # and one for the day that is open then
    assert fresh.asked() == {USAGE: 48 + 2, COST: 48 + 1, CLAUDE: 1, DAILY: 24 + 1, EVENTS: 24 + 1 + 1}


def test_nothing_is_requested_while_a_run_of_anybodys_is_at_work_on_the_vendors_days(fresh: Daemon) -> None:
    run = create_run_for_test(
        fresh.instance,
        status=dg.DagsterRunStatus.STARTED,
        asset_selection=frozenset({dg.AssetKey("raw_cursor_events")}),
    )

    assert fresh.tick("cursor") == (
        f"run {run.run_id[:8]} (started) is writing Cursor's days; the next ones are requested when it is over."
    )
    assert fresh.asked() == {}
    assert isinstance(fresh.tick("anthropic"), Run)

    fresh.instance.delete_run(run.run_id)
    assert isinstance(fresh.tick("cursor"), Run)


def test_nothing_is_requested_while_a_persons_backfill_is_not_over(fresh: Daemon) -> None:
    day = AssetKeyPartitionKey(dg.AssetKey("raw_cursor_usage"), "2026-11-18")
    backfill = PartitionBackfill.from_asset_graph_subset(
        backfill_id="byhand",
        backfill_timestamp=fresh.now.timestamp(),
        tags={},
        dynamic_partitions_store=fresh.instance,
        asset_graph_subset=AssetGraphSubset.from_asset_partition_set({day}, fresh.code.asset_graph),
        title=None,
        description=None,
        run_config=None,
    )
    fresh.instance.add_backfill(backfill)

    assert str(fresh.tick("cursor")).startswith("backfill byhand is writing Cursor's days")

    fresh.instance.update_backfill(backfill.with_status(BulkActionStatus.COMPLETED_SUCCESS))
    assert isinstance(fresh.tick("cursor"), Run)
