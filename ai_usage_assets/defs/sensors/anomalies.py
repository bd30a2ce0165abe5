"""One sensor that sends new anomalies of the last days to the webhook of the alerts, each once and without names.

It reads the results of the check `spend_is_usual` in Dagster's records, and not the warehouse. What was sent is stored as for
digests, by a run whose id is made of the anomaly, so that a restart, a second daemon or a restated day sends nothing again.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import dagster as dg
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus

from ai_usage_assets.days import Clock
from ai_usage_assets.defs.checks.anomalies import CHECK, NEW
from ai_usage_assets.defs.resources import AlertResource
from ai_usage_assets.defs.sensors.alerts.webhook import default_status
from ai_usage_assets.defs.sensors.digest import record
from ai_usage_assets.schema.tables.curated import FCT_COST_DAILY
from ai_usage_assets.settings import Settings

INTERVAL_SECONDS = 300
MAX_AGE = timedelta(days=7)
"""Older days are not sent: a first load judges every day of the past."""
MAX_RESULTS = 100
"""More results of the check do not come within a tick."""
MAX_LINES = 10


def build(settings: Settings, clock: Clock) -> dg.SensorDefinition:
    @dg.sensor(
        name="anomalies",
        minimum_interval_seconds=INTERVAL_SECONDS,
        default_status=default_status(settings),
        description="Sends days with unusual spend to AI_USAGE_ALERT_WEBHOOK_URL, each once. Off without it.",
    )
    def anomalies(context: dg.SensorEvaluationContext, alerts: AlertResource) -> dg.SkipReason:
        cursor = context.cursor or ""
        after = int(cursor) if cursor.isdecimal() else 0
        newest, found = results(context.instance, after, clock())
        new = {each["id"]: each for each in found if not context.instance.has_run(run_id(each))}
        number = deliver(context.instance, alerts, list(new.values()), settings.ui_url)
        # only now: what the webhook refuses is read again
        context.update_cursor(str(newest))
        return dg.SkipReason(f"{number} sent." if number else "No new anomaly.")

    return anomalies


def results(instance: dg.DagsterInstance, after: int, now: datetime) -> tuple[int, list[dict[str, str]]]:
    """The newest result's place in the records, and the anomalies of the last days in the results after a place."""
    key = dg.AssetCheckKey(dg.AssetKey(FCT_COST_DAILY.name), CHECK)
    stored = instance.event_log_storage.get_asset_check_execution_history(
        key, limit=MAX_RESULTS, status={AssetCheckExecutionRecordStatus.FAILED}
    )
    records = [each for each in stored if each.id > after]
    first_day = now.date() - MAX_AGE
    found = [each for result in reversed(records) for each in new_anomalies(result.evaluation)]
    recent = [each for each in found if date.fromisoformat(each["day"]) >= first_day]
    return max((each.id for each in records), default=after), recent


def new_anomalies(evaluation: dg.AssetCheckEvaluation | None) -> Iterator[dict[str, str]]:
    listed: Any = evaluation.metadata.get(NEW) if evaluation else None
    yield from listed.value if listed else ()


def name_of(anomaly: dict[str, str]) -> str:
    return f"anomaly of {anomaly['day']}, {anomaly['id']}"


def run_id(anomaly: dict[str, str]) -> str:
    return record.run_id(name_of(anomaly))


def deliver(
    instance: dg.DagsterInstance, alerts: AlertResource, found: list[dict[str, str]], ui_url: str | None
) -> int:
    """Send these in one message; returns how many. Those that another process sends are left out.

    Raises:
        AlertNotSentError: the webhook did not accept it. They are open again.
    """
    claimed = [each for each in found if record.claim(instance, name_of(each))]
    if not claimed:
        return 0
    with record.sending(instance, [name_of(each) for each in claimed]):
        alerts.send(text(claimed, ui_url))
    return len(claimed)


def text(found: list[dict[str, str]], ui_url: str | None) -> str:
    """The message: a line for each, and where to see who it is."""
    title = "*Unusual spend*" if len(found) == 1 else f"*Unusual spend: {len(found)} cases*"
    lines = [f"- {each['text']}." for each in found[:MAX_LINES]]
    more = [f"... and {len(found) - MAX_LINES} more."] if len(found) > MAX_LINES else []
    where = f"The check {CHECK} of {FCT_COST_DAILY.name} shows who it is."
    link = [f"{ui_url}/assets/{FCT_COST_DAILY.name}?view=checks"] if ui_url else []
    return "\n".join([title, *lines, *more, where, *link])
