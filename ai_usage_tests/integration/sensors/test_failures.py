"""What goes wrong is told, once, in a sentence that somebody can act on, and nothing secret leaves with it."""

import os
import subprocess
import sys
import traceback
from datetime import UTC, date, datetime

import dagster as dg
import pytest
from dagster._core.events import EngineEventData
from dagster._utils.error import serializable_error_info_from_exc_info
from dagster_shared.error import SerializableErrorInfo

from ai_usage_assets.days import Days
from ai_usage_assets.defs.sensors.alerts import message as wording
from ai_usage_assets.defs.sensors.alerts import webhook as alerts
from ai_usage_assets.defs.sensors.alerts.sensor import TAG
from ai_usage_assets.defs.sensors.alerts.state import AlertState
from ai_usage_assets.defs.sensors.alerts.webhook import AlertNotSentError
from ai_usage_assets.demo.sandbox import faults
from ai_usage_assets.settings import SettingError, Settings
from ai_usage_assets.sources.http.errors import ForbiddenError
from ai_usage_tests.support.received_alerts import UI, Watched
from ai_usage_tests.support.webhook import Webhook

pytestmark = pytest.mark.slow

USAGE = "/v1/organizations/usage_report/messages"
CLAUDE_CODE = "/v1/organizations/usage_report/claude_code"
REMEDY = "Days that were finished are kept. Fix the cause, and run the same days again."


# what is told


def test_a_refused_key_is_told_with_table_days_reason_remedy_and_link(watched: Watched) -> None:
    watched.sandbox.faults.next(USAGE, faults.status(401))
    run = watched.run("raw_anthropic_usage")
    watched.tick()
    assert watched.received() == (
        "*raw_anthropic_usage* failed for 2026-11-16...2026-11-18: Anthropic refused the key "
        f"({USAGE}, HTTP 401): check that ANTHROPIC_ADMIN_API_KEY holds a current Admin key.\n"
        f"{REMEDY}\n{UI}/runs/{run.run_id}"
    )


def test_a_step_of_two_tables_is_told_by_its_tables(watched: Watched) -> None:
    watched.sandbox.faults.next(CLAUDE_CODE, faults.status(403))
    watched.run("raw_claude_code_usage,raw_claude_code_models")
    watched.tick()
    assert watched.received().startswith(
        "*raw_claude_code_models, raw_claude_code_usage* failed for 2026-11-16..."
    )


def test_a_refused_write_is_told_with_the_difference(watched: Watched) -> None:
    with watched.engine.session() as session:
        session.execute("create table raw_cursor_members (member_id int64, email string)")
    watched.run("raw_cursor_members")
    watched.tick()
    assert "column member_id is INT64, declared STRING NOT NULL" in watched.received()
    assert "Rename the table: ALTER TABLE" in watched.received()


def test_days_that_cannot_be_had_are_told_for_the_run_as_a_whole(watched: Watched) -> None:
    watched.run("raw_cursor_events", Days(date(2026, 11, 18), date(2026, 11, 20)))
    watched.tick()
    assert watched.received().startswith("The run of *raw_cursor_events* failed for 2026-11-18...2026-11-20:")
    assert "the last closed day is 2026-11-19 (UTC)" in watched.received()


def test_a_key_that_is_missing_when_the_run_starts_is_told_by_its_variable(watched: Watched) -> None:
    with watched.code_location() as defs:
        job = defs.resolve_implicit_global_asset_job_def()
        asked = [dg.AssetKey("raw_cursor_members")]
        run = watched.instance.create_run_for_job(job, asset_selection=frozenset(asked))
        # of the code location's environment, which ends with it
        del os.environ["CURSOR_ADMIN_API_KEY"]
        with pytest.raises(dg.DagsterInvalidConfigError) as stopped:
            job.execute_in_process(instance=watched.instance, asset_selection=asked)
        # as Dagster's worker reports it
        error = serializable_error_info_from_exc_info((stopped.type, stopped.value, stopped.tb))
        watched.instance.report_engine_event("Thrown", run, EngineEventData.engine_error(error))
        watched.instance.report_run_failed(run)
    watched.tick()
    assert watched.received().startswith(
        "The run of *raw_cursor_members* failed: CURSOR_ADMIN_API_KEY is not set where the run was started"
    )


