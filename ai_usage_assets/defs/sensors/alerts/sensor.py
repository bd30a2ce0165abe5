"""The alert sensor: a failed run is sent to the webhook once. A check that fails with severity ERROR is sent when it
starts to fail, and once a day while it keeps failing.

It is not Dagster's run-failure sensor, which moves on when its body fails, so that the alert would be lost. Here a tag
of the run says whether its alert was sent, so that an unreachable webhook is tried again, and not for ever.
"""

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import dagster as dg

from ai_usage_assets.days import Clock
from ai_usage_assets.defs.partitions import days_tagged
from ai_usage_assets.defs.resources import AlertResource
from ai_usage_assets.defs.sensors.alerts import message
from ai_usage_assets.defs.sensors.alerts.state import A_DAY, AlertState
from ai_usage_assets.defs.sensors.alerts.webhook import AlertNotSentError, default_status
from ai_usage_assets.settings import Settings

TAG = "ai_usage/alert"
SENT, GIVEN_UP = "sent", "given up"
INTERVAL_SECONDS = 60
MAX_SECONDS = 30.0
"""Of sending in one tick. A tick has sixty seconds, and a webhook that hangs takes ten for each text."""
OVERLAP = timedelta(minutes=1)
"""A run may be stored a moment after one that ended later."""
EVENT_TYPES = {
    dg.DagsterEventType.STEP_FAILURE,
    dg.DagsterEventType.RUN_FAILURE,
    dg.DagsterEventType.ENGINE_EVENT,
    dg.DagsterEventType.ASSET_CHECK_EVALUATION,
}


def build(settings: Settings, clock: Clock) -> dg.SensorDefinition:
    @dg.sensor(
        name="failures",
        minimum_interval_seconds=INTERVAL_SECONDS,
        default_status=default_status(settings),
        description="Sends failed runs, and checks that fail with severity ERROR, to AI_USAGE_ALERT_WEBHOOK_URL. Off without it.",
    )
    def failures(context: dg.SensorEvaluationContext, alerts: AlertResource) -> dg.SkipReason:
        now = clock()
        if context.cursor is None:
            context.update_cursor(AlertState(now).write())
            return dg.SkipReason("Failures from now on are sent.")
        state, sent, failed, ends = (
            AlertState.read(context.cursor, now),
            0,
            [],
            time.monotonic() + MAX_SECONDS,
        )
        for record in ended(context.instance, state.since - OVERLAP):
            run, days = record.dagster_run, days_tagged(record.dagster_run.tags)
            new_events = state.new_events(events_of(context.instance, run), days)
            text = None if is_skipped(run) else message_for(context, run, new_events, settings.ui_url)
            if time.monotonic() > ends:
                break
            try:
                sent += deliver(context.instance, alerts, record, text, now)
            except AlertNotSentError as error:
                failed.append(f"run {run.run_id}: {error}")
            else:
                if text:
                    state.remember(new_events, days, now)
                elif run.tags.get(TAG) == SENT and now - ended_at(record) < A_DAY:
                    # sent by a tick that failed on another alert, and could not store its cursor
                    state.remember(new_events, days, ended_at(record))
        else:
            state.since = now
        if failed:
            raise AlertNotSentError("; ".join(failed))
        context.update_cursor(state.write())
        return dg.SkipReason(f"{sent} sent." if sent else "Nothing has failed.")

    return failures


def ended(instance: dg.DagsterInstance, after: datetime) -> Sequence[dg.RunRecord]:
    """Runs that ended after this instant, or were tagged after it."""
    statuses = [dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.SUCCESS]
    return instance.get_run_records(dg.RunsFilter(statuses=statuses, updated_after=after), ascending=True)


def deliver(
    instance: dg.DagsterInstance, alerts: AlertResource, record: dg.RunRecord, text: str | None, now: datetime
) -> int:
    """Send the alert, if there is one, and tag the run with the outcome; returns how many were sent.

    Raises:
        AlertNotSentError: it was not sent; it is given up if the run ended a day ago.
    """
    if text is None:
        return 0
    run_id = record.dagster_run.run_id
    try:
        alerts.send(text)
    except AlertNotSentError:
        if now - ended_at(record) >= A_DAY:
            instance.add_run_tags(run_id, {TAG: GIVEN_UP})
        raise
    instance.add_run_tags(run_id, {TAG: SENT})
    return 1


def ended_at(record: dg.RunRecord) -> datetime:
    return datetime.fromtimestamp(record.end_time, UTC) if record.end_time else record.create_timestamp


def is_skipped(run: dg.DagsterRun) -> bool:
    """Sent already, given up, or about to be retried by Dagster: if the retry fails, that is sent."""
    will_retry = run.status is dg.DagsterRunStatus.FAILURE and run.tags.get("dagster/will_retry") == "true"
    return will_retry or run.tags.get(TAG) in {SENT, GIVEN_UP}


def events_of(instance: dg.DagsterInstance, run: dg.DagsterRun) -> list[dg.DagsterEvent]:
    records = instance.get_records_for_run(run.run_id, of_type=EVENT_TYPES).records
    return [event for record in records if (event := record.event_log_entry.dagster_event)]


def message_for(
    context: dg.SensorEvaluationContext,
    run: dg.DagsterRun,
    new_events: Sequence[dg.DagsterEvent],
    ui_url: str | None,
) -> str | None:
    return message.text(run, new_events, lambda step: tables_of(context.repository_def, step), ui_url)


def tables_of(repository: dg.RepositoryDefinition | None, step: str) -> list[str]:
    """The tables that a step writes; the step's own name if it writes none."""
    made = repository.assets_defs_by_key.items() if repository else []
    return sorted(
        key.path[-1] for key, asset in made if asset.is_executable and asset.node_def.name == step
    ) or [step]
