"""The digest sensor. A tick sends one digest at most, so that a webhook that hangs takes ten seconds of it.

A text is made once, and kept in memory while the webhook refuses it, so that the warehouse is read once a digest.
"""

from datetime import datetime

import dagster as dg

from ai_usage_assets.days import Clock
from ai_usage_assets.defs.resources import AlertResource
from ai_usage_assets.defs.sensors.alerts.webhook import AlertNotSentError, default_status
from ai_usage_assets.defs.sensors.digest import record
from ai_usage_assets.defs.sensors.digest.due import GIVEN_UP_AFTER, Digest, digests
from ai_usage_assets.defs.warehouse import WarehouseResource
from ai_usage_assets.settings import Settings

INTERVAL_SECONDS = 300


def build(settings: Settings, clock: Clock) -> dg.SensorDefinition:
    texts: dict[str, str] = {}

    @dg.sensor(
        name="digest",
        minimum_interval_seconds=INTERVAL_SECONDS,
        default_status=default_status(settings),
        description=(
            "Sends a digest of the last full week, every Monday, and of each month that is closed, to "
            "AI_USAGE_ALERT_WEBHOOK_URL. Off without it."
        ),
    )
    def digest(
        context: dg.SensorEvaluationContext, alerts: AlertResource, warehouse: WarehouseResource
    ) -> dg.SkipReason:
        now = clock()
        since = first_tick(context.cursor, now)
        context.update_cursor(since.isoformat())
        given_up = []
        for each in digests(context.instance, since, now):
            if not record.is_open(context.instance, each.name, now):
                continue
            if each.is_expired(now):
                why = record.GIVEN_UP.format(name=each.name, days=GIVEN_UP_AFTER.days)
                record.give_up(context.instance, each.name, why)
                given_up.append(each.name)
                continue
            if each.name not in texts:
                from ai_usage_assets.defs.sensors.digest.texts import text_of
                from ai_usage_assets.digest.read import MonthNotFoundError

                try:
                    texts[each.name] = text_of(context, warehouse.engine, settings, each, now)
                except MonthNotFoundError as gone:
                    # it will not come back, and the digests after it are due
                    record.give_up(context.instance, each.name, str(gone))
                    given_up.append(each.name)
                    continue
            if deliver(context.instance, alerts, each, texts[each.name]):
                texts.clear()
                return dg.SkipReason(f"Sent: {each.name}.")
        return dg.SkipReason(f"Given up: {', '.join(given_up)}." if given_up else "No digest is due.")

    return digest


def first_tick(cursor: str | None, now: datetime) -> datetime:
    """When the sensor was on first: digests that were due before are not sent.

    A cursor that cannot be read, or is ahead of the clock, costs nothing: the records of the last weeks say what was sent.
    """
    if cursor is None:
        return now
    try:
        since = datetime.fromisoformat(cursor)
        return since if since <= now else now - GIVEN_UP_AFTER
    except (TypeError, ValueError):
        # a time without a zone cannot be compared
        return now - GIVEN_UP_AFTER


def deliver(instance: dg.DagsterInstance, alerts: AlertResource, digest: Digest, text: str) -> bool:
    """Send the digest; False if another process sends it.

    Raises:
        AlertNotSentError: the webhook did not accept it. It is open again.
    """
    if not record.claim(instance, digest.name):
        return False
    try:
        with record.sending(instance, [digest.name]):
            alerts.send(text)
    except AlertNotSentError as error:
        until = digest.due_at + GIVEN_UP_AFTER
        raise AlertNotSentError(
            f"{digest.name} was not sent: {error.message}",
            f"Check the webhook. It is sent again at the next tick, until {until:%Y-%m-%d %H:%M} UTC.",
        ) from None
    return True
