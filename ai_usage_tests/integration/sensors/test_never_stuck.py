"""Nothing stands still for ever, and nothing that is here is asked away: settings, clocks, people and other jobs move."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.storage.tags import RUN_KEY_TAG

from ai_usage_assets.days import Days
from ai_usage_assets.defs.records import REQUEST_TAG
from ai_usage_assets.defs.sensors.availability import sensor as availability
from ai_usage_assets.defs.sensors.availability.plan import Backoff, PlannedRun, after_run, plan
from ai_usage_assets.defs.sensors.availability.state import State
from ai_usage_assets.demo.sandbox.faults import slow, status
from ai_usage_assets.sources.http.retry import Retry
from ai_usage_tests.support.daemon import CURSOR, DAILY, EVENTS, MINUTE, YESTERDAY, Daemon, Run, daemon

pytestmark = pytest.mark.slow

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
BAD = date(2026, 10, 20)
API_KEYS = "/v1/organizations/api_keys"


def test_one_bad_day_ends_with_all_the_others_here() -> None:
    days, now, runs = set(Days(date(2026, 10, 1), date(2026, 11, 19))), NOW, 0
    backoffs: list[Backoff] = []
    for _ in range(100):
        wants = {"a": dict.fromkeys(days, "")}
        if days == {BAD}:
            break
        if asks := plan(wants, backoffs, now):
            runs += 1
            days -= set() if BAD in asks[0].days else set(asks[0].days)
            backoffs = after_run(asks[0], {"a": dict.fromkeys(days, "")}, backoffs, now)
        else:
            now = min(hold.until for hold in backoffs if hold.until > now)
    assert days == {BAD}
    # of fifty days: whole, whole again, then halves
    assert runs <= 2 + 2 * 6
    assert now - NOW < timedelta(hours=24)


def test_days_beyond_the_vendors_history_are_never_requested(tmp_path: Path) -> None:
    with daemon(tmp_path, days=9) as late:
        late.env["CURSOR_RETENTION_DAYS"] = "5"
        late.load()
        assert late.runs("cursor") == [Run("missing", CURSOR, "2026-11-15", "2026-11-19")]


def test_a_run_key_is_never_used_again_though_somebody_deletes_runs(fresh: Daemon) -> None:
    fresh.env["AI_USAGE_START_DATE"] = str(YESTERDAY)
    fresh.load()
    fresh.sandbox.faults.next(EVENTS, status(400), times=10)

    def runs() -> list[dg.DagsterRun]:
        """Of the newest request, the newest first."""
        [newest] = fresh.instance.get_runs(limit=1)
        return list(fresh.instance.get_runs(dg.RunsFilter(tags={REQUEST_TAG: newest.tags[REQUEST_TAG]})))

    for _ in range(3):
        assert isinstance(fresh.tick("cursor"), Run)
        fresh.later(MINUTE)
        fresh.evaluate("cursor")
        fresh.later(timedelta(hours=1))
    assert [run.tags[RUN_KEY_TAG][-2:] for run in runs()] == [":1", ":0"]
    fresh.instance.delete_run(runs()[1].run_id)
    assert isinstance(fresh.tick("cursor"), Run)
    assert [run.tags[RUN_KEY_TAG][-2:] for run in runs()] == [":2", ":1"]


def test_a_job_of_somebody_elses_holds_nobody_back(fresh: Daemon) -> None:
    @dg.op
    def wait() -> None: ...

    @dg.job
    def nightly_ml() -> None:
        wait()

    fresh.instance.create_run_for_job(nightly_ml, status=dg.DagsterRunStatus.STARTED)
    assert isinstance(fresh.tick("cursor"), Run)


def test_a_vendors_weekly_job_holds_the_other_vendor_not_back(fresh: Daemon) -> None:
    job = fresh.code.get_job("refresh_anthropic")
    fresh.instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED)
    assert isinstance(fresh.tick("cursor"), Run)
    assert "is writing Anthropic's days" in str(fresh.tick("anthropic"))


def test_a_clock_that_was_years_ahead_and_is_put_right_costs_nothing(fresh: Daemon) -> None:
    ahead = State(newest=date(2029, 12, 31), next_poll_at=datetime(2030, 1, 1, tzinfo=UTC))
    ahead.backoffs = [
        Backoff(
            PlannedRun(("raw_cursor_events",), Days(fresh.start, YESTERDAY)),
            1,
            datetime(2030, 1, 1, tzinfo=UTC),
        )
    ]
    fresh.cursors["cursor_availability"] = ahead.write()
    assert fresh.runs("cursor") == [Run("missing", CURSOR, str(fresh.start), str(YESTERDAY))]


@pytest.mark.parametrize(
    "cursor",
    [
        {
            "restated": {
                "raw_cursor_of_an_older_release": {"2026-11-18": {"digest": "d", "materialization": 1}}
            }
        },
        {"backoffs": "none"},
    ],
    ids=["a table that is gone", "another shape"],
)
def test_a_cursor_of_another_release_is_read_as_far_as_it_can_be(
    fresh: Daemon, cursor: dict[str, object]
) -> None:
    fresh.cursors["cursor_availability"] = json.dumps(cursor)
    assert fresh.tick("cursor") == Run("missing", CURSOR, str(fresh.start), str(YESTERDAY))


def test_a_restated_day_before_a_start_date_that_moved_is_let_be(cursor: Daemon) -> None:
    cursor.env["AI_USAGE_START_DATE"] = str(YESTERDAY)
    cursor.load()
    cursor.sandbox.restate(cursor.start, "cursor", 2.0)
    assert str(cursor.tick("cursor")).startswith("Every day until 2026-11-19 is loaded")


def test_a_register_that_never_landed_is_asked_for_by_itself_until_it_has(fresh: Daemon) -> None:
    fresh.sandbox.faults.next(API_KEYS, status(403), times=2)
    fresh.tick("anthropic")
    fresh.later(MINUTE)
    tries = []
    for _ in range(25):
        said = fresh.evaluate("anthropic")
        if said.run_requests:
            tries.append([key.path[-1] for key in said.run_requests[0].asset_selection])
            fresh.run("__ASSET_JOB", said.run_requests[0].tags, said.run_requests[0].asset_selection)
        fresh.later(MINUTE)
    assert tries == [["raw_anthropic_api_keys"]] * 2


def test_a_vendor_that_is_too_slow_for_a_month_is_asked_for_less(
    fresh: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh.start = YESTERDAY - timedelta(days=40)
    fresh.env["AI_USAGE_START_DATE"] = str(fresh.start)
    fresh.load()
    fresh.sandbox.faults.next(DAILY, slow(10))
    with monkeypatch.context() as impatient:
        impatient.setattr(availability, "FAIL_FAST", Retry(max_seconds=3.0, max_attempts=1))
        assert "No run is requested" in str(fresh.evaluate("cursor").skip_message)
    assert State.read(fresh.cursors["cursor_availability"]).max_days == 15
    fresh.later(MINUTE)
    assert fresh.evaluate("cursor").run_requests
    assert State.read(fresh.cursors["cursor_availability"]).max_days is None
