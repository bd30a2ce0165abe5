"""Telling someone: every run that failed goes to the webhook once, and every check that says ERROR when it turns red,
and once a day while it stays so.

Not Dagster's run-failure sensor: that moves on when its body fails, and the alert would be lost. Here a run carries
in a tag what became of its alert, so that a webhook that is down is tried again, and not for ever.
"""

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import dagster as dg

from ai_usage_assets.days import Clock
from ai_usage_assets.defs.partitions import days_tagged
from ai_usage_assets.defs.resources import AlertResource
from ai_usage_assets.defs.sensors.alerts import message as wording
from ai_usage_assets.defs.sensors.alerts.state import A_DAY, Told
from ai_usage_assets.defs.sensors.alerts.webhook import AlertNotSent
from ai_usage_assets.settings import Settings

TAG = "ai_usage/alert"
SENT, GIVEN_UP = "sent", "given up"
EVERY_SECONDS = 60
MOST_SECONDS = 30.0
"""Of sending in one tick; it has sixty, and a webhook that hangs takes ten for each text."""
OVERLAP = timedelta(minutes=1)
"""A run may be stored a moment after one that ended later."""
TOLD = {
    dg.DagsterEventType.STEP_FAILURE,
    dg.DagsterEventType.RUN_FAILURE,
    dg.DagsterEventType.ENGINE_EVENT,
    dg.DagsterEventType.ASSET_CHECK_EVALUATION,
}


def build(settings: Settings, clock: Clock) -> dg.SensorDefinition:
    running = dg.DefaultSensorStatus.RUNNING if settings.has_alert_webhook else dg.DefaultSensorStatus.STOPPED

    @dg.sensor(
        name="failures",
        minimum_interval_seconds=EVERY_SECONDS,
        default_status=running,
        description="Tells AI_USAGE_ALERT_WEBHOOK_URL of failed runs and of checks that say ERROR. Off without it.",
    )
    def failures(context: dg.SensorEvaluationContext, alerts: AlertResource) -> dg.SkipReason:
        now = clock()
        if context.cursor is None:
            context.update_cursor(Told(now).write())
            return dg.SkipReason("What fails from now on is told.")
        told, sent, failed, ends = Told.read(context.cursor, now), 0, [], time.monotonic() + MOST_SECONDS
        for record in ended(context.instance, told.since - OVERLAP):
            run, days = record.dagster_run, days_tagged(record.dagster_run.tags)
            news = told.news(events_of(context.instance, run), days)
            text = None if spared(run) else worded(context, run, news, settings.ui_url)
            if time.monotonic() > ends:
                break
            try:
                sent += deliver(context.instance, alerts, record, text, now)
            except AlertNotSent as error:
                failed.append(f"run {run.run_id}: {error}")
            else:
                if text:
                    told.remember(news, days, now)
                elif run.tags.get(TAG) == SENT and now - ended_at(record) < A_DAY:
                    # by a tick that failed of another alert, and could not keep its cursor
                    told.remember(news, days, ended_at(record))
        else:
            told.since = now
        if failed:
            raise AlertNotSent("; ".join(failed))
        context.update_cursor(told.write())
        return dg.SkipReason(f"{sent} told." if sent else "Nothing has failed.")

    return failures


def ended(instance: dg.DagsterInstance, after: datetime) -> Sequence[dg.RunRecord]:
    """Runs that ended since then, or were tagged."""
    statuses = [dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.SUCCESS]
    return instance.get_run_records(dg.RunsFilter(statuses=statuses, updated_after=after), ascending=True)


def deliver(
    instance: dg.DagsterInstance, alerts: AlertResource, record: dg.RunRecord, text: str | None, now: datetime
) -> int:
    """Send it if there is something to send, and tag the run with what became of it; how many were sent.

    Raises:
        AlertNotSent: it was not, and is given up if the run ended a day ago.
    """
    if text is None:
        return 0
    run_id = record.dagster_run.run_id
    try:
        alerts.send(text)
    except AlertNotSent:
        if now - ended_at(record) >= A_DAY:
            instance.add_run_tags(run_id, {TAG: GIVEN_UP})
        raise
    instance.add_run_tags(run_id, {TAG: SENT})
    return 1


def ended_at(record: dg.RunRecord) -> datetime:
    return datetime.fromtimestamp(record.end_time, UTC) if record.end_time else record.create_timestamp


def spared(run: dg.DagsterRun) -> bool:
    """Told already, given up, or about to be run again by Dagster, which will tell if that fails too."""
    will_retry = run.status is dg.DagsterRunStatus.FAILURE and run.tags.get("dagster/will_retry") == "true"
    return will_retry or run.tags.get(TAG) in {SENT, GIVEN_UP}


def events_of(instance: dg.DagsterInstance, run: dg.DagsterRun) -> list[dg.DagsterEvent]:
    records = instance.get_records_for_run(run.run_id, of_type=TOLD).records
    return [event for record in records if (event := record.event_log_entry.dagster_event)]


def worded(
    context: dg.SensorEvaluationContext,
    run: dg.DagsterRun,
    news: Sequence[dg.DagsterEvent],
    ui_url: str | None,
) -> str | None:
    return wording.text(run, news, lambda step: tables_of(context.repository_def, step), ui_url)


def tables_of(repository: dg.RepositoryDefinition | None, step: str) -> list[str]:
    """The tables that a step makes; the step's own name if it makes none."""
    made = repository.assets_defs_by_key.items() if repository else []
    return sorted(
        key.path[-1] for key, asset in made if asset.is_executable and asset.node_def.name == step
    ) or [step]