def test_a_run_whose_worker_was_lost_is_told_in_dagsters_words(watched: Watched) -> None:
    with watched.code_location() as defs:
        job = defs.resolve_implicit_global_asset_job_def()
        run = watched.instance.create_run_for_job(
            job, asset_selection=frozenset([dg.AssetKey("raw_cursor_members")])
        )
    watched.instance.report_run_failed(run, "Run worker exited unexpectedly.")
    watched.tick()
    assert watched.received().startswith(
        "The run of *raw_cursor_members* failed: Run worker exited unexpectedly."
    )


def test_a_run_that_went_well_is_not_told(watched: Watched) -> None:
    assert watched.run("raw_cursor_members").success
    assert watched.tick() == "Nothing has failed."
    assert watched.webhook.received == []


def test_a_run_that_dagster_will_start_again_is_left_to_its_retry(watched: Watched) -> None:
    watched.sandbox.faults.next(USAGE, faults.status(401))
    run = watched.run("raw_anthropic_usage")
    watched.instance.add_run_tags(run.run_id, {"dagster/will_retry": "true"})
    watched.tick()
    assert watched.webhook.received == []


# once, and not lost


def test_a_failure_is_told_once_even_if_it_was_stored_late(watched: Watched) -> None:
    watched.sandbox.faults.next(USAGE, faults.status(401))
    watched.run("raw_anthropic_usage")
    # the tick before looked a moment after the end of the run, and did not find it
    watched.cursor = AlertState(datetime.now(UTC)).write()
    assert [watched.tick(), watched.tick()] == ["1 sent.", "Nothing has failed."]
    assert len(watched.webhook.received) == 1


def test_a_webhook_that_is_down_fails_the_tick_without_its_address_and_is_told_when_it_is_back(
    watched: Watched,
) -> None:
    watched.sandbox.faults.next(USAGE, faults.status(401))
    run = watched.run("raw_anthropic_usage")
    watched.webhook.status = 500
    with pytest.raises(AlertNotSentError) as failed:
        watched.tick()
    said = "".join(traceback.format_exception(failed.value))
    assert f"run {run.run_id}: the webhook of AI_USAGE_ALERT_WEBHOOK_URL answered HTTP 500" in said
    assert "s3cr3t" not in said
    watched.webhook.status = 200
    assert watched.tick() == "1 sent."
    assert watched.received().startswith("*raw_anthropic_usage* failed")


def test_a_webhook_that_is_down_over_a_weekend_has_a_day_to_come_back_before_an_alert_is_given_up(
    watched: Watched,
) -> None:
    watched.sandbox.faults.next(USAGE, faults.status(401))
    run = watched.run("raw_anthropic_usage")
    watched.webhook.status = 500
    for hours_later in (0, 1, 23, 25):
        with pytest.raises(AlertNotSentError):
            watched.tick(hours_later)
    watched.webhook.status = 200
    assert watched.tick(26) == "Nothing has failed."
    tagged = watched.instance.get_run_by_id(run.run_id)
    assert tagged
    assert tagged.tags[TAG] == "given up"


def test_after_a_cursor_that_cannot_be_read_the_last_day_is_looked_at_again(watched: Watched) -> None:
    watched.sandbox.faults.next(USAGE, faults.status(401))
    watched.run("raw_anthropic_usage")
    watched.cursor = ""
    assert [watched.tick(hours) for hours in (23, 23.1)] == ["1 sent.", "Nothing has failed."]


def test_after_a_clock_that_was_years_ahead_failures_are_told_again(watched: Watched) -> None:
    watched.tick(hours_later=24 * 365)
    watched.sandbox.faults.next(USAGE, faults.status(401))
    watched.run("raw_anthropic_usage")
    assert watched.tick() == "1 sent."


