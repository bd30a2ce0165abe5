"""A check that turns red is told with what it found and what to do, and while it stays red once a day."""

from datetime import datetime, timedelta

import dagster as dg
import pytest

from ai_usage_assets.defs.checks.freshness import CHECK
from ai_usage_assets.defs.sensors.alerts.sensor import ended_at
from ai_usage_assets.defs.sensors.alerts.state import AlertState
from ai_usage_assets.defs.sensors.alerts.webhook import AlertNotSentError
from ai_usage_tests.support.harness import NOW
from ai_usage_tests.support.received_alerts import UI, Watched

HOUR = timedelta(hours=1)


@dg.asset(partitions_def=dg.DailyPartitionsDefinition("2026-11-01"))
def table() -> None: ...


def look(watched: Watched, name: str = "sums", day: str = "2026-11-16", *, passed: bool = False) -> str:
    """One run of a check; the run's id."""

    @dg.asset_check(asset=table, name=name)
    def check() -> dg.AssetCheckResult:
        return dg.AssetCheckResult(passed=passed, description="7 is not 8", metadata={"hint": "Count again."})

    return dg.materialize([table, check], instance=watched.instance, partition_key=day).run_id


def hourly_checks(watched: Watched, now: datetime) -> None:
    """As the daemon launches them: no table is written."""
    with watched.code_location(now) as defs:
        asked = {
            dg.AssetCheckKey(dg.AssetKey(f"raw_{name}"), CHECK) for name in ("cursor_usage", "anthropic_cost")
        }
        job = defs.resolve_implicit_global_asset_job_def().get_subset(asset_check_selection=asked)
        job.execute_in_process(instance=watched.instance)


def test_a_red_check_is_told_with_what_it_found_and_what_to_do(watched: Watched) -> None:
    run_id = look(watched)
    watched.tick()
    assert watched.received() == (
        f"Check *table: sums* has failed for 2026-11-16: 7 is not 8. Count again.\n{UI}/runs/{run_id}"
    )


def test_a_table_that_is_late_all_day_is_one_message_that_says_how_late_and_why(watched: Watched) -> None:
    for hour in range(3):
        hourly_checks(watched, NOW + hour * HOUR)
        watched.tick()
    lines = watched.received().splitlines()
    assert len(lines) == 3
    assert lines[0].startswith(
        "Check *raw_anthropic_cost: newest_closed_day_is_loaded* has failed: "
        "raw_anthropic_cost: 2026-11-19 is not loaded, 6 hours late. See why anthropic's sensor requests no run"
    )


def test_a_check_that_is_still_red_a_day_later_is_told_again(watched: Watched) -> None:
    look(watched)
    watched.tick()
    look(watched)
    assert watched.tick(hours_later=0) == "Nothing has failed."
    look(watched)
    assert watched.tick(hours_later=25) == "1 sent."


def test_a_check_that_was_green_in_between_is_told_at_once(watched: Watched) -> None:
    for passed in (False, True, False):
        look(watched, passed=passed)
        watched.tick()
    assert len(watched.webhook.received) == 2


def test_the_same_check_of_other_days_and_another_check_are_told(watched: Watched) -> None:
    look(watched)
    look(watched, day="2026-11-17")
    look(watched, name="keys")
    assert watched.tick() == "3 sent."


def test_a_check_on_the_clock_is_told_once_whatever_days_the_runs_have_that_it_is_in(
    watched: Watched,
) -> None:
    look(watched, name=CHECK)
    look(watched, name=CHECK, day="2026-11-17")
    watched.tick()
    assert watched.received().startswith(f"Check *table: {CHECK}* has failed: 7 is not 8.")


def test_a_red_check_is_not_told_twice_because_another_alert_did_not_arrive(watched: Watched) -> None:
    run_id = look(watched)
    look(watched, name="keys")
    watched.webhook.refuses = "keys"
    with pytest.raises(AlertNotSentError):
        watched.tick()
    look(watched)
    watched.webhook.refuses = None
    watched.tick()
    assert [text.splitlines()[0].split("*")[1] for text in watched.webhook.received] == [
        "table: sums",
        "table: keys",
    ]
    # the first was sent by the tick that failed, and counts as sent when its run ended
    record = watched.instance.get_run_record_by_id(run_id)
    assert record
    assert AlertState.read(str(watched.cursor), watched.ticked_at) == AlertState(
        watched.ticked_at,
        {
            "*table: sums* has failed for 2026-11-16": ended_at(record),
            "*table: keys* has failed for 2026-11-16": watched.ticked_at,
        },
    )


def test_the_cursor_and_the_message_name_nobody(watched: Watched) -> None:
    @dg.asset_check(asset=table, name="owners")
    def check() -> dg.AssetCheckResult:
        return dg.AssetCheckResult(passed=False, description="dev@example.com used sk-ant-admin01-abcdef")

    dg.materialize([table, check], instance=watched.instance, partition_key="2026-11-16")
    watched.tick()
    assert "owners* has failed for 2026-11-16: (address) used (key)." in watched.received()
    assert "dev@" not in str(watched.cursor)
