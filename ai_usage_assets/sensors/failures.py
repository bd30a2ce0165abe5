"""Telling someone: every run that failed, and every check that says ERROR, goes to the webhook once.

Not Dagster's run-failure sensor: that moves on when its body fails, and the alert would be lost. Here a run carries
in a tag what became of its alert, so that a webhook that is down is tried again, and not for ever.
"""

from datetime import datetime, timedelta

import dagster as dg

from ai_usage_assets.alerts import AlertNotSent
from ai_usage_assets.days import utc_now
from ai_usage_assets.resources import AlertResource, Settings
from ai_usage_assets.sensors import wording

TAG = "ai_usage/alert"
SENT, GIVEN_UP = "sent", "given up"
MOST_TRIES = 20
EVERY_SECONDS = 60
OVERLAP = timedelta(minutes=1)
"""A run may be stored a moment after one that ended later."""
TOLD = {
    dg.DagsterEventType.STEP_FAILURE,
    dg.DagsterEventType.RUN_FAILURE,
    dg.DagsterEventType.ENGINE_EVENT,
    dg.DagsterEventType.ASSET_CHECK_EVALUATION,
}


def build(settings: Settings) -> dg.SensorDefinition:
    running = dg.DefaultSensorStatus.RUNNING if settings.alerts else dg.DefaultSensorStatus.STOPPED

    @dg.sensor(
        name="failures",
        minimum_interval_seconds=EVERY_SECONDS,
        default_status=running,
        description="Tells AI_USAGE_ALERT_WEBHOOK_URL of failed runs and of checks that say ERROR. Off without it.",
    )
    def failures(context: dg.SensorEvaluationContext, alerts: AlertResource) -> dg.SkipReason:
        if context.cursor is None:
            context.update_cursor(utc_now().isoformat())
            return dg.SkipReason("What fails from now on is told.")
        started, sent, failed = utc_now(), 0, []
        for run in ended(context.instance, datetime.fromisoformat(context.cursor) - OVERLAP):
            text = None if spared(run) else worded(context, run, settings.ui_url)
            if text is None:
                continue
            try:
                alerts.send(text)
            except AlertNotSent as error:
                failed.append(f"run {run.run_id}: {error}")
                tries = int(run.tags.get(TAG, "0")) + 1
                context.instance.add_run_tags(
                    run.run_id, {TAG: GIVEN_UP if tries >= MOST_TRIES else str(tries)}
                )
            else:
                sent += 1
                context.instance.add_run_tags(run.run_id, {TAG: SENT})
        if failed:
            raise AlertNotSent("; ".join(failed))
        context.update_cursor(started.isoformat())
        return dg.SkipReason(f"{sent} told." if sent else "Nothing has failed.")

    return failures


def ended(instance: dg.DagsterInstance, after: datetime) -> list[dg.DagsterRun]:
    """Runs that ended since then, or were tagged."""
    statuses = [dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.SUCCESS]
    records = instance.get_run_records(dg.RunsFilter(statuses=statuses, updated_after=after), ascending=True)
    return [record.dagster_run for record in records]


def spared(run: dg.DagsterRun) -> bool:
    """Told already, given up, or about to be run again by Dagster, which will tell if that fails too."""
    will_retry = run.status is dg.DagsterRunStatus.FAILURE and run.tags.get("dagster/will_retry") == "true"
    return will_retry or run.tags.get(TAG) in {SENT, GIVEN_UP}


def worded(context: dg.SensorEvaluationContext, run: dg.DagsterRun, ui_url: str | None) -> str | None:
    records = context.instance.get_records_for_run(run.run_id, of_type=TOLD).records
    events = [event for record in records if (event := record.event_log_entry.dagster_event)]
    return wording.text(run, events, lambda step: tables_of(context.repository_def, step), ui_url)


def tables_of(repository: dg.RepositoryDefinition | None, step: str) -> list[str]:
    """The tables that a step makes; the step's own name if it makes none."""
    made = repository.assets_defs_by_key.items() if repository else []
    return sorted(
        key.path[-1] for key, asset in made if asset.is_executable and asset.node_def.name == step
    ) or [step]