def test_what_failed_before_anybody_was_to_be_told_is_not_told(watched: Watched) -> None:
    watched.sandbox.faults.next(USAGE, faults.status(401))
    watched.run("raw_anthropic_usage")
    watched.cursor = None
    assert watched.tick(hours_later=1) == "Failures from now on are sent."
    assert watched.tick(hours_later=1) == "Nothing has failed."
    assert watched.webhook.received == []


# nothing secret


@pytest.mark.parametrize("url", ["http://hooks.example.com/s3cr3t", "hooks.example.com/s3cr3t", "https://"])
def test_an_address_that_would_go_out_in_the_clear_is_refused_and_not_repeated(
    watched: Watched, url: str
) -> None:
    with pytest.raises(SettingError, match="AI_USAGE_ALERT_WEBHOOK_URL is not an https URL") as refused:
        Settings.from_env({**watched.env, "AI_USAGE_ALERT_WEBHOOK_URL": url})
    assert "s3cr3t" not in str(refused.value)


def test_a_redirect_is_not_followed(webhook: Webhook) -> None:
    webhook.status = 302
    with pytest.raises(AlertNotSentError, match="answered HTTP 302"):
        alerts.post(webhook.url, "text")
    assert webhook.received == []


def test_nobodys_address_and_no_secret_leaves_with_a_text(watched: Watched) -> None:
    key, url = watched.env["CURSOR_ADMIN_API_KEY"], watched.webhook.url
    with watched.code_location() as defs:
        resources = defs.resources or {}
        resources["alerts"].__class__(webhook_url=url).send(
            f"{key} {url} sk-ant-admin01-abcdef dev@example.com stays"
        )
    assert watched.received() == "(secret) (secret) (key) (address) stays"


def test_of_an_error_that_is_not_ours_the_first_line_is_told_without_addresses_of_any_kind() -> None:
    said = "db.OperationalError: no answer from postgres://user:pw@host/db\nBODY"
    foreign = SerializableErrorInfo(said, [], "OperationalError")
    outer = SerializableErrorInfo("dagster.X: step failed", [], "X", cause=foreign)
    assert wording.sentence(outer) == "OperationalError: no answer from (address)"


def test_an_error_of_the_same_class_name_that_is_not_ours_is_shown_by_its_first_line_alone() -> None:
    url = "https://bigquery.googleapis.com/p/secret-project"
    theirs = _as_dagster_stores_it(type("ForbiddenError", (Exception,), {})(f"GET {url}: denied\nBODY"))
    ours = _as_dagster_stores_it(ForbiddenError("Anthropic", "/v1/x", status=403, hint="ask for it"))

    assert theirs.cls_name == ours.cls_name == "ForbiddenError"
    assert wording.sentence(theirs) == "ForbiddenError: GET (address) denied"
    assert (
        wording.sentence(ours)
        == "Anthropic does not allow this key to read the endpoint (/v1/x, HTTP 403): ask for it."
    )


def test_an_error_that_names_one_of_ours_in_its_message_is_not_taken_for_it() -> None:
    name = f"{ForbiddenError.__module__}.{ForbiddenError.__qualname__}"
    theirs = _as_dagster_stores_it(RuntimeError(f"{name}: at https://host/x\nBODY"))

    assert wording.sentence(theirs) == f"RuntimeError: {name}: at (address)"


def test_every_error_that_is_written_for_people_is_known_once_the_definitions_are_loaded() -> None:
    """The sensor's process reads errors of other processes, and knows the classes that it has imported."""
    script = """
import importlib, pkgutil
import ai_usage_assets.code_location
from ai_usage_assets.defs.sensors.alerts.message import full_names
from ai_usage_assets.errors import AiUsageError
known = set(full_names(AiUsageError))
for module in pkgutil.walk_packages(ai_usage_assets.__path__, "ai_usage_assets."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
# those of `ops` and `cli` are raised outside of Dagster, and those of `digest` in a tick: never in a run
found = set(full_names(AiUsageError)) - known
print(*sorted(name for name in found if name.split(".")[1] not in {"cli", "digest", "ops"}))
"""
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert found.stdout.strip() == ""


def _as_dagster_stores_it(error: Exception) -> SerializableErrorInfo:
    return SerializableErrorInfo.from_traceback(traceback.TracebackException.from_exception(error))
