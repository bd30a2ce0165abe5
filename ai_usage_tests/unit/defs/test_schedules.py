"""Once a week each vendor's days that can still move are read again, with everything after them, in one run."""

from datetime import UTC, date, datetime
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.storage.tags import ASSET_PARTITION_RANGE_END_TAG, ASSET_PARTITION_RANGE_START_TAG

from ai_usage_assets.days import Days
from ai_usage_assets.definitions import build_defs
from ai_usage_assets.demo.sandbox.server import running
from ai_usage_assets.schema.model import Layer
from ai_usage_assets.schema.registry import TABLES
from ai_usage_assets.settings import Settings
from ai_usage_tests.support.harness import Harness, failed_checks

SUNDAY = datetime(2026, 11, 22, 3, tzinfo=UTC)
KEYS = {"ANTHROPIC_ADMIN_API_KEY": "k", "CURSOR_ADMIN_API_KEY": "k"}


def requests(env: dict[str, str], name: str, at: datetime = SUNDAY) -> list[dg.RunRequest]:
    repository = build_defs(Settings.from_env(env)).get_repository_def()
    with dg.DagsterInstance.ephemeral() as instance:
        context = dg.build_schedule_context(instance, scheduled_execution_time=at, repository_def=repository)
        return list(repository.get_schedule_def(name).evaluate_tick(context).run_requests or [])


def window(request: dg.RunRequest) -> tuple[str, str]:
    return request.tags[ASSET_PARTITION_RANGE_START_TAG], request.tags[ASSET_PARTITION_RANGE_END_TAG]


@pytest.mark.parametrize("vendor", ["anthropic", "cursor"])
def test_the_window_is_the_thirty_one_days_that_were_over_when_it_was_due(vendor: str) -> None:
    (request,) = requests(KEYS, f"refresh_{vendor}_weekly")
    assert window(request) == ("2026-10-22", "2026-11-21")


def test_the_window_does_not_reach_behind_the_first_day() -> None:
    (request,) = requests({**KEYS, "AI_USAGE_START_DATE": "2026-11-18"}, "refresh_cursor_weekly")
    assert window(request) == ("2026-11-18", "2026-11-21")


def test_nothing_is_requested_before_the_first_day_is_over() -> None:
    at = datetime(2026, 11, 15, 3, tzinfo=UTC)
    assert requests({**KEYS, "AI_USAGE_START_DATE": "2026-11-18"}, "refresh_cursor_weekly", at) == []


def test_a_vendor_without_a_key_is_left_out() -> None:
    defs = build_defs(Settings.from_env({"CURSOR_ADMIN_API_KEY": "k"}))
    names = {schedule.name for schedule in defs.get_repository_def().schedule_defs}
    assert names == {"refresh_cursor_weekly"}


def test_schedules_are_on_and_apart() -> None:
    schedules = build_defs(Settings.from_env(KEYS)).get_repository_def().schedule_defs
    assert {s.default_status for s in schedules} == {dg.DefaultScheduleStatus.RUNNING}
    assert {s.cron_schedule for s in schedules} == {"0 3 * * 0", "30 4 * * 0"}
    assert {s.execution_timezone for s in schedules} == {"UTC"}


def test_the_run_reads_the_vendor_and_builds_everything_after_it_for_its_window(tmp_path: Path) -> None:
    with running(now=SUNDAY) as sandbox:
        harness = Harness(sandbox, tmp_path, now=SUNDAY, env={"AI_USAGE_START_DATE": "2026-11-18"})
        (request,) = requests(harness.env, "refresh_cursor_weekly")
        with harness.code_location() as defs:
            job = defs.get_repository_def().get_job("refresh_cursor")
            result = job.execute_in_process(
                instance=harness.instance, tags=request.tags, raise_on_error=False
            )
    assert result.success
    assert failed_checks(result) == []
    written = {key.path[-1] for key in harness.instance.all_asset_keys()}
    after = {Layer.IDENTITY, Layer.CURATED}
    assert written == {t.name for t in TABLES if t.vendor == "cursor" or t.layer in after}
    assert harness.materialized_days("fct_cost_daily") == set(Days(date(2026, 11, 18), date(2026, 11, 21)))
